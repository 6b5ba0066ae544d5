import { ClientError, toClientError } from '../errors.ts'
import { isList } from '../guards.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { GroupCommit, Writer } from './group-commit.ts'
import { KeyFilter } from './key-filter.ts'
import type { RunEnding } from './run-book.ts'
import { RecordedOrigin } from './recorded-origin.ts'
import { sumOf, type SqliteFile, type SqlRow } from './sqlite-file.ts'
import { SqliteValues } from './sqlite-values.ts'
import type { CallIdentity, CallRecord, Journal, JournalReader, Note } from './store.ts'
import { ValueWriter } from './value-text.ts'

/** A run in the file. */
export interface SqliteRun {
  readonly id: string
  readonly number: number
}

/** What is recorded of a run. */
export class SqliteReader implements JournalReader {
  protected readonly file: SqliteFile
  protected readonly run: SqliteRun
  readonly #values: SqliteValues

  constructor(file: SqliteFile, run: SqliteRun) {
    this.file = file
    this.run = run
    this.#values = new SqliteValues(file)
  }

  find(call: CallIdentity): CallRecord | undefined {
    const sql = 'select body, sum from call where run = ? and key = ?'
    const row = this.file.get(sql, this.run.number, call.key)
    return row && this.recordOf(call, row)
  }

  /** The record of a call, if this is one of it. */
  protected recordOf(call: CallIdentity, { body, sum }: SqlRow): CallRecord | undefined {
    const { key, definition, input } = call
    if (typeof body !== 'string' || sumOf(this.#callPlace(key), body) !== sum) {
      throw this.file.damaged(`the answer to ${key} of run ${this.run.id}`)
    }
    const end = body.indexOf('\n')
    const head: unknown = JSON.parse(body.slice(0, end))
    if (!isList(head) || head[1] !== definition || head[0] !== fingerprintOf(call)) return undefined
    const output = this.#values.read(body.slice(end + 1))
    const origin = RecordedOrigin.parse(head[3])
    return { key, definition, input, output, origin, attempts: Number(head[2]) }
  }

  under(prefix: string): readonly string[] {
    const sql = 'select key from call where run = ? and key >= ? and key < ?'
    const rows = this.file.all(sql, this.run.number, prefix, `${prefix}\u{10ffff}`)
    return rows.map(({ key }) => String(key))
  }

  *notes(kind: Note['kind']): Generator<Note, void> {
    const sql = 'select place, body, sum from note where run = ? and kind = ? order by place'
    for (const { place, body, sum } of this.file.all(sql, this.run.number, kind)) {
      const name = String(place)
      if (typeof body !== 'string' || sumOf(this.notePlace(kind, name), body) !== sum) {
        throw this.file.damaged(`the ${kind} ${name} of run ${this.run.id}`)
      }
      yield { kind, place: name, value: this.#values.read(body) }
    }
  }

  protected callBody(record: CallRecord, text: string): string {
    const { definition, origin, attempts } = record
    const head = [fingerprintOf(record), definition, attempts, origin]
    return `${JSON.stringify(head)}\n${text}`
  }

  protected callSum(key: string, body: string): number {
    return sumOf(this.#callPlace(key), body)
  }

  protected notePlace(kind: string, place: string): string {
    return `${kind} ${this.run.id} ${place}`
  }

  #callPlace(key: string): string {
    return `call ${this.run.id} ${key}`
  }
}

/** What a journal needs of its store. */
export interface JournalParts {
  readonly group: GroupCommit
  /** Names this holder of the run, and none before or after it. */
  readonly owner: string
  /** Called once, when it is closed. */
  readonly closed: () => void
}

/** The journal of a run that this process is at. */
export class SqliteJournal extends SqliteReader implements Journal, Writer {
  readonly #group: GroupCommit
  readonly #owner: string
  readonly #closed: () => void
  readonly #writer: ValueWriter
  /** What is not on disk yet. */
  readonly #fresh = new Map<string, CallRecord>()
  /** What may be on disk besides what was read ahead. */
  readonly #written = new KeyFilter()
  /** What was there when the run was taken up; none where it is too much to be read at once. */
  readonly #ahead: Map<string, SqlRow> | undefined
  #broken: ClientError | undefined
  #isClosed = false

  constructor(file: SqliteFile, run: SqliteRun, { group, owner, closed }: JournalParts) {
    super(file, run)
    this.#group = group
    this.#owner = owner
    this.#closed = closed
    this.#ahead = readAhead(file, run)
    this.#writer = new ValueWriter({
      keep: (hash, text) => {
        void this.#add('insert or ignore into value (hash, body) values (?, ?)', hash, text)
        void this.#add('insert or ignore into hold (run, hash) values (?, ?)', run.number, hash)
      },
    })
  }

