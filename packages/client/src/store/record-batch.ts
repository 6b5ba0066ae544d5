import { hashOfKey } from './key-index.ts'

/**
 * Records that are written together, as one text: of each `<checksum> <length of its body> <key as JSON>`, a line
 * feed, the body, and a line feed. One row of a table for hundreds of records: what a row costs is shared.
 */

/** A batch takes no more when it is this long, in characters: a record is found by reading its batch. */
const FULL = 2 ** 19

/** What is in a row. */
export interface BatchText {
  /** 32 bits of each key, in the order of the records. */
  readonly hashes: Uint32Array
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
    this.#full.push({ hashes: Uint32Array.from(this.#hashes), text: this.#text })
    this.#hashes = []
    this.#text = ''
  }
}

/** Where a record stands in the text of its batch. */
interface Place {
  readonly start: number
  readonly bodyStart: number
  readonly bodyEnd: number
}

/** A batch that was read: records by their keys, the last of each. */
export class RecordBatch {
  readonly #text: string
  /** By the key as JSON. */
  readonly #places: ReadonlyMap<string, Place>

  private constructor(text: string, places: ReadonlyMap<string, Place>) {
    this.#text = text
    this.#places = places
  }

  /** None where the text is none of a batch. */
  static of(text: string): RecordBatch | undefined {
    const places = new Map<string, Place>()
    let start = 0
    while (start < text.length) {
      const end = text.indexOf('\n', start)
      const beforeLength = text.indexOf(' ', start)
      const beforeKey = text.indexOf(' ', beforeLength + 1)
      if (beforeLength < 0 || beforeKey < 0 || end < beforeKey) return undefined
      const length = Number(text.slice(beforeLength + 1, beforeKey))
      const bodyStart = end + 1
      const bodyEnd = bodyStart + length
      if (!(length >= 0) || text[bodyEnd] !== '\n') return undefined
      places.set(text.slice(beforeKey + 1, end), { start, bodyStart, bodyEnd })
      start = bodyEnd + 1
    }
    return new RecordBatch(text, places)
  }

  /** Throws a `SyntaxError` where one is damaged. */
  keys(): string[] {
    return Array.from(this.#places.keys(), (key) => String(JSON.parse(key)))
  }

  body(key: string): string | undefined {
    const place = this.#places.get(JSON.stringify(key))
    return place && this.#text.slice(place.bodyStart, place.bodyEnd)
  }

  /** The checksum that a record was written with. */
  sum(key: string): number {
    const { start = 0 } = this.#places.get(JSON.stringify(key)) ?? {}
    return Number(this.#text.slice(start, this.#text.indexOf(' ', start)))
  }
}
