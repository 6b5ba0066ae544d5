import { crc32 } from 'node:zlib'
import type { ClientError } from '../errors.ts'
import { RecordBatch, type BatchText } from './record-batch.ts'
import { sumOf, type SqliteFile, type SqlRow } from './sqlite-file.ts'
import type { Note } from './store.ts'

/** A run in the file. */
export interface SqliteRun {
  readonly id: string
  readonly number: number
}

/** What batches hold. */
export type BatchKind = 'call' | Note['kind']

/** Batches that are held in memory: what was recorded together is asked for together. */
const MOST_OPEN = 8

/** What is done about what is damaged. */
const MENDS: Readonly<Partial<Record<BatchKind, string>>> = {
  call: 'a rerun of the run does anew what cannot be read',
}

/** Which keys a batch has, by their hashes. */
export interface BatchKeys {
  readonly number: number
  readonly hashes: Uint32Array
}

/** A batch that is held in memory. */
interface OpenBatch {
  readonly batch: RecordBatch
  /** As it was written: no record of it needs another look. */
  readonly isIntact: boolean
}

/** The batches of a run in the file. Whatever is damaged is a `STORE_FAILED` that names it. */
export class SqliteBatches {
  readonly #file: SqliteFile
  readonly #run: SqliteRun
  readonly #open = new Map<number, OpenBatch>()

  constructor(file: SqliteFile, run: SqliteRun) {
    this.#file = file
    this.#run = run
  }

  /** The checksum of a record. */
  sumOf(kind: BatchKind, key: string, body: string): number {
    return sumOf(`${kind} ${this.#run.id} ${key}`, body)
  }

  /** Its number, from 1; later ones have higher ones. */
  write(kind: BatchKind, { hashes, text }: BatchText): number {
    const sql = `insert into batch (run, kind, keys, keys_sum, sum, body) values (?, ?, ?, ?, ?, ?)
      returning number`
    const place = this.#placeOf(kind)
    const keys = new Uint8Array(hashes.buffer)
    const sums = [crc32(keys, crc32(place)), sumOf(place, text)] as const
    const row = this.#file.get(sql, this.#run.number, kind, keys, ...sums, text)
    return Number(row?.['number'])
  }

  /** Which keys the batches of that kind have, of those after the one with that number. */
  keysAfter(kind: BatchKind, number: number): BatchKeys[] {
    const sql =
      'select number, keys, keys_sum from batch where run = ? and kind = ? and number > ? order by number'
    const sum = crc32(this.#placeOf(kind))
    return this.#file.all(sql, this.#run.number, kind, number).map((row) => {
      const { keys, keys_sum: expected } = row
      if (keys instanceof Uint8Array && crc32(keys, sum) === expected) {
        return { number: Number(row['number']), hashes: new Uint32Array(keys.slice().buffer) }
      }
      throw this.#damaged(kind, row['number'])
    })
  }

  keysIn(kind: BatchKind, number: number): string[] {
    try {
      return this.#get(kind, number).batch.keys()
    } catch {
      throw this.#damaged(kind, number)
    }
  }

  /** What is recorded under a key in a batch, if it has that key. */
  find(kind: BatchKind, key: string, number: number): string | undefined {
    const { batch, isIntact } = this.#get(kind, number)
    const body = batch.body(key)
    const isWhole = body === undefined || isIntact || this.sumOf(kind, key, body) === batch.sum(key)
    if (isWhole) return body
    throw this.damaged(kind, key)
  }

  damaged(kind: BatchKind, key: string): ClientError {
    const what = kind === 'call' ? `the answer to ${key}` : `the ${kind} ${key}`
    return this.#file.damaged(`${what} of run ${this.#run.id}`, MENDS[kind])
  }

  #get(kind: BatchKind, number: number): OpenBatch {
    const known = this.#open.get(number)
    if (known) return known
    const sql = 'select body, sum from batch where number = ?'
    const row: SqlRow | undefined = this.#file.get(sql, number)
    const body = row?.['body']
    const batch = typeof body === 'string' ? RecordBatch.of(body) : undefined
    if (!batch) throw this.#damaged(kind, number)
    const isIntact = sumOf(this.#placeOf(kind), String(body)) === row?.['sum']
    const open = { batch, isIntact }
    const [oldest] = this.#open.keys()
    if (oldest !== undefined && this.#open.size >= MOST_OPEN) this.#open.delete(oldest)
    this.#open.set(number, open)
    return open
  }

  #placeOf(kind: BatchKind): string {
    return `${kind} ${this.#run.id}`
  }

  #damaged(kind: BatchKind, number: unknown): ClientError {
    return this.#file.damaged(`batch ${String(number)} of run ${this.#run.id}`, MENDS[kind])
  }
}
