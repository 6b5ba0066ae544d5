import { ClientError } from '../errors.ts'
import { atLeast, CLOCK, insistOnFit, type Rule } from '../option-rules.ts'
import { CACHE_LIMIT, CACHE_SIZE } from './cache.ts'
import { fingerprintOf } from './fingerprint.ts'
import { GroupCommit } from './group-commit.ts'
import { LastOnes } from './last-ones.ts'
import type { Transaction } from './queue.ts'
import type { RunBook, RunEnding, RunHead, RunRecord } from './run-book.ts'
import { insistOnRecordable } from './recordable.ts'
import { SqliteCache } from './sqlite-cache.ts'
import { SqliteFile } from './sqlite-file.ts'
import { SqliteQueue, transactQueues } from './sqlite-queue.ts'
import { contextError, DEFAULT_PROJECT, takenError } from './sqlite-runs.ts'
import {
  COME_AGAIN,
  type CallIdentity,
  type CallRecord,
  type Journal,
  type JournalReader,
  type Note,
  type Store,
} from './store.ts'

/** How a store in memory is made. */
export interface MemoryStoreOptions {
  /**
   * Calls, and notes of each kind, that are kept of each run that goes on, and of all that are over.
   *
   * @default 20000
   */
  readonly capacity?: number
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number
  /** Characters of cached answers that are kept; the oldest go, and one that is larger is not kept. @default 268435456 */
  readonly cacheSize?: number
}

const RULES: Readonly<Record<keyof MemoryStoreOptions, Rule>> = {
  capacity: atLeast(1, ' of calls'),
  now: CLOCK,
  cacheSize: CACHE_LIMIT,
}

/** Enough to resume what a test or a short program does; whoever has more wants it on disk as well. */
const DEFAULT_CAPACITY = 20_000

