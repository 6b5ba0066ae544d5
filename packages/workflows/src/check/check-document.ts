import type { z } from 'zod'
import { programOf } from '../compile/program.ts'
import { DriaDocument, isDria } from '../dria/dria-document.ts'
import { placesInDria } from '../dria/dria-places.ts'
import { fromDria } from '../dria/dria-import.ts'
import { Step, WorkflowDocument } from '../document/document.ts'
import { refuseMonsters, issueIn } from '../document/parse.ts'
import { WorkflowError } from '../errors.ts'
import { isRecord } from '../records.ts'
import { checkBody } from './check-body.ts'
import { checkDriaNames } from './check-dria.ts'
import { placeOf, type Finding } from './finding.ts'

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
  try {
    refuseMonsters(json)
    const read = WorkflowDocument.safeParse(json)
    if (!read.success) return read.error.issues.map((issue) => misfit(issue, json))
    return checkCompiled(read.data)
  } catch (error) {
    return [unreadable(error, '')]
  }
}

function checkDria(json: unknown): readonly Finding[] {
  try {
    refuseMonsters(json)
    const read = DriaDocument.safeParse(json)
    if (!read.success) return read.error.issues.map((issue) => misfit(issue, json))
    const place = placesInDria(read.data)
    const found = checkCompiled(fromDria(json)).map((finding) =>
      Object.assign({}, finding, { path: place(finding.path) }),
    )
    return [...checkDriaNames(read.data), ...found]
  } catch (error) {
    return [unreadable(error, stepPlace(json, 'tasks', error))]
  }
}

function checkCompiled(document: WorkflowDocument): readonly Finding[] {
  try {
    const found = checkBody(document)
    if (found.some(isError)) return found
    programOf(document)
    return found
  } catch (error) {
    return [unreadable(error, stepPlace(document, 'steps', error))]
  }
}

/** An error of the reader as a finding. */
function unreadable(error: unknown, path: string): Finding {
  if (!(error instanceof WorkflowError)) throw error
  return {
    severity: 'error',
    code: 'UNREADABLE',
    path,
    message: error.message,
    mend: MENDS[error.code] ?? 'Change it as the message says.',
  }
}

const MENDS: Readonly<Partial<Record<WorkflowError['code'], string>>> = {
  INVALID_SCHEMA: 'Use the keywords of JSON Schema that the language knows.',
}

/** Where the step stands that an error names. */
function stepPlace(json: unknown, member: string, error: unknown): string {
  const id = error instanceof WorkflowError ? error.step : undefined
  const list = isRecord(json) ? json[member] : undefined
  if (id === undefined || !Array.isArray(list)) return ''
  const index = list.findIndex((entry) => isRecord(entry) && entry['id'] === id)
  return index === -1 ? '' : `${member}[${index}]`
}

/** A place that has not the form that it should have. */
function misfit(issue: z.core.$ZodIssue, json: unknown): Finding {
  const { path, message } = issueIn(issue)
  const isMissing = message.endsWith('received undefined') || !isPresent(json, path)
  const name = String(path.at(-1) ?? 'it')
  const isReturn = name === 'returns' || name === 'return_value'
  return {
    severity: 'error',
    code: isMissing && isReturn ? 'MISSING_RETURN' : 'UNREADABLE',
    path: placeOf(path),
    message: isMissing ? `'${name}' is missing` : message,
    mend: mendOf(issue, { json, isMissing, name }),
  }
}

interface Misfit {
  readonly json: unknown
  readonly isMissing: boolean
  readonly name: string
}

function mendOf(issue: z.core.$ZodIssue, { json, isMissing, name }: Misfit): string {
  if (isMissing && name === 'returns') return `Say which key the workflow returns: "returns": "…".`
  if (isMissing && name === 'return_value') {
    return `Say what the workflow returns: "return_value": {"input": {"type": "read", "key": "…"}}.`
  }
  if (isMissing) return `Add "${name}".`
  if (name === 'operator' && valueAt(json, issue.path) === 'check') return NO_CHECK
  if (issue.code !== 'unrecognized_keys') return 'Write what is expected there.'
  const known = namesAt(valueAt(json, issue.path), issue.path)
  return known.length === 0 ? 'Leave it out.' : `There are: ${known.join(', ')}.`
}

const NO_CHECK = `Dria's executor knows no 'check' any more: put a condition on the edge of the step before.`

/** The names that can stand in a place that has one too many. */
function namesAt(value: unknown, path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return Object.keys(WorkflowDocument.shape)
  if (typeof path.at(-1) !== 'number' || path.at(-2) !== 'steps' || !isRecord(value)) return []
  const option = Step.options.find(
    ({ shape }) => shape.operator.safeParse(value['operator']).success,
  )
  return option === undefined ? [] : Object.keys(option.shape)
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value = json
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = Reflect.get(value, part)
  }
  return value
}

function isPresent(json: unknown, path: readonly PropertyKey[]): boolean {
  return path.length === 0 || valueAt(json, path) !== undefined
}
