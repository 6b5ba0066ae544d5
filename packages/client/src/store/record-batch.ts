import { hashOfKey } from './key-index.ts'

/**
 * Records that are written together, as one text: of each `<checksum> <length of its body> <key as JSON>`, a line
 * feed, the body, and a line feed. One row of a table for hundreds of records: what a row costs is shared.
 */

/** A batch takes no more when it is this long, in characters: a record is found by reading its batch. */
const FULL = 2 ** 19

/** What is in a row. */
export interface BatchText {
  /** 32 bits of the hash of each key, little-endian. */
  readonly keys: Uint8Array
  readonly text: string
}

/** Gathers records until they are written. */
export class BatchGatherer {
  #full: BatchText[] = []
  #hashes: number[] = []
  #text = ''

  add(key: string, body: string, sum: number): void {
    this.#hashes.push(hashOfKey(key))
    this.#text += `${sum} ${body.length} ${JSON.stringify(key)}\n${body}\n`
    if (this.#text.length >= FULL) this.#close()
  }

  /** All that was gathered, which is then forgotten. */
  take(): readonly BatchText[] {
    if (this.#hashes.length > 0) this.#close()
    const batches = this.#full
    this.#full = []
    return batches
  }

  #close(): void {
    const keys = new Uint8Array(Uint32Array.from(this.#hashes).buffer)
    this.#full.push({ keys, text: this.#text })
    this.#hashes = []
    this.#text = ''
  }
}

/** The hashes in a row. */
export function hashesOf(keys: Uint8Array): Uint32Array {
  return new Uint32Array(keys.slice().buffer, 0, keys.length >>> 2)
}

/** A record as it stands in its batch. */
export interface BatchEntry {
  readonly sum: number
  readonly body: string
}

/** A batch that was read: records by their keys, the last of each. */
export class RecordBatch {
  readonly #text: string
  /** Where the head of a record begins and ends, by its key as JSON. */
  readonly #places: ReadonlyMap<string, readonly [start: number, end: number]>

  private constructor(
    text: string,
    places: ReadonlyMap<string, readonly [start: number, end: number]>,
  ) {
    this.#text = text
    this.#places = places
  }

  /** None where the text is none of a batch. */
  static of(text: string): RecordBatch | undefined {
    const places = new Map<string, readonly [start: number, end: number]>()
    let start = 0
    while (start < text.length) {
      const end = text.indexOf('\n', start)
      const head = text.slice(start, end)
      const beforeLength = head.indexOf(' ')
      const beforeKey = head.indexOf(' ', beforeLength + 1)
      const length = Number(head.slice(beforeLength + 1, beforeKey))
      const next = end + 1 + length
      const isWhole = end > 0 && beforeKey > 0 && Number.isInteger(length) && length >= 0
      if (!isWhole || text[next] !== '\n') return undefined
      places.set(head.slice(beforeKey + 1), [start, end])
      start = next + 1
    }
    return new RecordBatch(text, places)
  }

  /** Throws a `SyntaxError` where one is damaged. */
  keys(): string[] {
    return Array.from(this.#places.keys(), (key) => String(JSON.parse(key)))
  }

  get(key: string): BatchEntry | undefined {
    const place = this.#places.get(JSON.stringify(key))
    if (!place) return undefined
    const [start, end] = place
    const [sum = '', length = ''] = this.#text.slice(start, end).split(' ', 2)
    return { sum: Number(sum), body: this.#text.slice(end + 1, end + 1 + Number(length)) }
  }
}
