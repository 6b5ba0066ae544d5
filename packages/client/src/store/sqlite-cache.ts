import { z } from 'zod'
import { deepFreeze } from '../freeze.ts'
import type { Cache, CachedAnswer, CacheEntry, CacheFilter } from './cache.ts'
import type { GroupCommit, Writer } from './group-commit.ts'
import { checkCacheFilter } from './queue-options.ts'
import { RecordedOrigin } from './recorded-origin.ts'
import { sumOf, type SqliteFile } from './sqlite-file.ts'
import { noReference, readValue, textOf } from './value-text.ts'

const Answer = z.object({
  step: z.string(),
  output: z.unknown(),
  origin: RecordedOrigin,
})

/** The text itself, or its first word: `project` is every project. */
const SCOPE_IS = "? in (scope, substr(scope, 1, instr(scope || ' ', ' ') - 1))"

/** One of its names, which stand in lines. */
const IS_NAMED = 'instr(char(10) || step || char(10), char(10) || ? || char(10)) > 0'

/** An answer, and the moment from which on it is given no more. */
interface Fresh {
  readonly answer: CachedAnswer
  readonly until: number
}

/** How many answers are kept beyond the limit before some are thrown away: it is not looked at each time. */
const LOOK_EVERY = 256

/** Answers in a file. */
export class SqliteCache implements Cache, Writer {
  readonly #file: SqliteFile
  readonly #group: GroupCommit
  /** What is not on disk yet; nothing where it goes from there. */
  readonly #fresh = new Map<string, Fresh | undefined>()
  readonly #now: () => number
  readonly #limit: number
  /** Written since the size was last looked at; at first nobody knows. */
  #sinceLook = LOOK_EVERY

  constructor(
    file: SqliteFile,
    parts: { readonly group: GroupCommit; readonly now: () => number; readonly limit: number },
  ) {
    this.#file = file
    this.#group = parts.group
    this.#now = parts.now
    this.#limit = parts.limit
  }

  get(scope: string, key: string): CachedAnswer | undefined {
    const place = placeOf(scope, key)
    const now = this.#now()
    if (this.#fresh.has(place)) {
      const fresh = this.#fresh.get(place)
      return fresh && fresh.until > now ? fresh.answer : undefined
    }
    const sql = 'select body, sum, until from answer where scope = ? and key = ? and until > ?'
    const row = this.#file.get(sql, scope, key, now)
    const body = row?.['body']
    // A damaged answer is no answer: it is made anew.
    if (
      typeof body !== 'string' ||
      sumOf(timedPlace(scope, key, row?.['until']), body) !== row?.['sum']
    ) {
      return undefined
    }
    return deepFreeze(Answer.parse(readValue(body, noReference)))
  }

  put({ scope, key, step, names = [], output, origin, ttlMs }: CacheEntry): void {
    const body = textOf({ step, output, origin })
    if (body.length > this.#limit) {
      this.#drop(scope, key)
      return
    }
    const now = this.#now()
    const sql = `insert or replace into answer (scope, key, step, body, sum, at, until, size)
      values (?, ?, ?, ?, ?, ?, ?, ?)`
    const until = ttlMs === undefined ? Number.MAX_SAFE_INTEGER : now + ttlMs
    const sum = sumOf(timedPlace(scope, key, until), body)
    this.#fresh.set(placeOf(scope, key), { answer: { step, output, origin }, until })
    const told = [...new Set([step, ...names])].join('\n')
    const values = [scope, key, told, body, sum, now, until, body.length]
    void this.#group.add('later', this, { sql, values })
    if (++this.#sinceLook >= LOOK_EVERY || body.length > this.#limit / LOOK_EVERY) this.#shrink()
  }

  clear(filter: CacheFilter = {}): number {
    checkCacheFilter(filter)
    const { scope, step, before } = filter
    this.#group.flush()
    const conditions: [string, string | number | undefined][] = [
      [SCOPE_IS, scope],
      [IS_NAMED, step],
      ['at < ?', before],
    ]
    const said = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]))
    const where = ['true', ...said.map(({ sql }) => sql)].join(' and ')
    return this.#file.run(`delete from answer where ${where}`, ...said.map(({ value }) => value))
  }

  /** What only that run was given: another may come to have its id. */
  forgetRun(id: string): void {
    this.#group.flush()
    this.#file.run('delete from answer where scope = ?', `run ${id}`)
  }

  objection(): undefined {
    return undefined
  }

  flushed(): void {
    this.#fresh.clear()
  }

  stats(): { readonly entries: number; readonly size: number } {
    this.#group.flush()
    const row = this.#file.get('select count(*) as n, coalesce(sum(size), 0) as size from answer')
    return { entries: Number(row?.['n']), size: Number(row?.['size']) }
  }

  /** Room for an answer larger than all of it would cost every other. The earlier one to the same question goes: it is out of date. */
  #drop(scope: string, key: string): void {
    this.#fresh.set(placeOf(scope, key), undefined)
    const sql = 'delete from answer where scope = ? and key = ?'
    void this.#group.add('later', this, { sql, values: [scope, key] })
  }

  /** What is over goes, then the oldest. */
  #shrink(): void {
    this.#sinceLook = 0
    this.#file.run('delete from answer where until <= ?', this.#now())
    let { size, entries } = this.stats()
    while (size > this.#limit) {
      const oldest = 'select number from answer order by number limit ?'
      this.#file.run(`delete from answer where number in (${oldest})`, Math.ceil(entries / 16))
      ;({ size, entries } = this.stats())
    }
  }
}

function placeOf(scope: string, key: string): string {
  return `answer ${scope} ${key}`
}

/** How long it may be given is part of what must not change. */
function timedPlace(scope: string, key: string, until: unknown): string {
  return `${placeOf(scope, key)} ${String(until)}`
}
