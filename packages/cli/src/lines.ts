import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { CliError, codeOf } from './errors.ts'
import { reasonOf } from './files.ts'

/** A longer line is no row: most likely the file is one large JSON value. */
const LONGEST_LINE = 256 * 1024 * 1024

export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
}

/**
 * The lines of a text, those that have arrived together at a time; a byte order mark and Windows line ends are left out.
 *
 * @param name what is told of it
 * @throws {CliError} `USAGE` naming it and the reason, or the line
 */
export async function* linesOf(
  stream: Readable,
  name: string,
): AsyncGenerator<readonly Line[], void> {
  let count = 0
  const linesIn = (bytes: Buffer): readonly Line[] => {
    if (!isUtf8(bytes)) throw notText(name, count + soundLinesIn(bytes) + 1)
    const text = bytes.toString()
    const lines = (count === 0 ? text.replace(/^\uFEFF/, '') : text).split(/\r?\n/)
    return lines.map((line) => ({ number: ++count, text: line }))
  }
  // Put together only when its end is there: a long line comes in very many pieces.
  let pieces: Buffer[] = []
  let length = 0
  for await (const chunk of bytesOf(stream, name)) {
    const end = chunk.lastIndexOf('\n')
    pieces.push(end === -1 ? chunk : chunk.subarray(0, end))
    length += chunk.length
    if (end !== -1) {
      yield linesIn(Buffer.concat(pieces))
      pieces = [chunk.subarray(end + 1)]
      length = chunk.length - end - 1
    }
    if (length > LONGEST_LINE) throw tooLong(name, count + 1)
  }
  if (length > 0) yield linesIn(Buffer.concat(pieces))
}

async function* bytesOf(stream: Readable, name: string): AsyncGenerator<Buffer, void> {
  const chunks: AsyncIterable<Buffer> = stream
  try {
    yield* chunks
  } catch (cause) {
    throw new CliError('USAGE', `cannot read ${name}: ${reasonOf(codeOf(cause))}`, { cause })
  }
}

/** How many lines stand before the first that is no text. */
function soundLinesIn(bytes: Buffer): number {
  let [lines, start] = [0, 0]
  for (let end = 0; (end = bytes.indexOf('\n', start)) !== -1; lines++) {
    if (!isUtf8(bytes.subarray(start, end))) break
    start = end + 1
  }
  return lines
}

function notText(name: string, line: number): CliError {
  const mend = 'Save the file as UTF-8.'
  return new CliError('USAGE', `cannot read ${name}: line ${line}: it is not UTF-8`, { mend })
}

function tooLong(name: string, line: number): CliError {
  const mend = 'Each line must be one row.'
  return new CliError('USAGE', `cannot read ${name}: line ${line} is longer than 256 MiB`, { mend })
}
