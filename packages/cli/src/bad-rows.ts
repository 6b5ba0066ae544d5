import { readFile, stat, writeFile } from 'node:fs/promises'
import { CliError, codeOf } from './errors.ts'
import { reasonOf } from './files.ts'

/** A row that was left out, and why. */
export interface BadRow {
  readonly place: string
  readonly problem: string
  readonly text: string
}

/**
 * Begins the file of rows that are left out anew.
 *
 * @throws {CliError} `USAGE` it is the file that is read, or cannot be written
 */
export async function writeBadRows(
  file: string,
  source: string,
  rows: readonly BadRow[],
): Promise<void> {
  if (await isSame(file, source)) {
    throw new CliError('USAGE', `${file} is the file that is read`, {
      mend: 'Let bad rows go elsewhere: --failures bad-rows.jsonl',
    })
  }
  try {
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  } catch (cause) {
    const message = `cannot write ${file}: ${reasonOf(codeOf(cause))}`
    throw new CliError('USAGE', message, { cause })
  }
}

/** How many rows a file of rows that were left out has. */
export async function countBadRows(file: string): Promise<number> {
  const text = await readFile(file, 'utf8')
  return text.split('\n').filter((line) => line !== '').length
}

/** Also by another path, or by a link. */
async function isSame(file: string, source: string): Promise<boolean> {
  if (source === '-') return false
  const [one, other] = await Promise.all([identityOf(file), identityOf(source)])
  return one !== undefined && one === other
}

async function identityOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(file, { bigint: true })
    return `${dev}/${ino}`
  } catch {
    return undefined
  }
}
