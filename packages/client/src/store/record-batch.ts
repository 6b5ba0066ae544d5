import { crc32 } from 'node:zlib'
import { hashOfKey, KeyIndex } from './key-index.ts'

/**
 * Records that are written together, one behind the other: of each its key as JSON, a line feed, its body, and a line
 * feed, in UTF-8. One row of a table for hundreds of records: what a row costs is shared.
 */

/** A batch takes no more when it is this long, in bytes: a record is found by reading its batch. */
const FULL = 2 ** 19

/** How much room there is at first, in bytes. */
const FIRST_ROOM = 4096

/** Rooms that are kept for the next gatherer: so many, and of so many bytes at most. */
const MOST_SPARE = 64
const MOST_SPARE_BYTES = 2 ** 15

const NO_ROOM = Buffer.alloc(0)

/** Bytes of UTF-8 for a character of JavaScript, at most. */
const MOST_BYTES = 3

/** Numbers beside each record: the hash of its key, its checksum, its length in bytes. */
const NUMBERS = 3

/** What is in a row. */
export interface BatchBytes {
  /** `NUMBERS` of each record, in their order. */
  readonly numbers: Uint32Array
  readonly bytes: Uint8Array
}

/** Gathers records until they are written. */
export class BatchGatherer {
  /** Small runs come by the thousand, and what lies outside the heap counts towards its full collections. */
  static readonly #spare: Buffer<ArrayBuffer>[] = []
  /** What all checksums begin with. */
  readonly #seed: number
  #full: BatchBytes[] = []
  #numbers: number[] = []
  #bytes = NO_ROOM
  #length = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** The body is given in two pieces, the long one last. */
  add(key: string, head: string, rest = ''): void {
    const before = `${JSON.stringify(key)}\n${head}`
    const start = this.#length
    this.#makeRoom(MOST_BYTES * (before.length + rest.length) + 1)
    this.#length += this.#bytes.write(before, start)
    this.#length += this.#bytes.write(rest, this.#length)
    this.#bytes[this.#length++] = LINE_FEED
    const written = this.#bytes.subarray(start, this.#length)
    this.#numbers.push(hashOfKey(key), crc32(written, this.#seed), written.length)
    if (this.#length >= FULL) this.#close()
  }

  /** All that was gathered, which is then forgotten; it is good until something is added, here or to another. */
  take(): readonly BatchBytes[] {
    const batches = this.#full
    this.#full = []
    if (this.#length > 0) {
      batches.push(this.#batch())
      this.#lend()
    }
    this.#numbers = []
    this.#length = 0
    return batches
  }

  #close(): void {
    this.#full.push(this.#batch())
    this.#numbers = []
    this.#bytes = Buffer.allocUnsafeSlow(this.#bytes.length)
    this.#length = 0
  }

  #batch(): BatchBytes {
    const bytes = this.#bytes.subarray(0, this.#length)
    return { numbers: new Uint32Array(this.#numbers), bytes }
  }

  #lend(): void {
    const spare = BatchGatherer.#spare
    if (this.#bytes.length > MOST_SPARE_BYTES || spare.length >= MOST_SPARE) return
    spare.push(this.#bytes)
    this.#bytes = NO_ROOM
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes
    if (this.#bytes === NO_ROOM) this.#bytes = BatchGatherer.#spare.pop() ?? NO_ROOM
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, FIRST_ROOM, 2 * this.#bytes.length))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

/** The hashes of the keys of a batch. */
export function* hashesOf(numbers: Uint32Array): Generator<number, void> {
  for (let at = 0; at < numbers.length; at += NUMBERS) yield numbers[at] ?? 0
}

/** A record as it was read. */
export interface BatchRecord {
  readonly key: string
  /** Empty where it is damaged. */
  readonly body: string
  readonly isWhole: boolean
}

/** A batch that was read. */
export class RecordBatch {
  readonly #numbers: Uint32Array
  readonly #bytes: Buffer
  readonly #seed: number
  /** Where each record begins, and the last one ends. */
  readonly #starts: Uint32Array
  /** Records, numbered from 1, by their keys; made when one is asked for. */
  #index: KeyIndex | undefined
  /** 1 for each record that is known to be as it was written. */
  readonly #whole: Uint8Array

  private constructor({ numbers, bytes }: BatchBytes, starts: Uint32Array, seed: number) {
    this.#numbers = numbers
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#starts = starts
    this.#seed = seed
    this.#whole = new Uint8Array(starts.length)
  }

  /** None where numbers and bytes do not belong together. */
  static of(batch: BatchBytes, seed: number): RecordBatch | undefined {
    const { numbers, bytes } = batch
    const starts = new Uint32Array(numbers.length / NUMBERS + 1)
    let end = 0
    for (let record = 1; record < starts.length; record++) {
      end += numbers[NUMBERS * record - 1] ?? 0
      starts[record] = end
    }
    return end === bytes.length ? new RecordBatch(batch, starts, seed) : undefined
  }

  /** Its records, the last first. Throws a `SyntaxError` where a key cannot be read. */
  *records(): Generator<BatchRecord, void> {
    for (let record = this.#starts.length - 1; record > 0; record--) {
      const keyEnd = this.#keyEnd(record)
      const key = String(JSON.parse(this.#keyOf(record, keyEnd)))
      const isWhole = this.#isWhole(record)
      // Under the key of another it would pass for one that was replaced.
      const isKey = isWhole || hashOfKey(key) === this.#numbers[NUMBERS * (record - 1)]
      if (!isKey) throw new SyntaxError(`not the key of record ${record}`)
      yield { key, body: isWhole ? this.#bodyOf(record, keyEnd) : '', isWhole }
    }
  }

  /** What the last record of the key says; none if there is none. */
  find(key: string): BatchRecord | undefined {
    const text = JSON.stringify(key)
    for (const record of this.#indexed().find(hashOfKey(key))) {
      // Whose record a damaged one is, its hash alone tells.
      if (!this.#isWhole(record)) return { key, body: '', isWhole: false }
      const keyEnd = this.#keyEnd(record)
      if (this.#keyOf(record, keyEnd) === text) {
        return { key, body: this.#bodyOf(record, keyEnd), isWhole: true }
      }
    }
    return undefined
  }

  #indexed(): KeyIndex {
    if (this.#index) return this.#index
    const index = new KeyIndex()
    let record = 0
    for (const hash of hashesOf(this.#numbers)) index.add(hash, ++record)
    this.#index = index
    return index
  }

  #isWhole(record: number): boolean {
    if (this.#whole[record] === 1) return true
    const bytes = this.#bytes.subarray(this.#starts[record - 1], this.#starts[record])
    const isWhole = crc32(bytes, this.#seed) === this.#numbers[NUMBERS * record - 2]
    if (isWhole) this.#whole[record] = 1
    return isWhole
  }

  #keyEnd(record: number): number {
    return this.#bytes.indexOf(LINE_FEED, this.#starts[record - 1])
  }

  /** As JSON. */
  #keyOf(record: number, keyEnd: number): string {
    return this.#bytes.toString('utf8', this.#starts[record - 1], keyEnd)
  }

  #bodyOf(record: number, keyEnd: number): string {
    return this.#bytes.toString('utf8', keyEnd + 1, (this.#starts[record] ?? 0) - 1)
  }
}

const LINE_FEED = 10
