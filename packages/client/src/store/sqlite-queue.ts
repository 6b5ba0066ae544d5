import { randomInt } from 'node:crypto'
import { ClientError } from '../errors.ts'
import { isThenable } from '../guards.ts'
import {
  MOST_ATTEMPTS,
  type DeadLetter,
  type FailOptions,
  type Leased,
  type LeaseOptions,
  type PushOptions,
  type Queue,
  type Transaction,
} from './queue.ts'
import { checkFailure, checkLease, checkPush, checkRenewal } from './queue-options.ts'
import { sumOf, type SqliteFile, type SqlRow } from './sqlite-file.ts'
import { noReference, readValue, textOf } from './value-text.ts'

/** Tokens are drawn, not counted: what counts them goes with the item, and another of its key would get them again. */
const MOST_TOKENS = 2 ** 48 - 1

/** Runs changes so that they are on disk when it returns, or not made at all. */
export type Transact = <R>(work: () => R) => R

/** A queue in a file: any number of processes may work on it. */
export class SqliteQueue<T> implements Queue<T> {
  readonly #file: SqliteFile
  readonly #name: string
  readonly #now: () => number
  readonly #transact: Transact

  constructor(
    file: SqliteFile,
    name: string,
    { now, transact }: { readonly now: () => number; readonly transact: Transact },
  ) {
    this.#file = file
    this.#name = name
    this.#now = now
    this.#transact = transact
  }

  push(key: string, value: T, options: PushOptions = {}): boolean {
    checkPush(key, options)
    const { visibleAt = this.#now(), overwrite = false } = options
    const body = textOf(value)
    const or = overwrite ? 'replace' : 'ignore'
    // With a token of its own: whoever has what was replaced, or was there before, has lost it.
    const sql = `insert or ${or} into item (queue, key, body, sum, visible, token) values (?, ?, ?, ?, ?, ?)`
    const sum = sumOf(this.#place(key), body)
    return this.#change(sql, this.#name, key, body, sum, visibleAt, newToken())
  }

  lease(options: LeaseOptions): Leased<T>[] {
    checkLease(options)
    const { ms, limit = 1 } = options
    return this.#transact(() => {
      const now = this.#now()
      const sql = `select * from item where queue = ? and error is null and visible <= ?
        order by visible, number limit ?`
      const rows = this.#file.all(sql, this.#name, now, limit)
      return rows.map((row) => {
        const leased = this.#leasedOf(row)
        const take = 'update item set visible = ?, token = ?, attempts = ? where number = ?'
        const { token, attempts } = leased
        this.#file.run(take, now + ms, token, attempts, Number(row['number']))
        return leased
      })
    })
  }

  renew({ key, token }: Leased<T>, ms: number): boolean {
    checkRenewal(ms)
    const now = this.#now()
    const sql =
      'update item set visible = ? where queue = ? and key = ? and token = ? and visible > ?'
    return this.#change(sql, now + ms, this.#name, key, token, now)
  }

  complete({ key, token }: Leased<T>): boolean {
    const sql = 'delete from item where queue = ? and key = ? and token = ? and visible > ?'
    return this.#change(sql, this.#name, key, token, this.#now())
  }

  fail({ key, token, attempts }: Leased<T>, options: FailOptions): boolean {
    checkFailure(options)
    const { error, retryAt = this.#now(), maxAttempts = MOST_ATTEMPTS } = options
    // The token is another: this lease is over, also where the item comes again only later.
    const sql = `update item set visible = ?, token = ?, error = ?
      where queue = ? and key = ? and token = ? and visible > ?`
    const letter = attempts >= maxAttempts ? error : null
    return this.#change(sql, retryAt, newToken(), letter, this.#name, key, token, this.#now())
  }

  find(key: string): T | undefined {
    const sql = 'select * from item where queue = ? and key = ? and error is null'
    const row = this.#file.get(sql, this.#name, key)
    return row && this.#itemOf(row).value
  }

  items(): { key: string; value: T }[] {
    const sql = 'select * from item where queue = ? and error is null order by number'
    return this.#file.all(sql, this.#name).map((row) => this.#itemOf(row))
  }

  remove(key: string): boolean {
    return this.#change('delete from item where queue = ? and key = ?', this.#name, key)
  }

  size(): number {
    const sql = 'select count(*) as n from item where queue = ? and error is null'
    return Number(this.#file.get(sql, this.#name)?.['n'])
  }

  dead(): DeadLetter<T>[] {
    const sql = 'select * from item where queue = ? and error is not null order by visible, number'
    return this.#file.all(sql, this.#name).map((row) => {
      const { key, value } = this.#itemOf(row)
      return { key, value, attempts: Number(row['attempts']), error: String(row['error']) }
    })
  }

  revive(key: string): boolean {
    const sql = `update item set error = null, attempts = 0, visible = ?
      where queue = ? and key = ? and error is not null`
    return this.#change(sql, this.#now(), this.#name, key)
  }

  #leasedOf(row: SqlRow): Leased<T> {
    const attempts = Number(row['attempts']) + 1
    return { ...this.#itemOf(row), attempts, token: newToken() }
  }

  #itemOf({ key, body, sum }: SqlRow): { key: string; value: T } {
    const name = String(key)
    if (typeof body !== 'string' || sumOf(this.#place(name), body) !== sum) {
      throw this.#file.damaged(`${name} in the queue ${this.#name}`)
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what was pushed as a T is read as one
    return { key: name, value: readValue(body, noReference) as T }
  }

  #change(sql: string, ...values: (string | number | null)[]): boolean {
    return this.#transact(() => this.#file.run(sql, ...values)) > 0
  }

  #place(key: string): string {
    return `item ${this.#name} ${key}`
  }
}

function newToken(): number {
  return randomInt(MOST_TOKENS)
}

/**
 * Changes the queues of a file together: all of it, or nothing if `work` throws.
 *
 * @throws {ClientError} `INVALID_INPUT` the work waits for something: nothing of it is done
 */
export function transactQueues<T>(
  file: SqliteFile,
  now: () => number,
  work: (transaction: Transaction) => T,
): T {
  let isOver = false
  const transact = <R>(inner: () => R): R => {
    if (isOver) throw new ClientError('INVALID_INPUT', 'this transaction is over')
    return inner()
  }
  const queue = <V>(name: string) => new SqliteQueue<V>(file, name, { now, transact })
  try {
    return file.transact(() => {
      const result = work({ queue })
      if (!isThenable(result)) return result
      // What comes of it is nobody's any more.
      void Promise.resolve(result).catch(() => {})
      const message =
        'a transaction cannot wait: its function must not be async or return a promise'
      throw new ClientError('INVALID_INPUT', message)
    })
  } finally {
    isOver = true
  }
}
