import type { z } from 'zod'
import { CliError } from './errors.ts'
import { parseExactly } from './exact-json.ts'
import { didYouMean } from './suggestion.ts'

/** Turning what a person typed into the input of a pipeline, with errors that a person can act on. */

/** What one row must look like, where its inputs have names. */
export type RowSchema = z.ZodObject<Readonly<Record<string, z.ZodType>>>

/** The same where it may be any value, such as a text. */
export type InputSchema = z.ZodType

export type Row = Record<string, unknown>

/** Whether inputs have names; a graph or a chain may take a mere value. */
export function hasNames(schema: InputSchema): schema is RowSchema {
  return 'shape' in schema && isRow(schema.shape)
}

/**
 * Reads `--input name=value` pairs as a whole input.
 *
 * @throws {CliError} `USAGE`
 */
export function inputFromPairs(pairs: readonly string[], schema: InputSchema): Row {
  if (!hasNames(schema)) throw nameless('its input is a value without a name')
  const row = parsePairs(pairs, schema)
  const problem = misfit(row, schema)
  if (problem === undefined) return row
  throw new CliError('USAGE', problem, { mend: inputHelp(schema) })
}

/**
 * Reads `--input name=value` pairs as far as they go. A value stays a string where the schema takes one, and is
 * JSON elsewhere.
 *
 * @throws {CliError} `USAGE`
 */
export function parsePairs(pairs: readonly string[], schema: InputSchema): Row {
  const row: Row = {}
  const [first] = pairs
  if (first === undefined) return row
  if (!hasNames(schema)) throw nameless(`--input ${first}: its input has no names`)
  for (const pair of pairs) {
    const split = pair.indexOf('=')
    if (split < 1) {
      throw new CliError('USAGE', `--input ${pair}: expected name=value`)
    }
    const name = pair.slice(0, split)
    if (Object.hasOwn(row, name)) throw new CliError('USAGE', `input "${name}" is given twice`)
    const field = ownField(schema, name)
    if (!field) throw unknownInput(name, schema)
    row[name] = valueOf(name, pair.slice(split + 1), field)
  }
  return row
}

/** @throws {CliError} `USAGE` what is given by name has no place there */
function nameless(message: string): CliError {
  return new CliError('USAGE', message, { mend: VALUES_HELP })
}

const VALUES_HELP = 'It takes values: --inputs FILE, with a value as JSON in each line.'

/**
 * The row that a value of a file stands for: itself, or the one input it fits. `common` fills in what it lacks.
 *
 * @returns a sentence that says what is wrong, where it does not fit
 */
export function fitRow(
  value: unknown,
  schema: InputSchema,
  common: Row = {},
): { row: unknown } | { problem: string } {
  if (!hasNames(schema)) {
    const result = schema.safeParse(value)
    return result.success ? { row: value } : { problem: problemOf(result) }
  }
  const [only, ...others] = Object.keys(schema.shape).filter((name) => !Object.hasOwn(common, name))
  const given = isRow(value)
  if (!given && (only === undefined || others.length > 0)) {
    return { problem: `expected an object with ${namesOf(schema)}, found ${kindOf(value)}` }
  }
  const row = given ? { ...common, ...value } : { ...common, [only ?? '']: value }
  const problem = misfit(row, schema)
  return problem === undefined ? { row } : { problem }
}

/** "--input topic=…" for every input, so that the command line can be copied. */
export function inputHelp(schema: InputSchema): string {
  if (!hasNames(schema)) return VALUES_HELP
  const names = Object.keys(schema.shape)
  if (names.length === 0) return 'It takes no inputs.'
  return `It takes ${names.map((name) => `--input ${name}=…`).join(' ')}`
}

function valueOf(name: string, text: string, field: z.ZodType): unknown {
  if (field.safeParse(text).success) return text
  try {
    return parseExactly(text)
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new CliError('USAGE', `input "${name}": ${cause.message}`)
    const refused = field.safeParse(text)
    const expected = problemOf(refused, [name])
    throw new CliError('USAGE', `input ${expected}, and the value is not JSON`, {
      mend: mendOf(name, refused),
    })
  }
}

/** What JSON has for a kind of value. */
const EXAMPLES: Readonly<Record<string, string>> = {
  number: '3',
  int: '3',
  boolean: 'true',
  object: '{"a": 1}',
  record: '{"a": 1}',
}

function mendOf(name: string, { error }: z.ZodSafeParseResult<unknown>): string {
  const [issue] = error?.issues ?? []
  const kind = issue?.code === 'invalid_type' ? issue.expected : 'array'
  if (kind === 'date') {
    return 'JSON has no dates: let the pipeline take z.coerce.date(), or its rows come from a CSV or Parquet file'
  }
  const example = EXAMPLES[kind] ?? '["a", "b"]'
  return `Lists, objects, numbers and truth values are written as JSON: --input '${name}=${example}'`
}

function misfit(row: Row, schema: RowSchema): string | undefined {
  for (const name of Object.keys(row)) {
    if (!ownField(schema, name)) return unknownInput(name, schema).message
  }
  const missing = Object.entries(schema.shape).flatMap(([name, field]) =>
    Object.hasOwn(row, name) || field.safeParse(undefined).success ? [] : [`"${name}"`],
  )
  const last = missing.pop()
  if (missing.length > 0) return `missing inputs ${missing.join(', ')} and ${last}`
  if (last !== undefined) return `missing input ${last}`
  const result = schema.safeParse(row)
  return result.success ? undefined : `input ${problemOf(result)}`
}

function unknownInput(name: string, schema: RowSchema): CliError {
  const names = Object.keys(schema.shape)
  return new CliError('USAGE', `there is no input "${name}".${didYouMean(name, names)}`, {
    mend: inputHelp(schema),
  })
}

function ownField(schema: RowSchema, name: string): z.ZodType | undefined {
  return Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The first thing that a schema found wrong: `"count": expected number, received string`. */
export function problemOf(
  result: z.ZodSafeParseResult<unknown>,
  at: readonly string[] = [],
): string {
  const issue = result.error?.issues[0]
  if (!issue) return 'does not fit'
  const message = issue.message.replace(/^(?:Invalid (?:input|option)|Too (?:small|big)): /, '')
  const path = [...at, ...issue.path].join('.')
  return path === '' ? message : `"${path}": ${message}`
}

function namesOf(schema: RowSchema): string {
  return Object.keys(schema.shape)
    .map((name) => `"${name}"`)
    .join(', ')
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return `a ${typeof value}`
}
