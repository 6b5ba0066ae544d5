import type { ClientError } from '../errors.ts'
import type { SqliteFile } from './sqlite-file.ts'
import type { SQLInputValue } from 'node:sqlite'

/** Batches of at least so many writes show that more will come: they are waited for. */
const BUSY_WRITES = 16

/** The longest that a write waits for others, in milliseconds. */
const LONGEST_WAIT_MS = 20

/** Whose writes they are: its right to write is checked with each batch. */
export interface Writer {
  /** Why it may not write any more, if it may not. */
  objection(): ClientError | undefined
  /** Writes what it has gathered, as part of the transaction. */
  write?(): void
  /** Everything that it wrote is on disk; with an error, nothing of its last batch ever will be. */
  flushed(error?: unknown): void
}

interface Batch {
  readonly writes: { readonly sql: string; readonly values: readonly SQLInputValue[] }[]
  readonly settle: PromiseWithResolvers<void>
}

/** Writes of many calls in one transaction: one wait for the disk instead of one for each. */
export class GroupCommit {
  readonly #file: SqliteFile
  readonly #batches = new Map<Writer, Batch>()
  #isScheduled = false
  #count = 0
  /** When the last batch was on disk, how long that took, and how many writes it had. */
  #last = { at: 0, ms: 0, writes: 0 }

  constructor(file: SqliteFile) {
    this.#file = file
  }

  /** Resolves when it is on disk. */
  add(writer: Writer, sql: string, ...values: SQLInputValue[]): Promise<void> {
    const { writes, settle } = this.#join(writer)
    writes.push({ sql, values })
    return settle.promise
  }

  /** The writer has gathered something more. Resolves when that is on disk. */
  gathered(writer: Writer): Promise<void> {
    return this.#join(writer).settle.promise
  }

  #join(writer: Writer): Batch {
    let batch = this.#batches.get(writer)
    if (!batch) {
      batch = { writes: [], settle: Promise.withResolvers() }
      // Some writers do not wait; a failure reaches them with their next write.
      batch.settle.promise.catch(() => {})
      this.#batches.set(writer, batch)
    }
    this.#count++
    this.#schedule()
    return batch
  }

  /** Writes what waits, now. */
  flush(): void {
    if (this.#batches.size === 0) return
    const batches = [...this.#batches]
    this.#batches.clear()
    const startedAt = performance.now()
    const settlements = this.#write(batches)
    const at = performance.now()
    this.#last = { at, ms: at - startedAt, writes: this.#count }
    this.#count = 0
    for (const [writer, { settle }] of batches) {
      const error = settlements.get(writer)
      writer.flushed(error)
      if (error) settle.reject(error)
      else settle.resolve()
    }
  }

  /** What kept writers from being written. */
  #write(batches: readonly (readonly [Writer, Batch])[]): Map<Writer, unknown> {
    const errors = new Map<Writer, unknown>()
    try {
      this.#file.transact(() => {
        for (const [writer, { writes }] of batches) {
          const objection = writer.objection()
          if (objection) {
            errors.set(writer, objection)
            continue
          }
          for (const { sql, values } of writes) this.#file.run(sql, ...values)
          writer.write?.()
        }
      })
    } catch (error) {
      for (const [writer] of batches) errors.set(writer, errors.get(writer) ?? error)
    }
    return errors
  }

  /** The disk is given as much time as everything else, at most, while there is much to write. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    const flush = () => {
      this.#isScheduled = false
      this.flush()
    }
    const { at, ms, writes } = this.#last
    const waitMs = writes < BUSY_WRITES ? 0 : at + Math.min(ms, LONGEST_WAIT_MS) - performance.now()
    if (waitMs >= 1) setTimeout(flush, waitMs)
    else setImmediate(flush)
  }
}
