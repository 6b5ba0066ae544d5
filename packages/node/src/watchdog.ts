import { LinkedQueue, type Clock, type Linked } from '@skein/protocol'

/** Often enough to stop within a tenth of a second, seldom enough to cost nothing. */
const TICK_MS = 50

/** What wants to be looked after as time goes by. */
export interface Watched extends Linked<Watched> {
  look(now: number): void
}

/** One timer for all tasks, instead of several for each: most end before the first tick. */
export class Watchdog {
  readonly #clock: Clock
  readonly #watched = new LinkedQueue<Watched>()
  #callOff: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  watch(watched: Watched): void {
    this.#watched.push(watched)
    this.#callOff ??= this.#clock.schedule(TICK_MS, this.#tick)
  }

  forget(watched: Watched): void {
    this.#watched.remove(watched)
  }

  close(): void {
    while (this.#watched.shift() !== undefined);
    this.#callOff?.()
    this.#callOff = undefined
  }

  readonly #tick = (): void => {
    this.#callOff = undefined
    if (this.#watched.isEmpty) return
    const now = this.#clock.now()
    for (const watched of this.#watched.toArray()) watched.look(now)
    this.#callOff ??= this.#clock.schedule(TICK_MS, this.#tick)
  }
}
