import { SlotMap } from '@skein/protocol'
import { Fifo } from '../scheduler/fifo.ts'

/**
 * The last so many values by their keys, each in O(1). A map alone would walk over everything that is gone from its
 * head to find the oldest.
 */
export class LastOnes<V> {
  readonly #values = new SlotMap<string, V>()
  readonly #keys = new Fifo<string>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#values.size
  }

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  /** The oldest gives way to a key that is new. */
  set(key: string, value: V): void {
    if (!this.#values.has(key)) {
      this.#keys.push(key)
      if (this.#values.size >= this.#capacity) this.#values.delete(this.#keys.shift() ?? '')
    }
    this.#values.set(key, value)
  }

  keys(): string[] {
    return [...this.#values.keys()]
  }

  values(): V[] {
    return [...this.#values.values()]
  }
}
