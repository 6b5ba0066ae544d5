/** Events of a page: those of the last one or two are at hand as they came. */
const PAGE = 4096

/** Room for the pages before, in bytes; the oldest go. Some six million events of a usual run. */
const ROOM = 2 ** 26

/** A page that is put away. */
export interface PackedPage<E> {
  /** Bytes that it takes. */
  readonly size: number
  unpack(): readonly E[]
}

export interface EventLogOptions<E> {
  pack(events: readonly E[]): PackedPage<E>
  /** The event that stands for those that a reader was too late for. */
  missed(count: number): E
  /** @default 4096 */
  readonly page?: number
  /** In bytes. @default 67108864 */
  readonly room?: number
}

/**
 * What happens in something that goes on. Any number may read, from any moment, at their own pace, and get all of it from
 * the first: pages of the past are packed.
 */
export class EventLog<E> implements AsyncIterable<E> {
  readonly #options: EventLogOptions<E>
  readonly #pageSize: number
  readonly #room: number
  /** By the number of the page; those that had to go are gone. */
  readonly #packed = new Map<number, PackedPage<E>>()
  #packedSize = 0
  #page: E[] = []
  #pageNumber = 0
  #isOver = false
  #news = Promise.withResolvers<undefined>()
  #awaited = false

  constructor(options: EventLogOptions<E>) {
    this.#options = options
    this.#pageSize = options.page ?? PAGE
    this.#room = options.room ?? ROOM
  }

  push(event: E): void {
    this.#page.push(event)
    if (this.#page.length === this.#pageSize) this.#putAway()
    this.#tell()
  }

  end(): void {
    this.#isOver = true
    this.#tell()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<E, void> {
    for (let number = 0; ; number++) {
      for (let gone = this.#goneFrom(number); gone > 0; gone = this.#goneFrom(number)) {
        number += gone
        yield this.#options.missed(gone * this.#pageSize)
      }
      const page = this.#read(number)
      // The page that is being written grows while it is read.
      for (let at = 0; at < this.#pageSize;) {
        const event = page[at]
        if (event !== undefined) {
          at++
          yield event
        } else if (this.#isOver) return
        else await this.news()
      }
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

  /** Packs the page that is full, and begins another. Whoever reads the full one still holds it. */
  #putAway(): void {
    const packed = this.#options.pack(this.#page)
    this.#packed.set(this.#pageNumber++, packed)
    this.#packedSize += packed.size
    this.#page = []
    for (const [number, { size }] of this.#packed) {
      if (this.#packedSize <= this.#room) break
      this.#packed.delete(number)
      this.#packedSize -= size
    }
  }

  /** Pages from that one on that are gone. */
  #goneFrom(number: number): number {
    return Math.max(0, this.#pageNumber - this.#packed.size - number)
  }

  #read(number: number): readonly E[] {
    return this.#packed.get(number)?.unpack() ?? this.#page
  }

  #tell(): void {
    if (!this.#awaited) return
    this.#awaited = false
    this.#news.resolve(undefined)
    this.#news = Promise.withResolvers()
  }
}
