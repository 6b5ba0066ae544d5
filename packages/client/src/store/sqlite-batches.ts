import { crc32 } from 'node:zlib'
import { hashesOf, RecordBatch, type BatchText } from './record-batch.ts'
import type { SqliteFile, SqlRow } from './sqlite-file.ts'
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

/** Which keys a batch has, by their hashes. */
export interface BatchKeys {
  readonly number: number
  readonly hashes: Uint32Array
}

/** The batches of a run in the file. */
export class SqliteBatches {
  readonly #file: SqliteFile
  readonly #run: SqliteRun
  readonly #open = new Map<number, RecordBatch>()

  constructor(file: SqliteFile, run: SqliteRun) {
    this.#file = file
    this.#run = run
  }

  /** Its number, from 1; later ones have higher ones. */
  write(kind: BatchKind, { keys, text }: BatchText): number {
    const sql =
      'insert into batch (run, kind, keys, sum, body) values (?, ?, ?, ?, ?) returning number'
    const sum = this.#sumOf(kind, keys)
    return Number(this.#file.get(sql, this.#run.number, kind, keys, sum, text)?.['number'])
  }

  /** The keys of batches of that kind after the one with that number. Throws `STORE_FAILED`. */
  keysAfter(kind: BatchKind, number: number): BatchKeys[] {
    const sql =
      'select number, keys, sum from batch where run = ? and kind = ? and number > ? order by number'
    const rows = this.#file.all(sql, this.#run.number, kind, number)
    return rows.map((row) => {
      const { keys, sum } = row
      if (!(keys instanceof Uint8Array) || this.#sumOf(kind, keys) !== sum) {
        throw this.#damaged(row['number'])
      }
      return { number: Number(row['number']), hashes: hashesOf(keys) }
    })
  }

  /** Throws `STORE_FAILED` where the batch is damaged or gone. */
  get(number: number): RecordBatch {
    const known = this.#open.get(number)
    if (known) return known
    const row: SqlRow | undefined = this.#file.get(
      'select body from batch where number = ?',
      number,
    )
    const body = row?.['body']
    const batch = typeof body === 'string' ? RecordBatch.of(body) : undefined
    if (!batch) throw this.#damaged(number)
    const [oldest] = this.#open.keys()
    if (oldest !== undefined && this.#open.size >= MOST_OPEN) this.#open.delete(oldest)
    this.#open.set(number, batch)
    return batch
  }

  /** The keys in a batch. Throws `STORE_FAILED`. */
  keysIn(number: number): string[] {
    try {
      return this.get(number).keys()
    } catch {
      throw this.#damaged(number)
    }
  }

  #sumOf(kind: BatchKind, keys: Uint8Array): number {
    return crc32(keys, crc32(`${kind} ${this.#run.id}`))
  }

  #damaged(number: unknown): Error {
    return this.#file.damaged(`batch ${String(number)} of run ${this.#run.id}`)
  }
}
