import { programOf } from '../compile/program.ts'
import { DriaDocument, isDria } from '../dria/dria-document.ts'
import { misfitsInDria, placesInDria } from '../dria/dria-places.ts'
import { convert } from '../dria/dria-import.ts'
import { WorkflowDocument } from '../document/document.ts'
import { misfitsOf, type Flaw, type Misfit } from '../document/misfit.ts'
import { monsterIn } from '../document/monster.ts'
import { WorkflowError } from '../errors.ts'
import { isRecord } from '../records.ts'
import { planReturns } from '../interpret/returns.ts'
import { checkBody } from './check-body.ts'
import { checkDriaNames } from './check-dria.ts'
import { withoutMisfits } from './mended.ts'
import type { Finding } from './finding.ts'
import { placeOf } from '../document/place.ts'

/** Mistakes of one document that are listed; the first are the ones to mend. */
const MOST_FINDINGS = 1000

/**
 * Looks for what is wrong with a workflow without running it: what cannot be read, keys that are read before anything
 * writes them or never read, steps that never run or never end, return values that nothing writes.
 *
 * @param json a workflow document, or one of Dria's
 * @returns errors first, each with its place in the given document; empty where nothing was found
 */
export function checkWorkflow(json: unknown): readonly Finding[] {
  const found = isDria(json) ? checkDria(json) : checkOwn(json)
  return [...found.filter(isError), ...found.filter((entry) => !isError(entry))].slice(
    0,
    MOST_FINDINGS,
  )
}

function isError({ severity }: Finding): boolean {
  return severity === 'error'
}

function checkOwn(json: unknown): readonly Finding[] {
  const monster = monsterIn(json)
  if (monster !== undefined) return [findingOf(monster)]
  const read = WorkflowDocument.safeParse(json)
  return read.success ? checkCompiled(read.data) : checkMisfits(misfitsOf(read.error, json), json)
}

/** What cannot be read, and what else is wrong where the rest can be followed nevertheless. */
function checkMisfits(misfits: readonly Misfit[], json: unknown): readonly Finding[] {
  const found = misfits.map(findingOf)
  const mended = withoutMisfits(json, misfits)
  const read = WorkflowDocument.safeParse(mended?.json)
  if (mended === undefined || !read.success) return found
  const more = checkBody(read.data).filter(({ path }) => !mended.isLeftOut(path))
  return [
    ...found,
    ...more.map((finding) => Object.assign({}, finding, { path: mended.place(finding.path) })),
  ]
}

function checkDria(json: unknown): readonly Finding[] {
  const monster = monsterIn(json)
  if (monster !== undefined) return [findingOf(monster)]
  try {
    const read = DriaDocument.safeParse(json)
    if (!read.success) return misfitsOf(read.error, json).map(findingOf)
    const place = placesInDria(read.data)
    const made = convert(read.data)
    const own = WorkflowDocument.safeParse(made)
    const found = own.success
      ? checkCompiled(own.data).map((finding) =>
          Object.assign({}, finding, {
            path: place(finding.path),
            mend: mendInDria(finding.mend),
          }),
        )
      : misfitsInDria(read.data, misfitsOf(own.error, made)).map(({ misfit, path }) =>
          Object.assign(findingOf(misfit), { path }),
        )
    return [...checkDriaNames(read.data), ...found]
  } catch (error) {
    return [unreadable(error, stepPlace(json, 'tasks', error))]
  }
}

function mendInDria(mend: string): string {
  return mend.replace('limits.maxSteps', 'config.max_steps')
}

function checkCompiled(document: WorkflowDocument): readonly Finding[] {
  try {
    const found = checkBody(document)
    if (found.some(isError)) return found
    if (planReturns(document.returns).values.length === 0) return [NOTHING_RETURNED, ...found]
    programOf(document)
    return found
  } catch (error) {
    return [unreadable(error, stepPlace(document, 'steps', error))]
  }
}

const NOTHING_RETURNED: Finding = {
  severity: 'error',
  code: 'MISSING_RETURN',
  path: 'returns',
  message: 'the workflow returns nothing',
  mend: `Name a key under "value", or keys under "values".`,
}

/** An error of the reader as a finding. */
function unreadable(error: unknown, path: string): Finding {
  if (!(error instanceof WorkflowError)) throw error
  const [, message = error.message, mend = 'change what it names'] =
    /^(.*); ([^;]*)$/s.exec(error.message) ?? []
  return {
    severity: 'error',
    code: 'UNREADABLE',
    path,
    message,
    mend: `${mend.slice(0, 1).toUpperCase()}${mend.slice(1)}.`,
  }
}

/** Where the step stands that an error names. */
function stepPlace(json: unknown, member: string, error: unknown): string {
  const id = error instanceof WorkflowError ? error.step : undefined
  const list = isRecord(json) ? json[member] : undefined
  if (id === undefined || !Array.isArray(list)) return ''
  const index = list.findIndex((entry) => isRecord(entry) && entry['id'] === id)
  return index === -1 ? '' : `${member}[${index}]`
}

/** A place of the document that cannot be read. */
function findingOf(flaw: Flaw | Misfit): Finding {
  const { path, message, mend } = flaw
  const name = path.at(-1)
  const isMissing = 'kind' in flaw && flaw.kind === 'missing'
  const isReturn = name === 'returns' || name === 'return_value'
  return {
    severity: 'error',
    code: isMissing && isReturn ? 'MISSING_RETURN' : 'UNREADABLE',
    path: placeOf(path),
    message,
    mend,
  }
}
