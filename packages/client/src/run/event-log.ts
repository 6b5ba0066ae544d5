/** Events kept for those who join late or fall behind. */
const CAPACITY = 4096

/** The last events of something that goes on. Any number may read, from any moment, at their own pace. */
export class EventLog<E> implements AsyncIterable<E> {
  readonly #ring: E[] = []
  readonly #missed: (count: number) => E
  /** Number of the next event; the oldest kept is `CAPACITY` before it. */
  #next = 0
  #isOver = false
  #news = Promise.withResolvers<undefined>()
  #awaited = false

  /** `missed` makes the event that stands for those that a reader was too late for. */
  constructor(missed: (count: number) => E) {
    this.#missed = missed
  }

  push(event: E): void {
    this.#ring[this.#next++ % CAPACITY] = event
    this.#tell()
  }

  end(): void {
    this.#isOver = true
    this.#tell()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<E, void> {
    for (let at = 0; ;) {
      const oldest = Math.max(0, this.#next - CAPACITY)
      if (at < oldest) {
        const count = oldest - at
        at = oldest
        yield this.#missed(count)
        continue
      }
      const event = this.#ring[at % CAPACITY]
      if (at < this.#next && event !== undefined) {
        at++
        yield event
        continue
      }
      if (this.#isOver) return
      await this.news()
    }
  }

  /** No more will come. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Resolves at the next event, or at the end. */
  async news(): Promise<void> {
    this.#awaited = true
    await this.#news.promise
  }

  #tell(): void {
    if (!this.#awaited) return
    this.#awaited = false
    this.#news.resolve(undefined)
    this.#news = Promise.withResolvers()
  }
}
