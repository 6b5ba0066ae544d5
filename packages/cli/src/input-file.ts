import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { text as wholeText } from 'node:stream/consumers'
import { CliError, codeOf } from './errors.ts'
import { fitRow, inputHelp, type Row, type RowSchema } from './input.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
}

/** Bad lines named before the rest is only counted. */
const PROBLEMS_SHOWN = 5

/**
 * Reads a file of JSON lines whole, so that nothing is sent when a line is wrong. Blank lines are skipped.
 *
 * @param file a path, or `-` for `stdin`
 * @throws {CliError} `USAGE`, naming file and line
 */
export async function readRows(
  file: string,
  schema: RowSchema,
  stdin: Readable,
): Promise<readonly Row[]> {
  const name = file === '-' ? 'standard input' : basename(file)
  const rows: Row[] = []
  const problems: string[] = []
  const lines = await linesOf(file, stdin)
  lines.forEach((line, index) => {
    if (line.trim() === '') return
    const result = parseRow(line, schema)
    if ('row' in result) rows.push(result.row)
    else problems.push(`${name} line ${index + 1}: ${result.problem}`)
  })
  if (problems.length > 0) throw badRows(problems, schema)
  if (rows.length === 0) throw new CliError('USAGE', `${name} holds no rows`)
  return rows
}

function parseRow(text: string, schema: RowSchema): ReturnType<typeof fitRow> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { problem: `not valid JSON (${syntaxProblem(error)})` }
  }
  return fitRow(value, schema)
}

/** What the parser says, without the piece of the row that it quotes: rows may be private. */
function syntaxProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  return message.replace(/, ("|\.\.\.).* is not valid JSON$/s, '').replace(/ \(line 1 /, ' (')
}

async function linesOf(file: string, stdin: Readable): Promise<string[]> {
  try {
    const content = await (file === '-' ? wholeText(stdin) : readFile(file, 'utf8'))
    return content.replace(/^\uFEFF/, '').split(/\r?\n/)
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(file: string, cause: unknown): CliError {
  const why = cause instanceof Error ? (REASONS[codeOf(cause)] ?? cause.message) : 'unknown'
  return new CliError('USAGE', `cannot read ${file}: ${why}`, { cause })
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
