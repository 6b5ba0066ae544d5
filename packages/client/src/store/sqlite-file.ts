import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { ClientError, messageOf } from '../errors.ts'
import { Checkpoints } from './checkpoints.ts'

/** Changes whenever the tables do. */
const SCHEMA_VERSION = 3

/** SQLite's own name for it. */
const IN_MEMORY = ':memory:'

/** Of files that are made now: SQLite writes page by page, and a batch of records has many. In larger ones a small run is dearer. */
const PAGE_BYTES = 8192

/** Bytes of the log that SQLite takes to where they belong by itself. */
const LONG_LOG = 16e6
/** The same where a thread does so before. */
const LONGEST_LOG = 64e6

/** Pages that a statement changes besides those of its values: the ends of indexes and the like. */
const CHANGED_PAGES = 2

/** How long another process may write before it is given up. */
const BUSY_MS = 5000

/** Between two looks whether it has written. */
const PAUSE_MS = 5

/** Wakes nobody: a pause of the whole thread, while there is no file to go on with. */
const NOBODY = new Int32Array(new SharedArrayBuffer(4))

const TABLES = `
create table run (
  number integer primary key, id text not null unique, project text not null, head text not null,
  ending text, owner text, until real not null default 0, status text
);
create index run_of_project on run (project, number);
create table batch (
  number integer primary key, run integer not null, kind text not null,
  numbers blob not null, sum integer not null, body blob not null
);
create index batch_of_run on batch (run, kind, number);
create table nested (run integer not null, key text not null, primary key (run, key)) without rowid;
create table value (hash text primary key, body text not null);
create table hold (run integer not null, hash text not null, primary key (run, hash)) without rowid;
create index held_by on hold (hash);
create table answer (
  number integer primary key, scope text not null, key text not null, step text not null, body text not null,
  sum integer not null, at real not null, until real not null, size integer not null, unique (scope, key)
);
create table item (
  number integer primary key, queue text not null, key text not null, body text not null, sum integer not null,
  visible real not null, token integer not null default 0, attempts integer not null default 0, error text,
  unique (queue, key)
);
create index item_in_line on item (queue, visible, number) where error is null;
`

/** The tables as SQLite tells them: names that were changed in the file would otherwise be those of other columns. */
const TOLD = TABLES.split(';')
  .map((table) => table.trim().replace(/^create (?:table|index)/, (start) => start.toUpperCase()))
  .filter((table) => table !== '')

/** What rows a statement gives. */
export type SqlRow = Readonly<Record<string, unknown>>

/** A database file that several processes may use. Every mistake of it is a `STORE_FAILED` that names the file. */
export class SqliteFile {
  readonly file: string
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #checkpoints: Checkpoints
  #pageBytes = PAGE_BYTES
  #isOpen = true
  /** Bytes that the transaction under way has written, about. */
  #written = 0

