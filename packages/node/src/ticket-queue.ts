/** What can stand in a queue: in one at a time. */
export interface Queued<T> {
  before: T | undefined
  behind: T | undefined
}

/** First in, first out, and anybody may leave from the middle: all in constant time. */
export class TicketQueue<T extends Queued<T>> {
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

  /** Takes out an item that stands in this queue. */
  remove(item: T): void {
    const { before, behind } = item
    if (before === undefined) this.#first = behind
    else before.behind = behind
    if (behind === undefined) this.#last = before
    else behind.before = before
    item.before = undefined
    item.behind = undefined
  }
}
