import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { TextDecoder } from 'node:util'

/**
 * The text of a file, piece by piece, without its byte order mark. It is UTF-8, or UTF-16 where the mark says so.
 *
 * @throws {RangeError} naming the line where it is neither
 */
export async function* textOf(file: string): AsyncGenerator<string, void> {
  const chunks: AsyncIterable<Buffer> = createReadStream(file)
  let decoder: TextDecoder | undefined
  let line = 1
  for await (const chunk of chunks) {
    const isWide = chunk[0] === 0xff && chunk[1] === 0xfe
    decoder ??= new TextDecoder(isWide ? 'utf-16le' : 'utf-8', { fatal: true })
    let text
    try {
      text = decoder.decode(chunk, { stream: true })
    } catch (cause) {
      throw notText(line + linesBeforeFault(chunk), cause)
    }
    yield text
    line += breaksIn(text)
  }
  try {
    decoder?.decode()
  } catch (cause) {
    throw notText(line, cause)
  }
}

/** The text that bytes are, each character of it; none where they are none. */
export function textOfBytes(bytes: Uint8Array | undefined): string | undefined {
  return bytes && isUtf8(bytes) ? Buffer.from(bytes).toString() : undefined
}

function notText(line: number, cause: unknown): RangeError {
  return new RangeError(`line ${line}: it is not UTF-8; save the file as UTF-8`, { cause })
}

/** The first character may have begun in an earlier chunk, the last may end in a later one. */
function linesBeforeFault(chunk: Buffer): number {
  let lines = 0
  let start = 0
  for (;;) {
    const end = chunk.indexOf('\n', start)
    if (end === -1 || (!isUtf8(chunk.subarray(start, end)) && !(start === 0 && isRest(chunk))))
      return lines
    lines++
    start = end + 1
  }
}

function isRest(chunk: Buffer): boolean {
  return ((chunk[0] ?? 0) & 0xc0) === 0x80
}

function breaksIn(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}