  /** Throws a `ClientError` `STORE_FAILED`. */
  constructor(file: string, maxBytes = Infinity) {
    this.file = file === IN_MEMORY ? file : path.resolve(file)
    this.#checkpoints = new Checkpoints(this.file, {
      done: () => {
        this.#checkpoint(LONGEST_LOG)
      },
      failed: () => {
        this.#checkpoint(LONG_LOG)
      },
    })
    try {
      if (file !== IN_MEMORY) prepareFile(this.file)
      this.#database = new DatabaseSync(this.file, { timeout: BUSY_MS })
    } catch (cause) {
      throw this.#explain(cause)
    }
    try {
      this.#prepareInTurn()
      if (maxBytes < Infinity) {
        this.#database.exec(`pragma max_page_count = ${Math.ceil(maxBytes / this.#pageBytes)}`)
      }
    } catch (cause) {
      this.close()
      throw this.#explain(cause)
    }
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Whether what is written now is part of a transaction that somebody else began. */
  get isTransacting(): boolean {
    return this.#isOpen && this.#database.isTransaction
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    this.#count(values)
    try {
      return Number(this.#statement(sql).run(...values).changes)
    } catch (cause) {
      throw this.#explain(cause)
    }
  }

  /** The number of the row that was inserted; none where none was. Quicker than `returning`. */
  insert(sql: string, ...values: SQLInputValue[]): number | undefined {
    this.#count(values)
    try {
      const { changes, lastInsertRowid } = this.#statement(sql).run(...values)
      return Number(changes) === 0 ? undefined : Number(lastInsertRowid)
    } catch (cause) {
      throw this.#explain(cause)
    }
  }

  get(sql: string, ...values: SQLInputValue[]): SqlRow | undefined {
    try {
      return this.#statement(sql).get(...values)
    } catch (cause) {
      throw this.#explain(cause)
    }
  }

  all(sql: string, ...values: SQLInputValue[]): SqlRow[] {
    try {
      return this.#statement(sql).all(...values)
    } catch (cause) {
      throw this.#explain(cause)
    }
  }

  /** Rows as they are at one moment, one at a time: nothing is to be written before the last was read. */
  *each(sql: string, ...values: SQLInputValue[]): Generator<SqlRow, void> {
    try {
      yield* this.#database.prepare(sql).iterate(...values)
    } catch (cause) {
      throw this.#explain(cause)
    }
  }

  /** All of it, or nothing; on disk when this returns, or together with what is written next `'now'`. */
  transact<T>(work: () => T, when: 'now' | 'soon' = 'now'): T {
    if (this.isTransacting) {
      throw this.#explain(new Error('a transaction is under way: write with what it was given'))
    }
    if (when === 'now') return this.#transact(work)
    this.exec('pragma synchronous = normal')
    try {
      return this.#transact(work)
    } finally {
      this.exec('pragma synchronous = full')
    }
  }

  #transact<T>(work: () => T): T {
    this.#written = 0
    this.exec('begin immediate')
    try {
      const result = work()
      this.exec('commit')
      if (this.file !== IN_MEMORY) this.#checkpoints.wrote(this.#written)
      return result
    } catch (error) {
      // SQLite may have rolled back by itself, as it does when the disk is full.
      if (this.#database.isTransaction) this.exec('rollback')
      throw error
    }
  }

  exec(sql: string): void {
    try {
      this.#database.exec(sql)
    } catch (cause) {
      throw this.#explain(cause)
    }
  }

  /** Ends what goes on in the background; nothing is to be written after it. */
  async settle(): Promise<void> {
    await this.#checkpoints.close()
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#statements.clear()
    try {
      this.#database.close()
    } catch {
      // Everything that was promised is on disk already.
    }
  }

  /** A record whose checksum is wrong, and what can be done about it. */
  damaged(what: string, mend?: string): ClientError {
    const so = mend === undefined ? '' : `; ${mend}`
    return new ClientError('STORE_FAILED', `${what} is damaged in ${this.file}${so}`)
  }

  /** SQLite waits for others, but not where it begins a log: of several that make a file at once one would fail. */
  #prepareInTurn(): void {
    const until = Date.now() + BUSY_MS
    for (;;) {
      try {
        this.#prepare()
        return
      } catch (cause) {
        if (!messageOf(cause).includes('database is locked') || Date.now() > until) throw cause
        Atomics.wait(NOBODY, 0, 0, PAUSE_MS)
      }
    }
  }

  #prepare(): void {
    // What is not ours is left as it is.
    this.#insistOnOurs()
    this.#database.exec(
      `pragma page_size = ${PAGE_BYTES}; pragma journal_mode = wal; pragma synchronous = full`,
    )
    this.#pageBytes = Number(this.#database.prepare('pragma page_size').get()?.['page_size'])
    this.#takeInBy(LONG_LOG)
    if (this.#version() === SCHEMA_VERSION) return
    this.transact(() => {
      // Another process may have been faster.
      this.#insistOnOurs()
      if (this.#version() === SCHEMA_VERSION) return
      this.#database.exec(TABLES)
      this.#database.exec(`pragma user_version = ${SCHEMA_VERSION}`)
    })
  }

  /** A database of this program and version, or an empty one. */
  #insistOnOurs(): void {
    const isEmpty = this.#database.prepare('select 1 from sqlite_schema').get() === undefined
    // Looked at after the tables: another process makes both at once.
    const version = this.#version()
    if (version === 0 && isEmpty) return
    if (version === SCHEMA_VERSION) {
      this.#insistOnTables()
      return
    }
    const whose =
      version === 0
        ? 'is a database of another program; name another file'
        : `was made by another version of this program (${String(version)}, not ${SCHEMA_VERSION}); move it away`
    throw new ClientError('STORE_FAILED', `${this.file} ${whose}`)
  }

  #insistOnTables(): void {
    const rows = this.#database.prepare('select sql from sqlite_schema').all()
    const told = new Set(rows.map((row) => row['sql']))
    // In any order, and with others beside them: that is what VACUUM and ANALYZE leave.
    if (TOLD.every((table) => told.has(table))) return
    throw this.damaged('the description of the tables')
  }

  #count(values: readonly SQLInputValue[]): void {
    this.#written += CHANGED_PAGES * this.#pageBytes
    for (const value of values) {
      if (typeof value === 'string' || value instanceof Uint8Array) this.#written += value.length
    }
  }

  /** Takes in what is in the log; from now on whenever it is so long, in bytes. */
  #checkpoint(bytes: number): void {
    if (!this.#isOpen || this.isTransacting) return
    try {
      this.#database.exec('pragma wal_checkpoint(passive)')
      this.#takeInBy(bytes)
    } catch {
      // Whoever writes next finds out what is wrong with the disk.
    }
  }

  #takeInBy(bytes: number): void {
    const pages = Math.ceil(bytes / this.#pageBytes)
    this.#database.exec(`pragma wal_autocheckpoint = ${pages}`)
  }

  #version(): unknown {
    return this.#database.prepare('pragma user_version').get()?.['user_version']
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)))
    return statement
  }

  #explain(cause: unknown): ClientError {
    if (cause instanceof ClientError) return cause
    return new ClientError('STORE_FAILED', `${this.file}: ${messageOf(cause)}`, { cause })
  }
}

/** It holds prompts and answers: nobody else is to read it. */
function prepareFile(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  // A file that is closed loses the locks of all who have it open in this process.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
}

/** What is read again must have the checksum that it was written with; `place` says whose it is. */
export function sumOf(place: string, body: string): number {
  return crc32(`${place}\n${body}`)
}
