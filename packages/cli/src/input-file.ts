import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { text as wholeText } from 'node:stream/consumers'
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
 * Reads a file of JSON lines whole, so that nothing is sent when a line is wrong. Blank lines are skipped.
 *
 * @param file a path, or `-` for standard input
 * @throws {CliError} `USAGE`, naming file and line
 */
export async function readRows(file: string, options: RowsOptions): Promise<readonly Row[]> {
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
  if (rows.length === 0) throw new CliError('USAGE', `${name} holds no rows`)
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
