import type { ClientError } from '../errors.ts'
import type { Cache } from './cache.ts'
import type { CallIdentity, CallRecord } from './call-record.ts'
import type { Queue, Transaction } from './queue.ts'
import type { RunBook, RunEnding, RunHead } from './run-book.ts'

export type { Absences, CallIdentity, CallRecord, KeptOrigin, Origin } from './call-record.ts'

/** What a run notes beside its calls: inputs as they are read, rows and failures as they come, metrics. */
export interface Note {
  readonly kind: 'input' | 'row' | 'failure' | 'metric'
  /** Unique in its kind. */
  readonly place: string
  readonly value: unknown
}

/** Notes that a run makes anew when it is taken up: they take the place of the old ones as they come. */
export const COME_AGAIN: readonly Note['kind'][] = ['row', 'failure']

/** What can be read of a run that somebody else may be at. */
export interface JournalReader {
  /** The record of this very call; none if what is recorded under the key ran something else or on something else. */
  find(call: CallIdentity): CallRecord | undefined
  /** Keys of finished calls that begin with this text, in order. */
  under(prefix: string): readonly string[]
  /** What was noted of that kind, the last of each place, in no order. */
  notes(kind: Note['kind']): Iterable<Note>
}

/** The finished calls of one run. */
export interface Journal extends JournalReader {
  /**
   * Resolves when a run that was begun would survive this process. By itself it does so within 20 ms, and with
   * whatever is committed.
   *
   * @throws {ClientError} `INVALID_INPUT` another process was faster; `STORE_FAILED`
   */
  begun(): Promise<void> | undefined
  /**
   * Records a finished call. The promise resolves when the record would survive a crash; a store that keeps
   * nothing longer than the process returns none.
   *
   * @throws {ClientError} `STORE_FAILED` what was answered cannot be written
   */
  commit(record: CallRecord): Promise<void> | undefined
  /**
   * Notes something; a later note of the same kind and place takes its place. Like `commit`, but the machine's crash it
   * survives only soon after: it can be found out again from what was committed.
   */
  note(note: Note): Promise<void> | undefined
  /** All that comes anew has come since the run was taken up: what it has not replaced is dropped. */
  supersede(): void
  /** How far the run is, for other processes. */
  tell(status: unknown): void
  /**
   * Told once, when this process has no right to the run any more: `RUN_HELD` another has it, or
   * has brought it to its end; `CANCELLED` it was cancelled.
   */
  onLost(listener: (error: ClientError) => void): void
  /**
   * Nothing more comes from this process. Without an ending the run can be taken up again; so it can, for a moment,
   * after a crash of the machine, if its ending is `done`: it comes to the same.
   */
  close(ending?: RunEnding): Promise<void>
}

/** Keeps what runs have done. */
export interface Store extends AsyncDisposable {
  /**
   * Takes a run up, for this process alone; with a head, begins it, together with its first notes: all of it, or
   * nothing. It is there for this process then; see `Journal.begun`.
   *
   * @throws {ClientError} `RUN_HELD` another process is at it; `INVALID_INPUT` one with a head is there already;
   *   `STORE_FAILED`
   */
  open(run: string, head?: RunHead, notes?: readonly Note[]): Promise<Journal>
  /** Reads a run without taking it up; none if it is not there. */
  read(run: string): JournalReader | undefined
  readonly runs: RunBook
  readonly cache: Cache
  /** Work that waits for whoever takes it. */
  queue<T = unknown>(name: string): Queue<T>
  /**
   * Changes several queues together: all of it, or nothing if `work` throws.
   *
   * @throws {ClientError} `INVALID_INPUT` the work is asynchronous; nothing of it is done
   */
  transaction<T>(work: (transaction: Transaction) => T): T
}
