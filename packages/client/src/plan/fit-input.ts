import { z } from 'zod'
import { isRecord } from '../guards.ts'
import { schemaOfJson } from './json-schema.ts'
import { isAboutNothing, lackingIn, Misfit, type Reading } from './misfit.ts'
import { ownColumns } from './own-columns.ts'
import type { AnyWorkflow, Plan, Work } from './plan.ts'
import type { AnyWork } from './runnable.ts'
import { describeIssues } from '../schema-issues.ts'
import { lackOf } from './workflow-lack.ts'

/** Makes a step's input of a row. Throws `INVALID_INPUT` where it does not fit. */
export type Fitter = (row: unknown) => unknown

/** Names of the columns that rows have or may have; undefined where nobody knows. */
type Columns = ReadonlySet<string> | undefined

/** A row fits when it is the step's input, or when the step has one input and the row is that value. */
export function fitterOf(work: Work, columns?: Columns): Fitter {
  if (work.kind === 'workflow') return workflowFitter(work.workflow, columns)
  const { name, input } = work.step
  return schemaFitter({ schema: input, names: namesOf(input), columns, where: `step '${name}'` })
}

/** Names of a step's inputs, where they have names. */
export function inputNamesOf(work: Work): readonly string[] | undefined {
  return work.kind === 'workflow'
    ? Object.keys(work.workflow.document.input)
    : namesOf(work.step.input)
}

/** The schema of what a step or plan takes. */
export function inputOf(work: AnyWork): z.ZodType | undefined {
  if (work.kind === 'plan') return work.plan.input
  if (work.kind === 'local') return work.step.input
  const { input, optionalInputs = [] } = work.workflow.document
  const fields = Object.entries(input).map(([name, json]) => {
    const field = schemaOfJson(json)
    return [name, optionalInputs.includes(name) ? field.optional() : field] as const
  })
  return z.object(Object.fromEntries(fields))
}

/** The same for a plan that stands in another. */
export function fitterOfPlan(plan: Plan, columns?: Columns): Fitter {
  const { name, input: schema, inputNames: names, keepsInput } = plan
  if (!schema) return (row) => row
  const fit = schemaFitter({ schema, names, columns, where: `pipeline '${name}'` })
  if (!keepsInput) return fit
  return (row) => {
    fit(row)
    return row
  }
}

function workflowFitter(workflow: AnyWorkflow, columns: Columns): Fitter {
  const { document } = workflow
  const names = Object.keys(document.input)
  const optional = new Set<string>(document.optionalInputs)
  const required = names.filter((key) => !optional.has(key))
  const only = names.length === 1 ? names[0] : undefined
  const isOptional = only !== undefined && optional.has(only)
  let schema: z.ZodType | undefined
  const asValue = (row: unknown) => {
    schema ??= schemaOfJson(document.input[only ?? ''] ?? {})
    return schema.safeParse(row)
  }
  return (row) => {
    const input = pick(row, names, required)
    if (input) {
      const mayBeValue = isOptional && isLeftOut(row, only, columns)
      return mayBeValue && asValue(row).success ? { [only]: row } : input
    }
    if (only !== undefined && (isOptional || mayStandFor(row, only, asValue)))
      return { [only]: row }
    const missing = required.filter((key) => !isRecord(row) || !has(row, key))
    throw lackOf(workflow, row, missing)
  }
}

/** Whether there is something: what is undefined does not travel. */
function has(row: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.hasOwn(row, name) && row[name] !== undefined
}

/**
 * Whether a row is the value of a step's only input, rather than one that lacks it: that is no object, or one with members
 * that the row has not. What else is wrong with a value is for its node to say, which is less strict.
 */
function mayStandFor(
  row: unknown,
  only: string,
  asValue: (row: unknown) => z.ZodSafeParseResult<unknown>,
): boolean {
  if (!isRecord(row)) return row !== undefined
  if (Object.hasOwn(row, only)) return false
  const { error } = asValue(row)
  return !error?.issues.some((issue) =>
    issue.path.length === 0 ? issue.code === 'invalid_type' : isAboutNothing(issue, row),
  )
}

