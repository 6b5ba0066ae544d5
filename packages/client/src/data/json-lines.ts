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
  // Put together only when its end is there: a long line comes in very many pieces.
  let pieces: string[] = []
  let length = 0
  for await (const text of textOf(file)) {
    const [head = '', ...lines] = text.split('\n')
    pieces.push(head)
    length += head.length
    if (length > LONGEST_LINE) throw new RangeError('a line is longer than 256 MiB')
    const last = lines.pop()
    if (last === undefined) continue
    yield withoutReturn(pieces.join(''))
    for (const line of lines) yield withoutReturn(line)
    pieces = [last]
    length = last.length
  }
  if (length > 0) yield pieces.join('')
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
