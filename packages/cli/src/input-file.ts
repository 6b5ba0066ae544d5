import { isUtf8 } from 'node:buffer'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { ClientError, read } from '@skein/client'
import { countBadRows, writeBadRows, type BadRow } from './bad-rows.ts'
import { CliError } from './errors.ts'
import { parseExactly } from './exact-json.ts'
import { readBytes, syntaxProblem } from './files.ts'
import { fitRow, inputHelp, type Row, type RowSchema } from './input.ts'

/** Bad lines named before the rest is only counted. */
const PROBLEMS_SHOWN = 5

export interface RowsOptions {
  readonly schema: RowSchema
  /** Inputs that all rows share. */
  readonly common?: Row
  /** What `-` reads. */
  readonly stdin: Readable
  /** A file that takes rows that are wrong; the others are read all the same. @default nothing is read */
  readonly failures?: string
}

/** What a file holds. */
export interface FileRows {
  readonly rows: readonly Row[]
  /** How many rows were wrong and are left out. */
  readonly bad: number
}

/**
 * Reads a file of JSON lines, CSV or Parquet whole, so that nothing is sent when a row is wrong. Blank lines are
 * skipped; columns that the inputs do not know are an error in JSON lines and left out elsewhere. With a file for
 * wrong rows, the others are taken all the same.
 *
 * @param file a path, or `-` for standard input
 * @throws {CliError} `USAGE`, naming file and line
 */
export async function readRows(file: string, options: RowsOptions): Promise<FileRows> {
  const name = file === '-' ? 'standard input' : basename(file)
  const isTable = /\.(?:csv|parquet)$/i.test(file)
  const found = isTable ? await tableRows(file, options) : await lineRows(file, options)
  if (found.rows.length > 0) return found
  const { bad } = found
  if (bad === 0) throw new CliError('USAGE', `${name} holds no rows`)
  throw new CliError('USAGE', `no row of ${name} fits: ${options.failures} says why`)
}

async function tableRows(
  file: string,
  { schema, common = {}, failures }: RowsOptions,
): Promise<FileRows> {
  const shape = Object.fromEntries(
    Object.entries(schema.shape).map(([name, field]) => [
      name,
      Object.hasOwn(common, name) ? field.optional() : field,
    ]),
  )
  try {
    const rows: Row[] = []
    const options = failures === undefined ? {} : { failures }
    for await (const row of read(file, shape, options)) rows.push(filledIn(row, common))
    return { rows, bad: failures === undefined ? 0 : await countBadRows(failures) }
  } catch (cause) {
    if (!(cause instanceof ClientError)) throw cause
    const [problem = ''] = cause.message.split(/; (?:mend it|let bad rows)/)
    throw new CliError('USAGE', problem, {
      cause,
      mend: `Nothing was sent; --failures FILE leaves such rows out. ${inputHelp(schema)}`,
    })
  }
}

/** A row with what all rows share where its own cell is empty. */
function filledIn(row: Row, common: Row): Row {
  const filled = { ...row }
  for (const [name, value] of Object.entries(common)) filled[name] = row[name] ?? value
  return filled
}

async function lineRows(file: string, options: RowsOptions): Promise<FileRows> {
  const name = file === '-' ? 'standard input' : basename(file)
  const rows: Row[] = []
  const bad: BadRow[] = []
  const lines = await linesOf(file, options.stdin)
  lines.forEach((line, index) => {
    if (line.trim() === '') return
    const result = parseRow(line, options)
    if ('row' in result) rows.push(result.row)
    else bad.push({ place: `line ${index + 1}`, problem: result.problem, text: line })
  })
  const { failures, schema } = options
  if (failures !== undefined) await writeBadRows(failures, file, bad)
  else if (bad.length > 0) {
    throw badRows(
      bad.map(({ place, problem }) => `${name} ${place}: ${problem}`),
      schema,
    )
  }
  return { rows, bad: bad.length }
}

function parseRow(text: string, { schema, common }: RowsOptions): ReturnType<typeof fitRow> {
  let value: unknown
  try {
    value = parseExactly(text)
  } catch (error) {
    if (error instanceof RangeError) return { problem: error.message }
    return { problem: `not valid JSON (${syntaxProblem(error)})` }
  }
  return fitRow(value, schema, common)
}

async function linesOf(file: string, stdin: Readable): Promise<string[]> {
  const bytes = await (file === '-' ? buffer(stdin) : readBytes(file))
  if (!isUtf8(bytes)) throw notText(file, bytes)
  return bytes
    .toString()
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
}

function notText(file: string, bytes: Buffer): CliError {
  let [line, start] = [1, 0]
  for (let end = 0; (end = bytes.indexOf('\n', start)) !== -1; line++) {
    if (!isUtf8(bytes.subarray(start, end))) break
    start = end + 1
  }
  const name = file === '-' ? 'standard input' : file
  const mend = 'Save the file as UTF-8. Nothing was sent.'
  return new CliError('USAGE', `cannot read ${name}: line ${line}: it is not UTF-8`, { mend })
}

function badRows(problems: readonly string[], schema: RowSchema): CliError {
  const shown = problems.slice(0, PROBLEMS_SHOWN)
  const more = problems.length - shown.length
  if (more > 0) shown.push(`… and ${more} more`)
  return new CliError('USAGE', shown.join('\n'), {
    mend: `Nothing was sent; --failures FILE leaves such rows out. Each line must be one JSON object with ${Object.keys(
      schema.shape,
    )
      .map((name) => `"${name}"`)
      .join(', ')}. ${inputHelp(schema)}`,
  })
}
