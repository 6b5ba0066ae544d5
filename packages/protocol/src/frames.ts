import { isUtf8 } from 'node:buffer'
import { ProtocolError } from './errors.ts'
import { LIMITS } from './limits.ts'
import { putText, takeTexts } from './raw-texts.ts'

/**
 * Bytes into messages and back.
 *
 *     stream = *frame
 *     frame  = length body
 *     body   = head *text
 *     head   = length JSON
 *     text   = length UTF-8
 *     length = 4 bytes, big-endian: the bytes of what follows, of a body 6 … LIMITS.frameBytes
 *
 * The JSON is a message, or a list of a message and the name of each text. It is nested at most LIMITS.depth deep, that
 * list not counted, and has at most LIMITS.values values.
 */
const LENGTH_BYTES = 4
/** `{}` */
const SMALLEST_BODY = LENGTH_BYTES + 2
/** UTF-8 needs at most three bytes for each unit of a JavaScript string. */
const MOST_BYTES_PER_CHARACTER = 3
/** Frames are written side by side into one of these until it is full. */
const SLAB_BYTES = 64 * 1024
/** A frame cut into pieces gathers in a buffer that starts here and grows with what really came. */
const FIRST_BUFFER_BYTES = 4 * 1024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const BRACKET = 0x5b
/** `[` and `{`, `]` and `}` differ by this bit only. */
const BRACE_BIT = 0x20
const OPEN = 0x7b
const CLOSE = 0x7d

/** Writes messages into frames that lie side by side, so that many leave in one piece. */
export class FrameWriter {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  #start = 0
  #end = 0
  /** Full slabs before the present one. */
  #full: Buffer[] = []
  #bytes = 0

  /** Bytes written and not taken. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Adds one message.
   *
   * @throws {ProtocolError} `FRAME_TOO_LARGE` longer than a frame may be; `MALFORMED_FRAME` not JSON,
   *   or deeper than a frame may be. Nothing is added then.
   */
  write(message: object): void {
    const { head, texts } = takeTexts(message)
    const json = stringify(head)
    this.#makeRoom(json, texts)
    const start = this.#end + LENGTH_BYTES
    const headEnd = this.#writePart(json, start)
    let end = headEnd
    for (const text of texts) end = this.#writePart(text, end)
    const length = end - start
    if (!isPlain(json)) checkShape(this.#slab, start + LENGTH_BYTES, headEnd)
    this.#slab.writeUInt32BE(length, this.#end)
    this.#end = end
    this.#bytes += LENGTH_BYTES + length
  }

  /** Everything written since the last time, mostly in one piece. */
  take(): readonly Uint8Array[] {
    const pieces = this.#full
    if (this.#end > this.#start) pieces.push(this.#slab.subarray(this.#start, this.#end))
    this.#full = []
    this.#start = this.#end
    this.#bytes = 0
    return pieces
  }

  /** Says where the part ends. */
  #writePart(text: string, start: number): number {
    const length = this.#slab.write(text, start + LENGTH_BYTES, 'utf8')
    this.#slab.writeUInt32BE(length, start)
    return start + LENGTH_BYTES + length
  }

  /** Refuses what is longer than a frame may be: no room that it leaves is larger. */
  #makeRoom(json: string, texts: readonly string[]): void {
    const room = this.#slab.length - this.#end - LENGTH_BYTES
    if (sizeOf(json, texts, mostBytes) <= room) return
    const length = sizeOf(json, texts, (text) => Buffer.byteLength(text))
    if (length > LIMITS.frameBytes) throw tooLarge(length)
    if (length <= room) return
    if (this.#end > this.#start) this.#full.push(this.#slab.subarray(this.#start, this.#end))
    this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, length + LENGTH_BYTES))
    this.#start = 0
    this.#end = 0
  }
}

/** The bytes of a body with these parts, by that measure of a text. */
function sizeOf(json: string, texts: readonly string[], bytesOf: (text: string) => number): number {
  let bytes = LENGTH_BYTES + bytesOf(json)
  for (const text of texts) bytes += LENGTH_BYTES + bytesOf(text)
  return bytes
}

function mostBytes(text: string): number {
  return text.length * MOST_BYTES_PER_CHARACTER
}

/** Reads frames out of bytes that are cut anywhere, and hands on what each holds. */
export class FrameReader {
  readonly #onFrame: (body: unknown) => void
  /** The frame that has begun and is not whole. */
  #partial = Buffer.alloc(0)
  #have = 0

  constructor(onFrame: (body: unknown) => void) {
    this.#onFrame = onFrame
  }

