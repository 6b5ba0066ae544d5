import type { Clock } from '@skein/protocol'

/** Often enough to stop within a tenth of a second, seldom enough to cost nothing. */
const TICK_MS = 50

/** What wants to be looked after as time goes by. */
export interface Watched {
  look(now: number): void
}

/** One timer for all tasks, instead of several for each: most end before the first tick. */
export class Watchdog {
  readonly #clock: Clock
  readonly #watched = new Set<Watched>()
  #callOff: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  watch(watched: Watched): void {
    this.#watched.add(watched)
    this.#callOff ??= this.#clock.schedule(TICK_MS, this.#tick)
  }

  forget(watched: Watched): void {
    this.#watched.delete(watched)
  }

  close(): void {
    this.#watched.clear()
    this.#callOff?.()
    this.#callOff = undefined
  }

  readonly #tick = (): void => {
    this.#callOff = undefined
    if (this.#watched.size === 0) return
    const now = this.#clock.now()
    for (const watched of this.#watched) watched.look(now)
    this.#callOff ??= this.#clock.schedule(TICK_MS, this.#tick)
  }
}
