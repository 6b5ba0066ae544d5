import { randomUUID } from 'node:crypto'
import { ownMark, SlotMap, type ProcessMark } from '@skein/protocol'
import { ClientError } from '../errors.ts'
import { atLeast, CLOCK, insistOnFit, type Rule } from '../option-rules.ts'
import { CACHE_LIMIT, CACHE_SIZE } from './cache.ts'
import { GroupCommit } from './group-commit.ts'
import type { Transaction } from './queue.ts'
import type { RunHead } from './run-book.ts'
import type { SqliteRun } from './sqlite-batches.ts'
import { SqliteCache } from './sqlite-cache.ts'
import { SqliteFile } from './sqlite-file.ts'
import { LEASE_MS, SqliteJournal, type JournalParts } from './sqlite-journal.ts'
import { SqliteReader } from './sqlite-reader.ts'
import { SqliteQueue, transactQueues } from './sqlite-queue.ts'
import { SqliteRuns } from './sqlite-runs.ts'
import type { Journal, JournalReader, Note, Store } from './store.ts'

/** How a store in a file is made. */
export interface SqliteStoreOptions {
  /** Milliseconds since 1970, the same for all processes. @default Date.now */
  readonly now?: () => number
  /** Characters of cached answers that are kept; the oldest go, and one that is larger is not kept. @default 268435456 */
  readonly cacheSize?: number
  /** The file grows no larger: what does not fit fails as on a full disk. @default the disk */
  readonly maxBytes?: number
}

const RULES: Readonly<Record<keyof SqliteStoreOptions, Rule>> = {
  now: CLOCK,
  cacheSize: CACHE_LIMIT,
  maxBytes: atLeast(1, ' of bytes'),
}

/**
 * A store in an SQLite file: what it has taken survives the process. Several processes may use the file.
 *
 * @throws {ClientError} `STORE_FAILED` the file is none, or of another version; `INVALID_INPUT` naming the option
 */
export function createSqliteStore(file: string, options: SqliteStoreOptions = {}): Store {
  insistOnFit('a store in a file', options, RULES)
  return new SqliteStore(file, options)
}

class SqliteStore implements Store {
  readonly runs: SqliteRuns
  readonly cache: SqliteCache
  readonly #file: SqliteFile
  readonly #now: () => number
  readonly #group: GroupCommit
  readonly #journals = new SlotMap<number, SqliteJournal>()
  readonly #openings = new Set<Promise<Journal>>()
  #isClosed = false
  readonly #token = randomUUID()
  readonly #renewal: NodeJS.Timeout
  #process: Promise<ProcessMark> | undefined
  #opened = 0

  constructor(
    file: string,
    { now = () => Date.now(), cacheSize = CACHE_SIZE, maxBytes }: SqliteStoreOptions = {},
  ) {
    this.#file = new SqliteFile(file, maxBytes)
    this.#now = now
    this.#group = new GroupCommit(this.#file)
    this.runs = new SqliteRuns(this.#file, { group: this.#group, now })
    this.cache = new SqliteCache(this.#file, { group: this.#group, now, limit: cacheSize })
    this.#renewal = setInterval(() => {
      for (const journal of this.#journals.values()) journal.renew(this.#now() + LEASE_MS)
    }, LEASE_MS / 3)
    this.#renewal.unref()
  }

  async open(id: string, head?: RunHead, notes?: readonly Note[]): Promise<Journal> {
    const opening = this.#open(id, head, notes)
    this.#openings.add(opening)
    try {
      return await opening
    } finally {
      this.#openings.delete(opening)
    }
  }

  async #open(id: string, head?: RunHead, notes: readonly Note[] = []): Promise<Journal> {
    if (this.#isClosed) throw new ClientError('CLOSED', 'the store was closed')
    const number = ++this.#opened
    const token = `${this.#token}.${number}`
    this.#process ??= ownMark()
    const owner = JSON.stringify({ token, process: await this.#process })
    const hold = { owner, until: this.#now() + LEASE_MS }
    const known = head ? undefined : this.runs.locate(id)
    const open = (run: SqliteRun, from: Pick<JournalParts, 'earlier' | 'beginning'>): Journal => {
      const closed = () => this.#journals.delete(number)
      const release = () => {
        this.runs.release(run, owner)
      }
      const parts = { ...from, group: this.#group, owner, closed, release }
      const journal = this.#journalOf(run, parts, notes)
      this.#journals.set(number, journal)
      return journal
    }
    if (known) return open(known, { earlier: await this.runs.take(known, hold) })
    const beginning = this.runs.begin(id, head ?? {}, hold)
    try {
      return open(beginning.run, { earlier: 0, beginning })
    } catch (error) {
      beginning.giveUp()
      throw error
    }
  }

  /** Nobody need wait for a run whose journal cannot be read, or that cannot be begun. */
  #journalOf(run: SqliteRun, parts: JournalParts, notes: readonly Note[]): SqliteJournal {
    try {
      const journal = new SqliteJournal(this.#file, run, parts)
      for (const note of notes) void journal.note(note)
      return journal
    } catch (error) {
      parts.release()
      throw error
    }
  }

  read(id: string): JournalReader | undefined {
    const run = this.runs.locate(id)
    return run && new SqliteReader(this.#file, run)
  }

  queue<T>(name: string): SqliteQueue<T> {
    const transact = <R>(work: () => R) => this.#file.transact(work)
    return new SqliteQueue<T>(this.#file, name, { now: this.#now, transact })
  }

  transaction<T>(work: (transaction: Transaction) => T): T {
    return transactQueues(this.#file, this.#now, work)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#renewal)
    await Promise.allSettled(this.#openings)
    const closing = Array.from(this.#journals.values(), (journal) => journal.close())
    this.#group.close()
    await Promise.allSettled(closing)
    await this.#file.settle()
    this.#file.close()
  }
}
