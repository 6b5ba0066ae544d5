import { ProtocolError } from '../src/errors.ts'
import { FrameReader, FrameWriter } from '../src/frames.ts'

/** Reads bytes that come in these pieces. */
export function read(...pieces: readonly Uint8Array[]): unknown[] {
  const bodies: unknown[] = []
  const reader = new FrameReader((body) => bodies.push(body))
  for (const piece of pieces) reader.push(piece)
  return bodies
}

export function write(...messages: readonly object[]): Buffer {
  const writer = new FrameWriter()
  for (const message of messages) writer.write(message)
  return Buffer.concat(writer.take())
}

/** Any bytes after a length, theirs unless another is given. */
export function measured(content: string | Uint8Array, length?: number): Buffer {
  const bytes = Buffer.from(content)
  const header = Buffer.alloc(4)
  header.writeUInt32BE(length ?? bytes.length)
  return Buffer.concat([header, bytes])
}

/** A frame of any head and any texts. */
export function frame(
  head: string | Uint8Array,
  ...texts: readonly (string | Uint8Array)[]
): Buffer {
  return measured(Buffer.concat([head, ...texts].map((part) => measured(part))))
}

/** Cuts bytes at those places. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length]
  let start = 0
  return ends
    .toSorted((one, other) => one - other)
    .map((end) => {
      const piece = bytes.subarray(start, end)
      start = end
      return piece
    })
}

export function codeOf(act: () => unknown): string | undefined {
  try {
    act()
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
  return undefined
}

/** An object that many levels deep. */
export const nested = (depth: number): object => {
  let value: object = {}
  for (let level = 1; level < depth; level += 1) value = { a: value }
  return value
}
