import { ClientError, toClientError, type ClientErrorCode } from '../errors.ts'
import { isRecord } from '../guards.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { GroupCommit, When, Writer } from './group-commit.ts'
import type { BatchGatherer } from './record-batch.ts'
import type { RunEnding } from './run-book.ts'
import { sealed, unsealed } from './sealed-text.ts'
import type { BatchKeys, BatchKind, SqliteRun } from './sqlite-batches.ts'
import type { SqliteFile } from './sqlite-file.ts'
import type { Beginning } from './sqlite-runs.ts'
import { ANSWER_OF, INSIDE, SqliteReader } from './sqlite-reader.ts'
import { HOLD_VALUE, KEEP_VALUE } from './sqlite-values.ts'
import { COME_AGAIN, type CallIdentity, type CallRecord, type Journal, type Note } from './store.ts'
import { ValueWriter } from './value-text.ts'

/** Somebody else has decided over the run. */
const LOST: ReadonlySet<ClientErrorCode> = new Set(['RUN_HELD', 'CANCELLED'])

/** A process that shows no life for so long has lost its runs, wherever it is. In milliseconds. */
export const LEASE_MS = 15_000

/** What a journal needs of its store. */
export interface JournalParts {
  readonly group: GroupCommit
  /** Names this holder of the run, and none before or after it. */
  readonly owner: string
  /** Number of the last batch that earlier holders wrote; 0: none. */
  readonly earlier: number
  /** How a run begins that is not there yet. */
  readonly beginning?: Pick<Beginning, 'write' | 'giveUp'> | undefined
  /** Called once, when it is closed. */
  readonly closed: () => void
  /** Others need not wait until this holder's time is over, if there is room to say so. */
  readonly release: () => void
}

/** What is to be written. */
interface FreshRecord {
  readonly kind: BatchKind
  readonly key: string
  /** The body in two pieces. */
  readonly head: string
  readonly rest: string
}

/** The journal of a run that this process is at. */
export class SqliteJournal extends SqliteReader implements Journal, Writer {
  readonly #parts: JournalParts
  readonly #writer: ValueWriter
  /** What is not written yet. */
  #fresh = new Map<string, CallRecord>()
  readonly #gathered = new Map<BatchKind, BatchGatherer>()
  /** The last call of each row lately: rows often are what it answered. */
  #answers = new Map<string, CallRecord>()
  #earlierAnswers = new Map<string, CallRecord>()
  /** Notes of this process, by their kinds: of a run that is over it can be told whether one is missing. */
  readonly #noted: Partial<Record<Note['kind'], number>> = {}
  #hasSuperseded = false
  /** Whether anything was given to it. */
  #hasWritten = false
  /** Whether its run is there. */
  #isBegun: boolean
  #unindexed: BatchKeys[] = []
  /** What is written besides. */
  #rest: (() => void)[] = []
  /** What its row in the table of runs is to say. */
  #status: string | undefined
  #ending: string | undefined
  #broken: ClientError | undefined
  #lost: ((error: ClientError) => void) | undefined
  /** Why it has no right to the run any more, until somebody was told. */
  #loss: ClientError | undefined
  #isClosed = false

