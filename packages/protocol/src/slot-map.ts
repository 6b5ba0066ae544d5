/**
 * A map for values that come and go by the thousand: the same as a `Map`, but that it holds nothing back.
 *
 * When a `Map` that V8's garbage collector has moved to its old generation is rehashed, as happens after every so many
 * insertions and deletions, the table that it leaves behind lies in the old generation too, and until the next full
 * collection all that stood in it counts as reachable. In a map of tasks that was every third task, with all that belongs
 * to it: copied twice, and then collected the dear way. Here a table that is left behind holds keys and numbers.
 */
export class SlotMap<K extends string | number, V> {
  readonly #places = new Map<K, number>()
  readonly #values: (V | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#places.size
  }

  has(key: K): boolean {
    return this.#places.has(key)
  }

  get(key: K): V | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#values[place]
  }

  set(key: K, value: V): void {
    let place = this.#places.get(key)
    if (place === undefined) {
      place = this.#free.pop() ?? this.#values.length
      this.#places.set(key, place)
    }
    this.#values[place] = value
  }

  /** Whether it was there. */
  delete(key: K): boolean {
    const place = this.#places.get(key)
    if (place === undefined) return false
    this.#places.delete(key)
    this.#values[place] = undefined
    this.#free.push(place)
    return true
  }

  keys(): IterableIterator<K> {
    return this.#places.keys()
  }

  /** In the order in which their keys came. What is deleted meanwhile is left out. */
  *values(): Generator<V, void> {
    for (const place of this.#places.values()) {
      const value = this.#values[place]
      if (value !== undefined) yield value
    }
  }
}
