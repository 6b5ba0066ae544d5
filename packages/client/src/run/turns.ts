import { nextTick } from 'node:process'

/** Rows that set out between two looks at the clock: a look costs a tenth of a microsecond, a row ten. */
const ROWS_PER_LOOK = 16

/**
 * Timers, signals and sockets wait no longer than this for rows that need none of them. In shorter turns, notes of rows
 * are written in more pieces and name fewer of the answers before them: at 20 ms, taking up 100,000 rows took half as
 * long again.
 */
const LONGEST_TURN_MS = 500

/** Who reads the run's rows or events waits no longer than this. Promises alone have their turn: nothing is written. */
const LONGEST_SILENCE_MS = 25

/**
 * Turns of the event loop, and of the promises in it. Rows from memory go on in microtasks, and nothing else would have
 * its turn before the last of them: no deadline, no signal, no other run.
 */
export class Turns {
  readonly #goOn: () => void
  #rows = 0
  #since = performance.now()
  #silentSince = this.#since
  #isOver = false

  /** `goOn` is called when the next turn has come. */
  constructor(goOn: () => void) {
    this.#goOn = goOn
  }

  /** The turn has been long enough: no further row sets out in it. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** A row sets out. */
  count(): void {
    this.#rows++
    if (this.#rows % ROWS_PER_LOOK !== 0 || this.#isOver) return
    const now = performance.now()
    if (now - this.#silentSince < LONGEST_SILENCE_MS) return
    this.#isOver = true
    if (now - this.#since < LONGEST_TURN_MS) {
      // A tick comes after all promises, however many lead from a row to who reads it; only one of a tick comes before.
      queueMicrotask(this.#endOfTick)
      return
    }
    setImmediate(() => {
      this.#since = performance.now()
      this.#begin()
    })
  }

  readonly #endOfTick = (): void => {
    nextTick(this.#begin)
  }

  readonly #begin = (): void => {
    this.#isOver = false
    this.#silentSince = performance.now()
    this.#goOn()
  }
}
