import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { text as wholeText } from 'node:stream/consumers'
import { ClientError, read } from '@skein/client'
import { CliError } from './errors.ts'
import { readText, syntaxProblem } from './files.ts'
import { fitRow, inputHelp, type Row, type RowSchema } from './input.ts'

/** Bad lines named before the rest is only counted. */
const PROBLEMS_SHOWN = 5

export interface RowsOptions {
  readonly schema: RowSchema
  /** Inputs that all rows share. */
  readonly common?: Row
  /** What `-` reads. */
  readonly stdin: Readable
}

/**
 * Reads a file of JSON lines, CSV or Parquet whole, so that nothing is sent when a row is wrong. Blank lines are
 * skipped; columns that the inputs do not know are an error in JSON lines and left out elsewhere.
 *
 * @param file a path, or `-` for standard input
 * @throws {CliError} `USAGE`, naming file and line
 */
export async function readRows(file: string, options: RowsOptions): Promise<readonly Row[]> {
  const name = file === '-' ? 'standard input' : basename(file)
  const isTable = /\.(?:csv|parquet)$/i.test(file)
  const rows = isTable ? await tableRows(file, options) : await lineRows(file, options)
  if (rows.length === 0) throw new CliError('USAGE', `${name} holds no rows`)
  return rows
}

async function tableRows(
  file: string,
  { schema, common = {} }: RowsOptions,
): Promise<readonly Row[]> {
  const shape = Object.fromEntries(
    Object.entries(schema.shape).map(([name, field]) => [
      name,
      Object.hasOwn(common, name) ? field.optional() : field,
    ]),
  )
  try {
    const rows: Row[] = []
    for await (const row of read(file, shape)) rows.push({ ...common, ...row })
    return rows
  } catch (cause) {
    if (!(cause instanceof ClientError)) throw cause
    const [problem = ''] = cause.message.split('; mend it')
    throw new CliError('USAGE', problem, { cause, mend: `Nothing was sent. ${inputHelp(schema)}` })
  }
}

async function lineRows(file: string, options: RowsOptions): Promise<readonly Row[]> {
  const name = file === '-' ? 'standard input' : basename(file)
  const rows: Row[] = []
  const problems: string[] = []
  const lines = await linesOf(file, options.stdin)
  lines.forEach((line, index) => {
    if (line.trim() === '') return
    const result = parseRow(line, options)
    if ('row' in result) rows.push(result.row)
    else problems.push(`${name} line ${index + 1}: ${result.problem}`)
  })
  if (problems.length > 0) throw badRows(problems, options.schema)
  return rows
}

function parseRow(text: string, { schema, common }: RowsOptions): ReturnType<typeof fitRow> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { problem: `not valid JSON (${syntaxProblem(error)})` }
  }
  return fitRow(value, schema, common)
}

async function linesOf(file: string, stdin: Readable): Promise<string[]> {
  const content = await (file === '-' ? wholeText(stdin) : readText(file))
  return content.replace(/^\uFEFF/, '').split(/\r?\n/)
}

function badRows(problems: readonly string[], schema: RowSchema): CliError {
  const shown = problems.slice(0, PROBLEMS_SHOWN)
  const more = problems.length - shown.length
  if (more > 0) shown.push(`… and ${more} more`)
  return new CliError('USAGE', shown.join('\n'), {
    mend: `Nothing was sent. Each line must be one JSON object with ${Object.keys(schema.shape)
      .map((name) => `"${name}"`)
      .join(', ')}. ${inputHelp(schema)}`,
  })
}
