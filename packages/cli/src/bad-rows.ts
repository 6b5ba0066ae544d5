import { createReadStream } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { CliError, codeOf } from './errors.ts'
import { reasonOf } from './files.ts'

/** A row that was left out, and why. */
export interface BadRow {
  readonly place: string
  readonly problem: string
  readonly text: string
}

/** Bad rows whose problems are kept to be told; the rest is only counted. */
const PROBLEMS_SHOWN = 5

/** Takes the rows that are wrong, into a file if there is one for them. */
export class BadRows {
  /** How many there were. */
  count = 0
  /** Of the first few, and how many more there are: for who has no file for them. */
  readonly #problems: string[] = []
  readonly #file: string | undefined

  private constructor(file: string | undefined) {
    this.#file = file
  }

  /**
   * Begins the file anew.
   *
   * @throws {CliError} `USAGE` it is the file that is read, or cannot be written
   */
  static async begin(file: string | undefined, source: string): Promise<BadRows> {
    if (file !== undefined) {
      if (await isSame(file, source)) throw sameFile(file)
      await write(file, '', 'w')
    }
    return new BadRows(file)
  }

  async add(rows: readonly BadRow[]): Promise<void> {
    if (rows.length === 0) return
    this.count += rows.length
    const room = PROBLEMS_SHOWN - this.#problems.length
    const told = rows.slice(0, room).map(({ place, problem }) => `${place}: ${problem}`)
    this.#problems.push(...told)
    if (this.#file === undefined) return
    await write(this.#file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''), 'a')
  }

  /** A line for each of the first, and one for the rest. */
  problems(name: string): string {
    const lines = this.#problems.map((problem) => `${name} ${problem}`)
    const more = this.count - lines.length
    if (more > 0) lines.push(`… and ${more} more`)
    return lines.join('\n')
  }
}

async function write(file: string, text: string, flag: 'a' | 'w'): Promise<void> {
  try {
    await writeFile(file, text, { flag })
  } catch (cause) {
    const message = `cannot write ${file}: ${reasonOf(codeOf(cause))}`
    throw new CliError('USAGE', message, { cause })
  }
}

function sameFile(file: string): CliError {
  return new CliError('USAGE', `${file} is the file that is read`, {
    mend: 'Let bad rows go elsewhere: --failures bad-rows.jsonl',
  })
}

/** How many rows a file of rows that were left out has. */
export async function countBadRows(file: string): Promise<number> {
  let count = 0
  const chunks: AsyncIterable<Buffer> = createReadStream(file)
  for await (const chunk of chunks) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count++
  }
  return count
}

/** Also by another path, by a link, or as standard input. */
async function isSame(file: string, source: string): Promise<boolean> {
  const from = source === '-' ? '/dev/stdin' : source
  const [one, other] = await Promise.all([identityOf(file), identityOf(from)])
  return one !== undefined && one === other
}

/** None of what holds nothing, such as a terminal: that may be read and written. */
async function identityOf(file: string): Promise<string | undefined> {
  try {
    const info = await stat(file, { bigint: true })
    return info.isFile() ? `${info.dev}/${info.ino}` : undefined
  } catch {
    return undefined
  }
}