  /**
   * Takes the next bytes. After an error the stream has no meaning any more.
   *
   * @throws {ProtocolError} `FRAME_TOO_LARGE` as soon as the length is there; `MALFORMED_FRAME`
   */
  push(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let offset = this.#have === 0 ? 0 : this.#complete(chunk)
    if (this.#have > 0) return
    while (chunk.length - offset >= LENGTH_BYTES) {
      const start = offset + LENGTH_BYTES
      const end = start + lengthAt(chunk, offset)
      if (end > chunk.length) break
      this.#onFrame(parse(chunk, start, end))
      offset = end
    }
    this.#keep(chunk, offset, chunk.length)
  }

  /** Adds to the frame that has begun; says where the rest of the chunk starts. */
  #complete(chunk: Buffer): number {
    let offset = 0
    if (this.#have < LENGTH_BYTES) {
      offset = Math.min(chunk.length, LENGTH_BYTES - this.#have)
      this.#keep(chunk, 0, offset)
      if (this.#have < LENGTH_BYTES) return offset
    }
    const end = LENGTH_BYTES + lengthAt(this.#partial, 0)
    const next = Math.min(chunk.length, offset + end - this.#have)
    this.#keep(chunk, offset, next)
    if (this.#have < end) return next
    const whole = this.#partial
    this.#have = 0
    if (whole.length > SLAB_BYTES) this.#partial = Buffer.alloc(0)
    this.#onFrame(parse(whole, LENGTH_BYTES, end))
    return next
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const have = this.#have + end - start
    if (have > this.#partial.length) {
      const larger = Buffer.allocUnsafe(
        Math.max(FIRST_BUFFER_BYTES, have, this.#partial.length * 2),
      )
      this.#partial.copy(larger, 0, 0, this.#have)
      this.#partial = larger
    }
    chunk.copy(this.#partial, this.#have, start, end)
    this.#have = have
  }
}

function lengthAt(bytes: Buffer, offset: number): number {
  const length = bytes.readUInt32BE(offset)
  if (length > LIMITS.frameBytes) throw tooLarge(length)
  if (length < SMALLEST_BODY) throw malformed('a frame without a message')
  return length
}

function parse(bytes: Buffer, start: number, end: number): unknown {
  let at = endOfPart(bytes, start, end)
  const head = parseHead(bytes, start + LENGTH_BYTES, at)
  if (at === end) return head
  if (!Array.isArray(head)) throw malformed('texts without names')
  const list: readonly unknown[] = head
  const [message] = list
  for (const name of list.slice(1)) {
    const next = endOfPart(bytes, at, end)
    if (!putText(message, name, decode(bytes, at + LENGTH_BYTES, next))) {
      throw malformed('a text that has no place')
    }
    at = next
  }
  if (at < end) throw malformed('more texts than names')
  return message
}

function endOfPart(bytes: Buffer, start: number, end: number): number {
  const left = end - start - LENGTH_BYTES
  const length = left < 0 ? 0 : bytes.readUInt32BE(start)
  if (length > left) throw malformed('a part that is cut off')
  return start + LENGTH_BYTES + length
}

function parseHead(bytes: Buffer, start: number, end: number): unknown {
  const json = decode(bytes, start, end)
  if (!isPlain(json)) checkShape(bytes, start, end)
  try {
    return JSON.parse(json)
  } catch {
    // The parser's own message quotes what it read: that may be somebody's prompt.
    throw malformed('not JSON')
  }
}

function decode(bytes: Buffer, start: number, end: number): string {
  if (!isUtf8(bytes.subarray(start, end))) throw malformed('not UTF-8')
  return bytes.toString('utf8', start, end)
}

/**
 * Whether so little is in the text that it breaks no limit, whatever it means: each value takes a
 * character, each level a bracket. True of nearly every frame, and twenty times quicker to see.
 */
function isPlain(text: string): boolean {
  return text.length <= LIMITS.values && count(text, '{') + count(text, '[') <= LIMITS.depth
}

/** How often the character is in the text; stops counting above the greatest depth. */
function count(text: string, character: string): number {
  let found = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
    found += 1
    if (found > LIMITS.depth) break
  }
  return found
}

/**
 * Bounds nesting and count before a parser allocates for them. One look at each byte. The list around a message and
 * the names of its texts is no level.
 */
function checkShape(bytes: Buffer, start: number, end: number): void {
  let depth = bytes[start] === BRACKET ? -1 : 0
  let values = 0
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] ?? 0
    if (byte === QUOTE) index = endOfString(bytes, index + 1, end)
    else if (byte === COMMA) values += 1
    else if ((byte | BRACE_BIT) === OPEN) {
      values += 1
      depth += 1
      if (depth > LIMITS.depth) throw malformed(`nested deeper than ${LIMITS.depth}`)
    } else if ((byte | BRACE_BIT) === CLOSE) depth -= 1
  }
  if (values > LIMITS.values) throw malformed(`more than ${LIMITS.values} values`)
}

/** A short string is walked through, the rest of a long one is searched: that is quicker. */
const WALK_BYTES = 24

function endOfString(bytes: Buffer, start: number, end: number): number {
  let index = start
  while (index < end) {
    const near = Math.min(end, index + WALK_BYTES)
    while (index < near) {
      const byte = bytes[index]
      if (byte === QUOTE) return index
      index += byte === BACKSLASH ? 2 : 1
    }
    const quote = bytes.indexOf(QUOTE, index)
    if (quote < 0) return end
    if (!isEscaped(bytes, index, quote)) return quote
    index = quote + 1
  }
  return end
}

/** Whether an odd number of backslashes stands before that place. */
function isEscaped(bytes: Buffer, start: number, place: number): boolean {
  let index = place
  while (index > start && bytes[index - 1] === BACKSLASH) index -= 1
  return (place - index) % 2 === 1
}

function stringify(message: object): string {
  try {
    return JSON.stringify(message)
  } catch (error) {
    throw new ProtocolError('MALFORMED_FRAME', 'this message cannot be written as JSON', {
      cause: error,
    })
  }
}

function tooLarge(length: number): ProtocolError {
  return new ProtocolError(
    'FRAME_TOO_LARGE',
    `a message of ${megabytes(length)} is too large: at most ${megabytes(LIMITS.frameBytes)} go at once. Make it shorter, or several`,
  )
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function malformed(what: string): ProtocolError {
  return new ProtocolError('MALFORMED_FRAME', `the frame holds no message: ${what}`)
}
