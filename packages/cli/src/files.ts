import { readFile } from 'node:fs/promises'
import { repeatedNameIn } from '@skein/workflows'
import { parse as parseToml, TomlError } from 'smol-toml'
import { CliError, codeOf } from './errors.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EACCES: 'permission denied',
}

/** What the code of a system error means for a file that is to be read. */
export function reasonOf(code: string): string {
  return REASONS[code] ?? code
}

/** @throws {CliError} `USAGE` naming the file and the reason */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new CliError('USAGE', `cannot read ${file}: ${reasonOf(codeOf(cause))}`, {
      cause,
    })
  }
}

/** @throws {CliError} `USAGE` when the file cannot be read or is no JSON */
export async function readJson(file: string): Promise<unknown> {
  const text = (await readText(file)).replace(/^\uFEFF/, '')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new CliError('USAGE', `${file} is not valid JSON: ${syntaxProblem(cause)}`, { cause })
  }
  const name = repeatedNameIn(text)
  if (name === undefined) return json
  throw new CliError('USAGE', `${file} has "${name}" twice in one object`, {
    mend: 'Only the last would count: give one of them another name, or leave it out.',
  })
}

/**
 * A document of the user: TOML where its name says so, else JSON.
 *
 * @throws {CliError} `USAGE` when the file cannot be read or is neither
 */
export async function readDocument(file: string): Promise<unknown> {
  if (!file.endsWith('.toml')) return readJson(file)
  const text = await readText(file)
  try {
    return parseToml(text)
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    // What follows the first line quotes the text.
    const [reason = ''] = cause.message.replace('Invalid TOML document: ', '').split('\n')
    const place = `line ${cause.line} column ${cause.column}`
    throw new CliError('USAGE', `${file} is not valid TOML: ${reason} (${place})`, { cause })
  }
}

/** What JSON's parser says, without the piece of the text that it quotes: it may be private. */
export function syntaxProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/, ("|\.\.\.).* is not valid JSON$/s, '').replace(/ \(line 1 /, ' (')
}