  constructor(file: SqliteFile, run: SqliteRun, parts: JournalParts) {
    super(file, run)
    this.#parts = parts
    this.#isBegun = parts.beginning === undefined
    this.#writer = new ValueWriter({
      keep: (hash, text) => {
        void this.#add(() => {
          file.run(KEEP_VALUE, hash, text)
          file.run(HOLD_VALUE, run.number, hash)
        })
      },
    })
    if (this.#isBegun) super.refresh()
    else void this.#touch('later')
  }

  begun(): Promise<void> | undefined {
    return this.#isBegun ? undefined : this.#touch('soon')
  }

  override find(call: CallIdentity): CallRecord | undefined {
    const fresh = this.#fresh.get(call.key)
    if (!fresh) return super.find(call)
    if (fresh.definition !== call.definition) return undefined
    return fingerprintOf(fresh) === fingerprintOf(call) ? fresh : undefined
  }

  /** Nobody else writes. */
  protected override refresh(): void {}

  commit(record: CallRecord): Promise<void> {
    const { key, output } = record
    const [mark, rest] = this.#writer.pieces(output)
    const head = callHead(record) + mark
    this.#fresh.set(key, record)
    if (isWorthNaming(output)) this.#answers.set(rowOf(key), record)
    if (key.includes(INSIDE)) {
      const sql = 'insert or ignore into nested (run, key) values (?, ?)'
      void this.#add(() => this.file.run(sql, this.run.number, key))
    }
    return this.#gather('now', { kind: 'call', key, head, rest })
  }

  note({ kind, place, value }: Note): Promise<void> {
    const call = kind === 'row' ? this.#answerOf(place, value) : undefined
    const [head, rest] =
      call === undefined
        ? this.#writer.pieces(value)
        : ([ANSWER_OF, `${JSON.stringify(call)}]}`] as const)
    this.#noted[kind] = (this.#noted[kind] ?? 0) + 1
    // Without its inputs a run that is there cannot be taken up; all else can be found out again from the answers to calls.
    const when = kind === 'input' && this.#isBegun ? 'soon' : 'later'
    return this.#gather(when, { kind, key: place, head, rest })
  }

  /** The row's last call, if that answered this lately. */
  #answerOf(row: string, value: unknown): string | undefined {
    const call = this.#answers.get(row) ?? this.#earlierAnswers.get(row)
    return call?.output === value ? call?.key : undefined
  }

  onLost(listener: (error: ClientError) => void): void {
    this.#lost = listener
    this.#tellLoss()
  }

  #tellLoss(): void {
    const loss = this.#loss
    if (!loss || !this.#lost) return
    this.#loss = undefined
    this.#lost(loss)
  }

  supersede(): void {
    this.#hasSuperseded = true
    const { earlier } = this.#parts
    if (earlier === 0) return
    const sql = 'delete from batch where run = ? and kind = ? and number <= ?'
    void this.#add(() => {
      for (const kind of COME_AGAIN) this.file.run(sql, this.run.number, kind, earlier)
    })
  }

  tell(status: unknown): void {
    if (this.#isClosed) return
    this.#status = sealed(`status ${this.run.id}`, status)
    void this.#touch('later')
  }

  /** Holds the run until then. */
  renew(until: number): void {
    const sql = 'update run set until = ? where number = ?'
    void this.#add(() => this.file.run(sql, until, this.run.number))
  }

  async close(ending?: RunEnding): Promise<void> {
    if (this.#isClosed) return
    if (!ending && !this.#hasWritten) {
      this.#isClosed = true
      this.#parts.closed()
      this.#parts.release()
      return
    }
    const noted = this.#allNoted()
    if (ending) this.#ending = sealed(`ending ${this.run.id}`, { ...ending, noted })
    // A run that seems to go on comes to the same again; one that was stopped must not go on.
    const written = this.#touch(ending?.state === 'done' ? 'soon' : 'now')
    this.#isClosed = true
    this.#parts.closed()
    try {
      await written
    } catch (error) {
      this.#parts.release()
      throw error
    }
  }

  /** How many notes there are of each kind of which this process has made all that there are. */
  #allNoted(): Partial<Record<Note['kind'], number>> {
    if (this.#parts.earlier === 0) return this.#noted
    if (!this.#hasSuperseded) return {}
    return Object.fromEntries(COME_AGAIN.map((kind) => [kind, this.#noted[kind] ?? 0]))
  }

  objection(): ClientError | undefined {
    if (this.#broken) return this.#broken
    if (this.run.number === 0) return this.#parts.beginning?.write()
    const row = this.file.get('select owner, ending from run where number = ?', this.run.number)
    const ending = row?.['ending']
    const hasEnded = typeof ending === 'string'
    if (row?.['owner'] === this.#parts.owner) {
      // It goes on from here: who only took it up and gave it back has changed nothing.
      if (hasEnded) this.file.run('update run set ending = null where number = ?', this.run.number)
      return undefined
    }
    if (hasEnded) return endedError(this.run.id, ending)
    return takenOverError(this.run.id)
  }

  write(): void {
    const rest = this.#rest
    this.#rest = []
    for (const write of rest) write()
    for (const [kind, gathered] of this.#gathered) {
      for (const batch of gathered.take()) {
        const keys = this.batches.write(kind, batch)
        if (kind === 'call') this.#unindexed.push(keys)
      }
    }
    this.#writeRow()
  }

  /** At once what has changed of it: SQLite writes a row as a whole. */
  #writeRow(): void {
    const { number } = this.run
    if (this.#isClosed) {
      const sql = `update run set status = coalesce(?, status), owner = null, until = 0, ending = ?
        where number = ?`
      this.file.run(sql, this.#status ?? null, this.#ending ?? null, number)
    } else if (this.#status !== undefined) {
      this.file.run('update run set status = ? where number = ?', this.#status, number)
    }
    this.#status = undefined
  }

  /** What could not be written may be what a later record refers to: nothing is written after it. */
  flushed(error?: unknown): void {
    if (error === undefined) for (const keys of this.#unindexed) this.enter(keys)
    this.#unindexed = []
    // A map that is cleared would keep alive what stood in it: see SlotMap.
    this.#fresh = new Map()
    this.#earlierAnswers = this.#answers
    this.#answers = new Map()
    this.#isBegun ||= error === undefined
    if (error === undefined || this.#broken) return
    const broken = toClientError(error, 'STORE_FAILED')
    this.#broken = broken
    // Another may have its id.
    if (!this.#isBegun) this.#parts.beginning?.giveUp()
    if (this.#isBegun && !LOST.has(broken.code)) return
    this.#loss = broken
    // What the listener does is no business of the others whose writes were in the same group.
    queueMicrotask(() => {
      this.#tellLoss()
    })
  }

  #gather(when: When, { kind, key, head, rest }: FreshRecord): Promise<void> {
    const refusal = this.#refusal()
    if (refusal) return rejected(refusal)
    let gathered = this.#gathered.get(kind)
    if (!gathered) this.#gathered.set(kind, (gathered = this.batches.gatherer(kind)))
    gathered.add(key, head, rest)
    return this.#touch(when)
  }

  /** There is something for `write` to write. */
  #touch(when: When): Promise<void> {
    const refusal = this.#refusal()
    this.#hasWritten = true
    return refusal ? rejected(refusal) : this.#parts.group.gathered(when, this)
  }

  /** Written later, before what is gathered. */
  #add(write: () => void): Promise<void> {
    if (!this.#refusal()) this.#rest.push(write)
    return this.#touch('later')
  }

  /** Why nothing more can be written, if so. */
  #refusal(): ClientError | undefined {
    const isOver = this.#isClosed || !this.file.isOpen
    return this.#broken ?? (isOver ? new ClientError('CLOSED', 'the run was closed') : undefined)
  }
}

/** What is written of a call before its answer: its identity and origin, in a line. */
function callHead(record: CallRecord): string {
  const { origin, attempts } = record
  return `${JSON.stringify([fingerprintOf(record), attempts, origin])}\n`
}

function takenOverError(id: string): ClientError {
  const message = `another process has taken over run '${id}', as it may when this one shows no life for ${LEASE_MS / 1000} seconds: what keeps the thread busy for so long belongs in a step with 'worker'`
  return new ClientError('RUN_HELD', message)
}

/** Why a run goes on no more that somebody else has ended; who cannot read how has lost it as well. */
function endedError(id: string, text: string): ClientError {
  const ending = unsealed(`ending ${id}`, text)
  return isRecord(ending) && ending['state'] === 'cancelled'
    ? new ClientError('CANCELLED', `run ${id} was cancelled`)
    : new ClientError('RUN_HELD', `another process has ended run '${id}'`)
}

function rejected(reason: ClientError): Promise<void> {
  const rejection = Promise.reject(reason)
  rejection.catch(() => {})
  return rejection
}

/** The place of the row that a call was made for: its key begins with it. */
function rowOf(key: string): string {
  return key.slice(0, key.indexOf('/'))
}

/** Shorter texts than the name of a call are written as they are. */
const SHORTEST_NAMED = 64

function isWorthNaming(value: unknown): boolean {
  return typeof value === 'string'
    ? value.length >= SHORTEST_NAMED
    : typeof value === 'object' && value !== null
}
