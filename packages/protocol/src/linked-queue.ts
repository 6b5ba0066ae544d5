/** What can stand in a queue: in one at a time. */
export interface Linked<T> {
  before: T | undefined
  behind: T | undefined
}

/** First in, first out, and anybody may leave from the middle: all in constant time. */
export class LinkedQueue<T extends Linked<T>> implements Iterable<T> {
  #first: T | undefined
  #last: T | undefined

  get isEmpty(): boolean {
    return this.#first === undefined
  }

  push(item: T): void {
    item.before = this.#last
    item.behind = undefined
    if (this.#last === undefined) this.#first = item
    else this.#last.behind = item
    this.#last = item
  }

  shift(): T | undefined {
    const first = this.#first
    if (first !== undefined) this.remove(first)
    return first
  }

  /** Takes an item out; nothing happens where it stands in no queue. */
  remove(item: T): void {
    const { before, behind } = item
    if (before === undefined && this.#first !== item) return
    if (before === undefined) this.#first = behind
    else before.behind = behind
    if (behind === undefined) this.#last = before
    else behind.before = before
    item.before = undefined
    item.behind = undefined
  }

  /** The first first, for whoever takes items out meanwhile. */
  toArray(): T[] {
    return [...this]
  }

  /** The first first. What is walked over must not be taken out meanwhile. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let item = this.#first; item !== undefined; item = item.behind) yield item
  }
}
