import { crc32 } from 'node:zlib'
import type { ClientError } from '../errors.ts'
import {
  BatchGatherer,
  hashesOf,
  RecordBatch,
  type BatchBytes,
  type BatchRecord,
} from './record-batch.ts'
import type { SqliteFile, SqlRow } from './sqlite-file.ts'
import type { Note } from './store.ts'

/** A run in the file. */
export interface SqliteRun {
  readonly id: string
  /** From 1; 0: it is not there yet. */
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
  readonly hashes: Iterable<number>
}

/** The batches of a run in the file. Whatever is damaged is a `STORE_FAILED` that names it. */
export class SqliteBatches {
  readonly #file: SqliteFile
  readonly #run: SqliteRun
  readonly #open = new Map<number, RecordBatch>()

  constructor(file: SqliteFile, run: SqliteRun) {
    this.#file = file
    this.#run = run
  }

  gatherer(kind: BatchKind): BatchGatherer {
    return new BatchGatherer(this.#seedOf(kind))
  }

  /** Its number is from 1; later ones have higher ones. */
  write(kind: BatchKind, { numbers, bytes }: BatchBytes): BatchKeys {
    const sql = 'insert into batch (run, kind, numbers, sum, body) values (?, ?, ?, ?, ?)'
    const sums = new Uint8Array(numbers.buffer)
    const sum = crc32(sums, this.#seedOf(kind))
    const number = this.#file.insert(sql, this.#run.number, kind, sums, sum, bytes) ?? 0
    return { number, hashes: hashesOf(numbers) }
  }

  /** Which keys the batches of that kind have, of those after the one with that number. */
  *keysAfter(kind: BatchKind, number: number): Generator<BatchKeys, void> {
    const sql = `select number, numbers, sum from batch where run = ? and kind = ? and number > ?
      order by number`
    for (const row of this.#file.all(sql, this.#run.number, kind, number)) {
      yield { number: Number(row['number']), hashes: hashesOf(this.#numbersOf(kind, row)) }
    }
  }

  /**
   * What is recorded in the batches of that kind, the latest first, and the run's ending: all of it as it is at one
   * moment, for another process may drop what has come again, and numbers are given anew.
   */
  *latestFirst(
    kind: BatchKind,
  ): Generator<{ ending: unknown; records: Iterable<BatchRecord> }, void> {
    const sql = `select run.ending, batch.number, numbers, sum, body from run
      left join batch on batch.run = run.number and batch.kind = ?
      where run.number = ? order by batch.number desc`
    for (const row of this.#file.each(sql, kind, this.#run.number)) {
      const records = row['number'] === null ? [] : this.#records(kind, row)
      yield { ending: row['ending'], records }
    }
  }

  /** What is recorded in a batch, the last first. Throws where it cannot be read at all. */
  *#records(kind: BatchKind, row: SqlRow): Generator<BatchRecord, void> {
    try {
      yield* this.#batchOf(kind, row).records()
    } catch (error) {
      throw error instanceof SyntaxError ? this.#damaged(kind, row['number']) : error
    }
  }

  /** What is recorded under a key in a batch, if it has that key. */
  find(kind: BatchKind, key: string, number: number): string | undefined {
    const found = this.#get(kind, number).find(key)
    if (!found || found.isWhole) return found?.body
    throw this.damaged(kind, key)
  }

  damaged(kind: BatchKind, key: string): ClientError {
    const what = kind === 'call' ? `the answer to ${key}` : `the ${kind} ${key}`
    return this.#file.damaged(`${what} of run ${this.#run.id}`, MENDS[kind])
  }

  lacking(kind: BatchKind, count: number): ClientError {
    const what = count === 1 ? `one ${kind}` : `${count} of kind ${kind}`
    return this.#file.damaged(`${what} of run ${this.#run.id}`, MENDS[kind])
  }

  #get(kind: BatchKind, number: number): RecordBatch {
    const known = this.#open.get(number)
    if (known) return known
    const sql = 'select number, numbers, sum, body from batch where number = ? and kind = ?'
    const batch = this.#batchOf(kind, this.#file.get(sql, number, kind) ?? { number })
    const [oldest] = this.#open.keys()
    if (oldest !== undefined && this.#open.size >= MOST_OPEN) this.#open.delete(oldest)
    this.#open.set(number, batch)
    return batch
  }

  #batchOf(kind: BatchKind, row: SqlRow): RecordBatch {
    const bytes = row['body']
    const numbers = this.#numbersOf(kind, row)
    const batch =
      bytes instanceof Uint8Array
        ? RecordBatch.of({ numbers, bytes }, this.#seedOf(kind))
        : undefined
    if (!batch) throw this.#damaged(kind, row['number'])
    return batch
  }

  #numbersOf(kind: BatchKind, { number, numbers, sum }: SqlRow): Uint32Array {
    if (numbers instanceof Uint8Array && crc32(numbers, this.#seedOf(kind)) === sum) {
      return new Uint32Array(numbers.slice().buffer)
    }
    throw this.#damaged(kind, number)
  }

  /** Checksums are those of this run and kind alone. */
  #seedOf(kind: BatchKind): number {
    return crc32(`${kind} ${this.#run.id}`)
  }

  #damaged(kind: BatchKind, number: unknown): ClientError {
    return this.#file.damaged(`batch ${String(number)} of run ${this.#run.id}`, MENDS[kind])
  }
}
