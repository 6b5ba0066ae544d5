import type { ClientError } from '../errors.ts'
import type { SqliteFile } from './sqlite-file.ts'
import type { SQLInputValue } from 'node:sqlite'

/** Batches of at least so many writes show that more will come: they are waited for. */
const BUSY_WRITES = 16

/** Of batches of so many the disk has a quarter of the time, not half: what each costs besides is shared by more. */
const BULK_WRITES = 256

/** The longest that a write waits for others, in milliseconds. */
const LONGEST_WAIT_MS = 20

/** What nobody waits for is written after that at the latest, in milliseconds. */
const LATER_MS = 20

/** What is written is on disk after that at the latest, in milliseconds: until then it survives the process only. */
const ON_DISK_MS = 100

/** Makes a transaction wait for the disk, which has all that was written before then; one that changes nothing does not. */
const TOUCH = [
  "insert or replace into hold (run, hash) values (0, '')",
  'delete from hold where run = 0',
] as const

/**
 * - `now`: it is on disk when its promise resolves
 * - `soon`: it is written when its promise resolves, and on disk soon after: it can be found out again from what is
 * - `later`: the same, and nobody waits: it is written together with what somebody waits for
 */
export type When = 'now' | 'soon' | 'later'

/** Whose writes they are: its right to write is checked with each batch. */
export interface Writer {
  /** Why it may not write any more, if it may not. */
  objection(): ClientError | undefined
  /** Writes what it has gathered, as part of the transaction. */
  write?(): void
  /** Everything that it gave is written, and on disk as soon as it was to be; with an error, it never will be. */
  flushed(error?: unknown): void
}

interface Statement {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

interface Batch {
  readonly writes: Statement[]
  readonly settle: PromiseWithResolvers<void>
}

/** Writes of many calls in one transaction: one wait for the disk instead of one for each. */
export class GroupCommit {
  readonly #file: SqliteFile
  #batches = new Map<Writer, Batch>()
  #scheduled: 'no' | 'later' | 'soon' = 'no'
  #stopLater: (() => void) | undefined
  #isUrgent = false
  #stopSync: (() => void) | undefined
  #count = 0
  /** When the last batch was on disk, how long that took, and how many writes it had. */
  #last = { at: 0, ms: 0, writes: 0 }

  constructor(file: SqliteFile) {
    this.#file = file
  }

  add(when: When, writer: Writer, write: Statement): Promise<void> {
    const { writes, settle } = this.#join(when, writer)
    writes.push(write)
    return settle.promise
  }

  /** The writer has gathered something more. */
  gathered(when: When, writer: Writer): Promise<void> {
    return this.#join(when, writer).settle.promise
  }

  #join(when: When, writer: Writer): Batch {
    let batch = this.#batches.get(writer)
    if (!batch) {
      batch = { writes: [], settle: Promise.withResolvers() }
      // Some writers do not wait; a failure reaches them with their next write.
      batch.settle.promise.catch(() => {})
      this.#batches.set(writer, batch)
    }
    if (when === 'now') this.#isUrgent = true
    this.#count++
    if (when === 'later') this.#scheduleLater()
    else this.#schedule()
    return batch
  }

  /** Writes what waits, now; in the middle of somebody's transaction it goes on waiting. */
  flush(): void {
    if (this.#batches.size === 0 || this.#file.isTransacting) return
    const batches = this.#batches
    this.#batches = new Map()
    const startedAt = performance.now()
    const isUrgent = this.#isUrgent
    this.#isUrgent = false
    const settlements = this.#write(batches, isUrgent)
    // A transaction without writes does not wait for the disk.
    if (settlements.size < batches.size) this.#written(isUrgent)
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
  #write(batches: ReadonlyMap<Writer, Batch>, isUrgent: boolean): Map<Writer, unknown> {
    const errors = new Map<Writer, unknown>()
    try {
      this.#file.transact(
        () => {
          for (const [writer, batch] of batches) {
            const objection = this.#writeBatch(writer, batch)
            if (objection) errors.set(writer, objection)
          }
        },
        isUrgent ? 'now' : 'soon',
      )
    } catch (error) {
      for (const writer of batches.keys()) errors.set(writer, errors.get(writer) ?? error)
    }
    return errors
  }

  /** Why it was not written. */
  #writeBatch(writer: Writer, { writes }: Batch): ClientError | undefined {
    const objection = writer.objection()
    if (objection) return objection
    for (const { sql, values } of writes) this.#file.run(sql, ...values)
    writer.write?.()
    return undefined
  }

  /** Writes what waits, and waits for the disk for all that was written. */
  close(): void {
    this.flush()
    const isWaited = this.#stopSync !== undefined
    this.#written(true)
    if (isWaited) this.#sync()
  }

  /** Sees to it that what was written soon is on disk. */
  #written(isOnDisk: boolean): void {
    if (isOnDisk) {
      this.#stopSync?.()
      this.#stopSync = undefined
    } else if (!this.#stopSync) {
      const timer = setTimeout(() => {
        this.#stopSync = undefined
        this.#sync()
      }, ON_DISK_MS)
      this.#stopSync = () => {
        clearTimeout(timer)
      }
    }
  }

  #sync(): void {
    if (!this.#file.isOpen) return
    try {
      this.#file.transact(() => {
        for (const sql of TOUCH) this.#file.run(sql)
      })
    } catch {
      // The next write that somebody waits for says what is wrong.
    }
  }

  #scheduleLater(): void {
    if (this.#scheduled !== 'no') return
    this.#scheduled = 'later'
    const timer = setTimeout(this.#flushScheduled, LATER_MS)
    this.#stopLater = () => {
      clearTimeout(timer)
    }
  }

  /** The disk is given as much time as everything else, at most, while there is much to write; while very much, a third of that. */
  #schedule(): void {
    if (this.#scheduled === 'soon') return
    this.#scheduled = 'soon'
    this.#stopLater?.()
    const { at, ms, writes } = this.#last
    const pauseMs = Math.min(writes < BULK_WRITES ? ms : 3 * ms, LONGEST_WAIT_MS)
    const waitMs = writes < BUSY_WRITES ? 0 : at + pauseMs - performance.now()
    if (waitMs >= 1) setTimeout(this.#flushScheduled, waitMs)
    else setImmediate(this.#flushScheduled)
  }

  readonly #flushScheduled = (): void => {
    this.#scheduled = 'no'
    this.#stopLater = undefined
    this.flush()
  }
}
