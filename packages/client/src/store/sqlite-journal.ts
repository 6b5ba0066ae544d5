import { ClientError, toClientError } from '../errors.ts'
import { isList } from '../guards.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { GroupCommit, When, Writer } from './group-commit.ts'
import { hashOfKey, KeyIndex } from './key-index.ts'
import type { BatchGatherer } from './record-batch.ts'
import type { RunEnding } from './run-book.ts'
import { RecordedOrigin } from './recorded-origin.ts'
import { SqliteBatches, type BatchKeys, type BatchKind, type SqliteRun } from './sqlite-batches.ts'
import { sumOf, type SqliteFile } from './sqlite-file.ts'
import { SqliteValues } from './sqlite-values.ts'
import {
  COME_AGAIN,
  type CallIdentity,
  type CallRecord,
  type Journal,
  type JournalReader,
  type Note,
} from './store.ts'
import { ValueWriter } from './value-text.ts'

/** Between what a call is and what it answered: keys of calls inside others have it. */
const INSIDE = '>'

/** Notes whose value is what a call answered name the call: a row is not written twice. */
const ANSWER_OF = '{"$":["answer",'

/** What is recorded of a run. */
export class SqliteReader implements JournalReader {
  protected readonly file: SqliteFile
  protected readonly run: SqliteRun
  protected readonly batches: SqliteBatches
  /** Which batches have which calls. */
  readonly #index = new KeyIndex()
  readonly #values: SqliteValues
  #indexed = 0

  constructor(file: SqliteFile, run: SqliteRun) {
    this.file = file
    this.run = run
    this.batches = new SqliteBatches(file, run)
    this.#values = new SqliteValues(file)
  }

  find(call: CallIdentity): CallRecord | undefined {
    this.refresh()
    const { key, definition, input } = call
    const body = this.#bodyOf(key)
    if (body === undefined) return undefined
    const end = body.indexOf('\n')
    const head: unknown = JSON.parse(body.slice(0, end))
    if (!isList(head) || head[0] !== fingerprintOf(call)) return undefined
    const output = this.#values.read(body.slice(end + 1))
    const origin = RecordedOrigin.parse(head[2])
    return { key, definition, input, output, origin, attempts: Number(head[1]) }
  }

  under(prefix: string): readonly string[] {
    if (!prefix.includes(INSIDE)) return this.#scan(prefix)
    const sql = 'select key from nested where run = ? and key >= ? and key < ?'
    const rows = this.file.all(sql, this.run.number, prefix, `${prefix}\u{10ffff}`)
    return rows.map(({ key }) => String(key))
  }

  *notes(kind: Note['kind']): Generator<Note, void> {
    const seen = new Set<string>()
    const numbers = Array.from(this.batches.keysAfter(kind, 0), ({ number }) => number)
    for (const number of numbers.toReversed()) {
      for (const { key, body } of this.batches.records(kind, number)) {
        if (seen.has(key)) continue
        seen.add(key)
        yield { kind, place: key, value: this.#valueOf(body) }
      }
    }
  }

  /** Takes note of what others have written meanwhile. */
  protected refresh(): void {
    for (const keys of this.batches.keysAfter('call', this.#indexed)) this.enter(keys)
  }

  protected enter({ number, hashes }: BatchKeys): void {
    for (const hash of hashes) this.#index.add(hash, number)
    this.#indexed = number
  }

  #bodyOf(key: string): string | undefined {
    for (const number of this.#index.find(hashOfKey(key))) {
      const body = this.batches.find('call', key, number)
      if (body !== undefined) return body
    }
    return undefined
  }

  #valueOf(body: string): unknown {
    if (!body.startsWith(ANSWER_OF)) return this.#values.read(body)
    const key = String(JSON.parse(body.slice(ANSWER_OF.length, -2)))
    this.refresh()
    const call = this.#bodyOf(key)
    if (call === undefined) throw this.batches.damaged('call', key)
    return this.#values.read(call.slice(call.indexOf('\n') + 1))
  }

  #scan(prefix: string): string[] {
    const keys = new Set<string>()
    for (const { number } of this.batches.keysAfter('call', 0)) {
      for (const { key } of this.batches.records('call', number)) {
        if (key.startsWith(prefix)) keys.add(key)
      }
    }
    return [...keys].toSorted()
  }
}

/** What a journal needs of its store. */
export interface JournalParts {
  readonly group: GroupCommit
  /** Names this holder of the run, and none before or after it. */
  readonly owner: string
  /** Number of the last batch that earlier holders wrote; 0: none. */
  readonly earlier: number
  /** Called once, when it is closed. */
  readonly closed: () => void
}

/** What is to be written. */
interface FreshRecord {
  readonly kind: BatchKind
  readonly key: string
  readonly body: string
}

/** The journal of a run that this process is at. */
export class SqliteJournal extends SqliteReader implements Journal, Writer {
  readonly #group: GroupCommit
  readonly #owner: string
  readonly #earlier: number
  readonly #closed: () => void
  readonly #writer: ValueWriter
  /** What is not on disk yet. */
  readonly #fresh = new Map<string, CallRecord>()
  readonly #gathered = new Map<BatchKind, BatchGatherer>()
  /** The last call of each row lately: rows often are what it answered. */
  #answers = new Map<string, CallRecord>()
  #earlierAnswers = new Map<string, CallRecord>()
  #unindexed: BatchKeys[] = []
  #broken: ClientError | undefined
  #isClosed = false