/** What a plan that is tried as a whole is given of a row: of that its own schema makes what its steps are given. */
export function givenOfPlan(plan: Plan): Fitter {
  const { name, input: schema, inputNames: names } = plan
  if (!schema) return (row) => row
  const read = schemaReader({ schema, names, columns: undefined, where: `pipeline '${name}'` })
  return (row) => {
    const { asValue } = read(row)
    if (asValue !== undefined) return { [asValue]: row }
    return names && isRecord(row) && !takesOthers(schema) ? pickFrom(row, names) : row
  }
}

interface Reader {
  readonly schema: z.ZodType
  readonly names: readonly string[] | undefined
  readonly columns: Columns
  readonly where: string
}

/** What a schema makes of a row, and the name of the only input of which that is the value. */
interface Read {
  readonly data: unknown
  readonly asValue: string | undefined
}

function schemaFitter(parts: Reader): Fitter {
  const read = schemaReader(parts)
  return (row) => read(row).data
}

function schemaReader({ schema, names, columns, where }: Reader): (row: unknown) => Read {
  const only = names?.length === 1 ? names[0] : undefined
  const wanted = takesOthers(schema) ? undefined : names
  const isValue = (row: unknown, { success }: Parsed) => {
    if (only === undefined) return false
    return success
      ? wanted && isLeftOut(row, only, columns)
      : !(isRecord(row) && Object.hasOwn(row, only))
  }
  return (row) => {
    const parsed = schema.safeParse(ownColumns((wanted && pick(row, wanted, [])) ?? row, names))
    const asValue = isValue(row, parsed) ? only : undefined
    const whole = asValue === undefined ? parsed : schema.safeParse({ [asValue]: row })
    if (whole.success) return { data: whole.data, asValue }
    if (parsed.success) return { data: parsed.data, asValue: undefined }
    const readings: Reading[] = [{ issues: parsed.error.issues, value: row, depth: 0 }]
    if (asValue !== undefined)
      readings.push({ issues: whole.error.issues, value: { [asValue]: row }, depth: 1 })
    throw new Misfit(`${where}: ${describeIssues(whole.error)}`, lackingIn(readings))
  }
}

type Parsed = ReturnType<z.ZodType['safeParse']>

/**
 * Whether nothing of an object would be taken, though it may be the value of the only input, which is optional: it is no
 * row of columns, as a date, or one that never has a column of that name. Where that is not known, the column was not given.
 */
function isLeftOut(row: unknown, only: string, columns: Columns): boolean {
  if (!isRecord(row) || Object.hasOwn(row, only)) return false
  const kind: unknown = Object.getPrototypeOf(row)
  if (kind !== Object.prototype && kind !== null) return true
  return columns !== undefined && !columns.has(only) && Object.keys(row).length > 0
}

/** The named columns of a row, if it has those that are required; the row itself when it has no others. */
function pick(
  row: unknown,
  names: readonly string[],
  required: readonly string[],
): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(row)) return undefined
  for (const name of required) if (!has(row, name)) return undefined
  let columns = 0
  for (const column in row) {
    if (!names.includes(column)) return pickFrom(row, names)
    columns++
  }
  return columns > 0 || required.length === 0 ? row : undefined
}

/** The named columns that the row has. */
export function pickFrom(
  row: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  const own = names.filter((name) => Object.hasOwn(row, name))
  return Object.fromEntries(own.map((name) => [name, row[name]]))
}

/** Names of the inputs of a schema, where it is an object. */
export function namesOf(schema: z.ZodType): readonly string[] | undefined {
  const shape: unknown = 'shape' in schema ? schema.shape : undefined
  return isRecord(shape) ? Object.keys(shape) : undefined
}

/** Whether an object's schema takes columns that it does not name: `z.looseObject()`, `.catchall()`. */
export function takesOthers(schema: z.ZodType): boolean {
  const definition: unknown = 'def' in schema ? schema.def : undefined
  const others = isRecord(definition) ? definition['catchall'] : undefined
  return isRecord(others) && others['type'] !== 'never'
}