/**
 * A store that ends with the process. It keeps the last `capacity` calls of each run that goes on, and as many
 * of the runs that are over, the latest runs whole.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  insistOnFit('a store in memory', options, RULES)
  return new MemoryStore(options)
}

class MemoryStore implements Store {
  readonly #capacity: number
  readonly #cacheSize: number
  readonly #now: () => number
  readonly #runs = new Map<string, MemoryJournal>()
  /** Runs that are over, the one that ended first at the head. */
  readonly #over = new Set<MemoryJournal>()
  #kept = 0
  #scratch: SqliteFile | undefined
  #cache: SqliteCache | undefined

  constructor({
    capacity = DEFAULT_CAPACITY,
    now = () => Date.now(),
    cacheSize = CACHE_SIZE,
  }: MemoryStoreOptions) {
    this.#capacity = capacity
    this.#now = now
    this.#cacheSize = cacheSize
  }

  open(id: string, head?: RunHead, notes: readonly Note[] = []): Promise<Journal> {
    return new Promise((resolve) => {
      const known = this.#runs.get(id)
      if (known && head) {
        const { project = DEFAULT_PROJECT } = head
        throw takenError(id, known.record().project, project)
      }
      if (head) insistOnHead(id, head)
      const journal =
        known ?? new MemoryJournal(id, head ?? {}, { capacity: this.#capacity, ended: this.#ended })
      journal.take()
      for (const note of notes) journal.note(note)
      this.#runs.set(id, journal)
      if (this.#over.delete(journal)) this.#kept -= journal.size
      resolve(journal)
    })
  }

  read(id: string): JournalReader | undefined {
    return this.#runs.get(id)
  }

  get runs(): RunBook {
    return {
      get: (id) => Promise.resolve(this.#runs.get(id)?.record()),
      list: ({ project, limit = 100, unfinished = false } = {}) => {
        const records = Array.from(this.#runs.values(), (run) => run.record()).toReversed()
        const wanted = records.filter(
          (run) =>
            (project === undefined || run.project === project) &&
            (!unfinished || run.endedAt === undefined),
        )
        return Promise.resolve(wanted.slice(0, limit))
      },
      cancel: (id) => Promise.resolve(this.#runs.get(id)?.cancel(this.#now()) ?? false),
      remove: (id) =>
        new Promise((resolve) => {
          resolve(this.#remove(id))
        }),
    }
  }

  get cache(): SqliteCache {
    if (this.#cache) return this.#cache
    const file = this.#file()
    const parts = { group: new GroupCommit(file), now: this.#now, limit: this.#cacheSize }
    return (this.#cache = new SqliteCache(file, parts))
  }

  queue<T>(name: string): SqliteQueue<T> {
    const file = this.#file()
    const transact = <R>(work: () => R) => file.transact(work)
    return new SqliteQueue<T>(file, name, { now: this.#now, transact })
  }

  transaction<T>(work: (transaction: Transaction) => T): T {
    return transactQueues(this.#file(), this.#now, work)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#cache?.clear()
    this.#runs.clear()
    this.#over.clear()
    this.#kept = 0
    this.#scratch?.close()
    this.#scratch = undefined
    this.#cache = undefined
    return Promise.resolve()
  }

  /** Made when it is first needed: most clients cache nothing and queue nothing. */
  #file(): SqliteFile {
    this.#scratch ??= new SqliteFile(':memory:')
    return this.#scratch
  }

  #remove(id: string): boolean {
    const run = this.#runs.get(id)
    if (!run) return false
    if (run.isHeld) throw heldError(id)
    this.#forget(run)
    return true
  }

  #forget(run: MemoryJournal): void {
    if (this.#over.delete(run)) this.#kept -= run.size
    this.#runs.delete(run.id)
    this.#cache?.forgetRun(run.id)
  }

  readonly #ended = (run: MemoryJournal): void => {
    if (this.#runs.get(run.id) !== run) return
    this.#over.add(run)
    this.#kept += run.size
    for (const oldest of this.#over) {
      if (this.#kept <= this.#capacity || oldest === run) break
      this.#forget(oldest)
    }
  }
}

class MemoryJournal implements Journal {
  readonly id: string
  readonly #head: RunHead
  readonly #records: LastOnes<CallRecord>
  readonly #notes = new Map<Note['kind'], LastOnes<Note>>()
  /** Those from before it was taken up that may come anew. */
  readonly #earlier = new Map<Note['kind'], readonly Note[]>()
  readonly #capacity: number
  readonly #ended: (journal: MemoryJournal) => void
  #ending: RunEnding | undefined
  /** How it ended before it was taken up, until something comes. */
  #before: RunEnding | undefined
  #status: unknown
  #lost: (error: ClientError) => void = () => {}
  isHeld = false

  constructor(
    id: string,
    head: RunHead,
    parts: {
      readonly capacity: number
      readonly ended: (journal: MemoryJournal) => void
    },
  ) {
    this.id = id
    this.#head = head
    this.#capacity = parts.capacity
    this.#records = new LastOnes(parts.capacity)
    this.#ended = parts.ended
  }

  /** A run without a call takes room as well. */
  get size(): number {
    return Math.max(1, this.#records.size)
  }

  /** Throws `RUN_HELD` where somebody has it. */
  take(): void {
    if (this.isHeld) throw heldError(this.id)
    this.#lost = () => {}
    this.isHeld = true
    this.#before = this.#ending
    this.#ending = undefined
    for (const kind of COME_AGAIN) {
      const earlier = this.notes(kind)
      this.#notes.delete(kind)
      this.#earlier.set(kind, earlier.slice(-this.#capacity))
    }
  }

  onLost(listener: (error: ClientError) => void): void {
    this.#lost = listener
  }

  /** `false`: it has come to its end. */
  cancel(endedAt: number): boolean {
    if (this.#ending) return false
    const lost = this.#lost
    void this.close({ state: 'cancelled', endedAt })
    this.#ending ??= { state: 'cancelled', endedAt }
    lost(new ClientError('CANCELLED', `run ${this.id} was cancelled`))
    return true
  }

  record(): RunRecord {
    const { project = DEFAULT_PROJECT } = this.#head
    const state = this.isHeld ? 'running' : (this.#ending?.state ?? 'interrupted')
    const status = this.#status === undefined ? {} : { status: this.#status }
    return { ...this.#head, ...this.#ending, ...status, id: this.id, project, state }
  }

  find(call: CallIdentity): CallRecord | undefined {
    const record = this.#records.get(call.key)
    if (record?.definition !== call.definition) return undefined
    const isSame = record.input === call.input || fingerprintOf(record) === fingerprintOf(call)
    return isSame ? record : undefined
  }

  under(prefix: string): readonly string[] {
    return this.#records
      .keys()
      .filter((key) => key.startsWith(prefix))
      .toSorted()
  }

  notes(kind: Note['kind']): Note[] {
    const current = this.#notes.get(kind)?.values() ?? []
    const earlier = this.#earlier.get(kind) ?? []
    return [...new Map([...earlier, ...current].map((note) => [note.place, note])).values()]
  }

  begun(): undefined {}

  commit(record: CallRecord): undefined {
    insistOnRecordable(record.output)
    insistOnRecordable(record.input)
    this.#before = undefined
    this.#records.set(record.key, record)
  }

  note(note: Note): undefined {
    insistOnRecordable(note.value)
    this.#before = undefined
    let notes = this.#notes.get(note.kind)
    if (!notes) this.#notes.set(note.kind, (notes = new LastOnes(this.#capacity)))
    notes.set(note.place, note)
  }

  supersede(): void {
    this.#earlier.clear()
  }

  tell(status: unknown): void {
    this.#before = undefined
    this.#status = status
  }

  close(ending?: RunEnding): Promise<void> {
    if (this.isHeld) {
      this.isHeld = false
      this.#ending = ending ?? this.#before
      this.#ended(this)
    }
    return Promise.resolve()
  }
}

/** Throws `INVALID_INPUT` where the context cannot be written. */
function insistOnHead(id: string, { context }: RunHead): void {
  try {
    insistOnRecordable({ context })
  } catch (error) {
    throw contextError(id, error)
  }
}

function heldError(id: string): ClientError {
  return new ClientError('RUN_HELD', `somebody is at run '${id}'; wait until it ends`)
}
