/** Events of a page. */
const PAGE = 4096

/** Pages before the one that is being written that are at hand as they came: most runs have no more. */
const AT_HAND = 16

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
  /** Full pages that are not packed yet. @default 16 */
  readonly atHand?: number
}

/**
 * What happens in something that goes on. Any number may read, from any moment, at their own pace, and get all of it from
 * the first: pages of the past are packed.
 */
export class EventLog<E> implements AsyncIterable<E> {
  readonly #options: EventLogOptions<E>
  readonly #pageSize: number
  readonly #room: number
  readonly #atHand: number
  /** By the number of the page; those that had to go are gone. */
  readonly #packed = new Map<number, PackedPage<E>>()
  #packedSize = 0
  /** The latest full pages. */
  #full: readonly (readonly E[])[] = []
  #page: E[] = []
  #pageNumber = 0
  #isOver = false
  #news = Promise.withResolvers<undefined>()
  #awaited = false

  constructor(options: EventLogOptions<E>) {
    this.#options = options
    this.#pageSize = options.page ?? PAGE
    this.#room = options.room ?? ROOM
    this.#atHand = options.atHand ?? AT_HAND
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

  /** Begins another page, and packs the oldest that is not packed. Whoever reads that still holds it. */
  #putAway(): void {
    this.#full = [...this.#full, this.#page]
    this.#page = []
    this.#pageNumber++
    const [oldest, ...later] = this.#full
    if (oldest === undefined || later.length < this.#atHand) return
    this.#pack(this.#pageNumber - this.#full.length, oldest)
    this.#full = later
  }

  #pack(number: number, page: readonly E[]): void {
    const packed = this.#options.pack(page)
    this.#packed.set(number, packed)
    this.#packedSize += packed.size
    for (const [oldest, { size }] of this.#packed) {
      if (this.#packedSize <= this.#room) break
      this.#packed.delete(oldest)
      this.#packedSize -= size
    }
  }

  /** Pages from that one on that are gone. */
  #goneFrom(number: number): number {
    return Math.max(0, this.#pageNumber - this.#full.length - this.#packed.size - number)
  }

  #read(number: number): readonly E[] {
    return (
      this.#packed.get(number)?.unpack() ??
      this.#full[number - this.#pageNumber + this.#full.length] ??
      this.#page
    )
  }

  #tell(): void {
    if (!this.#awaited) return
    this.#awaited = false
    this.#news.resolve(undefined)
    this.#news = Promise.withResolvers()
  }
}
