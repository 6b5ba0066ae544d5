import { isList, isRecord } from '../guards.ts'
import { fingerprintOf } from './fingerprint.ts'
import { hashOfKey, KeyIndex } from './key-index.ts'
import { readOrigin } from './recorded-origin.ts'
import { SqliteBatches, type BatchKeys, type SqliteRun } from './sqlite-batches.ts'
import type { SqliteFile } from './sqlite-file.ts'
import { unsealed } from './sealed-text.ts'
import { SqliteValues } from './sqlite-values.ts'
import type { CallIdentity, CallRecord, JournalReader, Note } from './store.ts'

/** Between what a call is and what it answered: keys of calls inside others have it. */
export const INSIDE = '>'

/** Notes whose value is what a call answered name the call: a row is not written twice. */
export const ANSWER_OF = '{"$":["answer",'

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
    const origin = readOrigin(head[2])
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
    let count = 0
    let expected = 0
    for (const { ending, records } of this.batches.latestFirst(kind)) {
      expected ||= this.#notedIn(ending, kind)
      for (const { key, body, isWhole } of records) {
        count++
        if (seen.has(key)) continue
        seen.add(key)
        if (!isWhole) throw this.batches.damaged(kind, key)
        yield { kind, place: key, value: this.#valueOf(body) }
      }
    }
    if (count < expected) throw this.batches.lacking(kind, expected - count)
  }

  /** How many notes of that kind there are at least, of a run that is over. */
  #notedIn(text: unknown, kind: Note['kind']): number {
    const ending = unsealed(`ending ${this.run.id}`, text)
    const noted = isRecord(ending) ? ending['noted'] : undefined
    return isRecord(noted) ? Number(noted[kind] ?? 0) : 0
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
    for (const { records } of this.batches.latestFirst('call')) {
      for (const { key, isWhole } of records) {
        if (!key.startsWith(prefix)) continue
        if (!isWhole) throw this.batches.damaged('call', key)
        keys.add(key)
      }
    }
    return [...keys].toSorted()
  }
}
