import type { RawRecord } from './data-file.ts'
import { parseExactly } from './exact-json.ts'
import { textOf } from './utf8-text.ts'

/** A longer line is no row: most likely the file is one large JSON value. */
const LONGEST_LINE = 256 * 1024 * 1024

/** The rows of a file of JSON lines; blank lines are skipped, a byte order mark and Windows line ends are fine. */
export async function* readJsonLines(file: string): AsyncGenerator<RawRecord, void> {
  let line = 0
  for await (const text of linesOf(file)) {
    line++
    if (text.trim() !== '') yield recordOf(text, `line ${line}`)
  }
}

function recordOf(text: string, place: string): RawRecord {
  try {
    return { place, value: parseExactly(text) }
  } catch (error) {
    return { place, problem: `not valid JSON (${reasonOf(error)})`, text }
  }
}

/** What the parser says, without the piece of the text that it quotes: it may be private. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/, ("|\.\.\.).* is not valid JSON$/s, '').replace(/ \(line 1 /, ' (')
}

async function* linesOf(file: string): AsyncGenerator<string, void> {
  let rest = ''
  for await (const text of textOf(file)) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) throw new RangeError('a line is longer than 256 MiB')
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  if (rest !== '') yield rest
}