  override find(call: CallIdentity): CallRecord | undefined {
    const { key } = call
    const fresh = this.#fresh.get(key)
    if (!fresh) return this.#findOnDisk(call)
    if (fresh.definition !== call.definition) return undefined
    return fingerprintOf(fresh) === fingerprintOf(call) ? fresh : undefined
  }

  #findOnDisk(call: CallIdentity): CallRecord | undefined {
    const { key } = call
    if (!this.#ahead || this.#written.mayHave(key)) return super.find(call)
    const row = this.#ahead.get(key)
    if (!row) return undefined
    // It is asked for once, as a rule: there is no need to keep it.
    this.#ahead.delete(key)
    this.#written.add(key)
    return this.recordOf(call, row)
  }

  commit(record: CallRecord): Promise<void> {
    const { key } = record
    this.#written.add(key)
    const body = this.callBody(record, this.#writer.write(record.output))
    this.#fresh.set(key, record)
    const sql = 'insert or replace into call (run, key, body, sum) values (?, ?, ?, ?)'
    return this.#add(sql, this.run.number, key, body, this.callSum(key, body))
  }

  note({ kind, place, value }: Note): Promise<void> {
    const body = this.#writer.write(value)
    const sum = sumOf(this.notePlace(kind, place), body)
    const sql = 'insert or replace into note (run, kind, place, body, sum) values (?, ?, ?, ?, ?)'
    return this.#add(sql, this.run.number, kind, place, body, sum)
  }

  tell(status: unknown): void {
    if (this.#isClosed) return
    const text = sealed(`status ${this.run.id}`, status)
    void this.#add('update run set status = ? where number = ?', text, this.run.number)
  }

  /** Holds the run until then. */
  renew(until: number): void {
    void this.#add('update run set until = ? where number = ?', until, this.run.number)
  }

  async close(ending?: RunEnding): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const text = ending ? sealed(`ending ${this.run.id}`, ending) : null
    const sql = 'update run set owner = null, until = 0, ending = ? where number = ?'
    const written = this.#add(sql, text, this.run.number)
    this.#group.flush()
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

  /** What could not be written may be what a later record refers to: nothing is written after it. */
  flushed(error?: unknown): void {
    this.#fresh.clear()
    if (error !== undefined) this.#broken ??= toClientError(error, 'STORE_FAILED')
  }

  #add(sql: string, ...values: (string | number | null)[]): Promise<void> {
    if (this.file.isOpen) return this.#group.add(this, sql, ...values)
    const closed = Promise.reject(new ClientError('CLOSED', 'the store was closed'))
    closed.catch(() => {})
    return closed
  }
}

/** What is read at once when a run is taken up, at most, in characters. */
const MOST_AHEAD = 2 ** 26

/** All calls of a run: a hundred thousand at once take a fraction of the time that they take one by one. */
function readAhead(file: SqliteFile, { number }: SqliteRun): Map<string, SqlRow> | undefined {
  const sql = 'select coalesce(sum(length(body)), 0) as size from call where run = ?'
  if (Number(file.get(sql, number)?.['size']) > MOST_AHEAD) return undefined
  const rows = file.all('select key, body, sum from call where run = ?', number)
  return new Map(rows.map((row) => [String(row['key']), row]))
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
