import { isList } from '../guards.ts'
import { DEEPEST, isMatch, isSpecial, textOf } from './value-text.ts'

/** Values of more parts are remembered: rows often share one. */
const FEW = 64

/** Frozen values of many parts that can be written. */
const known = new WeakSet()

/**
 * Holds a value that is kept as it is to what can be written: a run comes to the same in every store.
 *
 * @throws {ClientError} `STORE_FAILED` saying where something cannot be written
 */
export function insistOnRecordable(value: unknown): void {
  if (typeof value === 'string') return
  // Who writes it knows what to say.
  if (new Look().partsIn(value, 0) < 0) textOf(value)
}

class Look {
  /** Of many parts, and not frozen. */
  #met: Set<object> | undefined

  /** How many values were looked at; less than nothing where one of them cannot be written. */
  partsIn(value: unknown, depth: number): number {
    if (typeof value === 'object') return value === null ? 1 : this.#partsInObject(value, depth + 1)
    return typeof value === 'function' || typeof value === 'symbol' ? -1 : 1
  }

  #partsInObject(value: object, depth: number): number {
    if (depth > DEEPEST) return -1
    if (known.has(value) || this.#met?.has(value) === true) return 1
    const parts = this.#partsBelow(value, depth)
    if (parts > FEW) this.#remember(value)
    return parts
  }

  #remember(value: object): void {
    if (Object.isFrozen(value)) known.add(value)
    else (this.#met ??= new Set()).add(value)
  }

  #partsBelow(value: object, depth: number): number {
    if (isList(value)) return this.#partsOfAll(value, depth)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null)
      return this.#partsOfOther(value, depth)
    let parts = 1
    for (const name of Object.keys(value)) {
      const below = this.partsIn(Reflect.get(value, name), depth)
      if (below < 0) return below
      parts += below
    }
    return parts
  }

  #partsOfOther(value: object, depth: number): number {
    if (!isSpecial(value)) return -1
    return value instanceof Map || value instanceof Set ? this.partsIn([...value], depth) : 1
  }

  #partsOfAll(members: readonly unknown[], depth: number): number {
    if (isMatch(members)) return -1
    let parts = 1
    for (const member of members) {
      const below = this.partsIn(member, depth)
      if (below < 0) return below
      parts += below
    }
    return parts
  }
}
