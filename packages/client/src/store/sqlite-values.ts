import { deepFreeze } from '../freeze.ts'
import type { SqliteFile } from './sqlite-file.ts'
import { hashOf, readValue } from './value-text.ts'

/** Long texts that are held in memory, so that rows that share one share it again. */
const MOST_TEXTS = 16

/** A text and its hash: it is there once. */
export const KEEP_VALUE = 'insert or ignore into value (hash, body) values (?, ?)'

/** The number of a run and a hash: while the run is there, so is the text. */
export const HOLD_VALUE = 'insert or ignore into hold (run, hash) values (?, ?)'

/** Reads values that are kept once, and gives every reader of one the same. */
export class SqliteValues {
  readonly #file: SqliteFile
  readonly #objects = new Map<string, WeakRef<object>>()
  readonly #texts = new Map<string, string>()

  constructor(file: SqliteFile) {
    this.#file = file
  }

  /** Frozen. Throws a `ClientError` `STORE_FAILED` naming what is damaged or gone. */
  read(text: string): unknown {
    return deepFreeze(readValue(text, this.#find))
  }

  readonly #find = (hash: string): unknown => {
    const known = this.#objects.get(hash)?.deref() ?? this.#texts.get(hash)
    if (known !== undefined) return known
    const body = this.#file.get('select body from value where hash = ?', hash)?.['body']
    if (typeof body !== 'string' || hashOf(body) !== hash) {
      throw this.#file.damaged(`the value ${hash}`)
    }
    const value = this.read(body)
    this.#remember(hash, value)
    return value
  }

  #remember(hash: string, value: unknown): void {
    if (typeof value === 'object' && value !== null) this.#objects.set(hash, new WeakRef(value))
    if (typeof value !== 'string') return
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear()
    this.#texts.set(hash, value)
  }
}