  constructor(file: SqliteFile, run: SqliteRun, { group, owner, earlier, closed }: JournalParts) {
    super(file, run)
    this.#group = group
    this.#owner = owner
    this.#earlier = earlier
    this.#closed = closed
    super.refresh()
    this.#writer = new ValueWriter({
      keep: (hash, text) => {
        void this.#add(
          'later',
          'insert or ignore into value (hash, body) values (?, ?)',
          hash,
          text,
        )
        void this.#add(
          'later',
          'insert or ignore into hold (run, hash) values (?, ?)',
          run.number,
          hash,
        )
      },
    })
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
    const body = callBody(record, this.#writer.write(output))
    this.#fresh.set(key, record)
    if (isWorthNaming(output)) this.#answers.set(rowOf(key), record)
    if (key.includes(INSIDE)) {
      void this.#add(
        'later',
        'insert or ignore into nested (run, key) values (?, ?)',
        this.run.number,
        key,
      )
    }
    return this.#gather('now', { kind: 'call', key, body })
  }

  note({ kind, place, value }: Note): Promise<void> {
    const call = kind === 'row' ? this.#answerOf(place, value) : undefined
    const body =
      call === undefined ? this.#writer.write(value) : `${ANSWER_OF}${JSON.stringify(call)}]}`
    // Without its inputs a run cannot be taken up; all else can be found out again from the answers to calls.
    return this.#gather(kind === 'input' ? 'soon' : 'later', { kind, key: place, body })
  }

  /** The row's last call, if that answered this lately. */
  #answerOf(row: string, value: unknown): string | undefined {
    const call = this.#answers.get(row) ?? this.#earlierAnswers.get(row)
    return call?.output === value ? call?.key : undefined
  }

  supersede(): void {
    if (this.#earlier === 0) return
    const sql = 'delete from batch where run = ? and kind = ? and number <= ?'
    for (const kind of COME_AGAIN)
      void this.#add('later', sql, this.run.number, kind, this.#earlier)
  }

  tell(status: unknown): void {
    if (this.#isClosed) return
    const text = sealed(`status ${this.run.id}`, status)
    void this.#add('later', 'update run set status = ? where number = ?', text, this.run.number)
  }

  /** Holds the run until then. */
  renew(until: number): void {
    void this.#add('later', 'update run set until = ? where number = ?', until, this.run.number)
  }

  async close(ending?: RunEnding): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const text = ending ? sealed(`ending ${this.run.id}`, ending) : null
    const sql = 'update run set owner = null, until = 0, ending = ? where number = ?'
    // A run that seems to go on comes to the same again; one that was stopped must not go on.
    const when = ending?.state === 'done' ? 'soon' : 'now'
    const written = this.#add(when, sql, text, this.run.number)
    this.#closed()
    try {
      await written
    } catch (error) {
      this.#release()
      throw error
    }
  }

  /** Others need not wait until this holder's time is over, if there is room to say so. */
  #release(): void {
    try {
      const sql = 'update run set owner = null, until = 0 where number = ? and owner = ?'
      this.file.run(sql, this.run.number, this.#owner)
    } catch {
      // They wait.
    }
  }

  objection(): ClientError | undefined {
    if (this.#broken) return this.#broken
    const row = this.file.get('select owner from run where number = ?', this.run.number)
    if (row?.['owner'] === this.#owner) return undefined
    return new ClientError('RUN_HELD', `another process has taken over run ${this.run.id}`)
  }

  write(): void {
    for (const [kind, gathered] of this.#gathered) {
      for (const batch of gathered.take()) {
        const keys = this.batches.write(kind, batch)
        if (kind === 'call') this.#unindexed.push(keys)
      }
    }
  }

  /** What could not be written may be what a later record refers to: nothing is written after it. */
  flushed(error?: unknown): void {
    if (error === undefined) for (const keys of this.#unindexed) this.enter(keys)
    this.#unindexed = []
    this.#fresh.clear()
    this.#earlierAnswers = this.#answers
    this.#answers = new Map()
    if (error !== undefined) this.#broken ??= toClientError(error, 'STORE_FAILED')
  }

  #gather(when: When, { kind, key, body }: FreshRecord): Promise<void> {
    if (!this.file.isOpen) return rejected()
    let gathered = this.#gathered.get(kind)
    if (!gathered) this.#gathered.set(kind, (gathered = this.batches.gatherer(kind)))
    gathered.add(key, body)
    return this.#group.gathered(when, this)
  }

  #add(when: When, sql: string, ...values: (string | number | null)[]): Promise<void> {
    return this.file.isOpen ? this.#group.add(when, this, { sql, values }) : rejected()
  }
}

/** What is written of a call: its identity and origin in the first line, its answer after it. */
function callBody(record: CallRecord, text: string): string {
  const { origin, attempts } = record
  const head = [fingerprintOf(record), attempts, origin]
  return `${JSON.stringify(head)}\n${text}`
}

function rejected(): Promise<void> {
  const closed = Promise.reject(new ClientError('CLOSED', 'the store was closed'))
  closed.catch(() => {})
  return closed
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

/** A JSON value with its checksum. */
export function sealed(place: string, value: unknown): string {
  const body = JSON.stringify(value)
  return `${sumOf(place, body)} ${body}`
}

/** The value, if it is what was written. */
export function unsealed(place: string, text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  const end = text.indexOf(' ')
  const body = text.slice(end + 1)
  return sumOf(place, body) === Number(text.slice(0, end)) ? JSON.parse(body) : undefined
}
