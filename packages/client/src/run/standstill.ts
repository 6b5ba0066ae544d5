/** What rows of a run wait in, to be answered together. */
export interface Waiting {
  /** Goes on with those that it has. */
  flush(): void
}

/** Sees when all rows of a run wait to be answered together: no other can join them then. */
export class Standstill {
  readonly #isStill: (waiting: number) => boolean
  readonly #places: Waiting[] = []
  #waiting = 0
  #isLooking = false

  /** `isStill`: whether so many rows are all that are under way, and no other can begin. */
  constructor(isStill: (waiting: number) => boolean) {
    this.#isStill = isStill
  }

  add(place: Waiting): void {
    this.#places.push(place)
  }

  joined(): void {
    this.#waiting++
    this.look()
  }

  left(): void {
    this.#waiting--
  }

  /** Something has changed. */
  look(): void {
    if (this.#isLooking || this.#waiting === 0) return
    this.#isLooking = true
    void this.#lookSoon()
  }

  /** When all that is being begun has begun: a row may join as the first of several. */
  async #lookSoon(): Promise<void> {
    await Promise.resolve()
    this.#isLooking = false
    if (this.#waiting === 0 || !this.#isStill(this.#waiting)) return
    for (const place of this.#places) place.flush()
  }
}
