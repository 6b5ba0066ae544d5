import { reasonOf } from './exchange.ts'

/** Lets so many through at once; the others wait in line, and leave it when their signal aborts. */
export class Turnstile {
  #free: number
  readonly #line = new Set<() => void>()

  constructor(slots: number) {
    this.#free = slots
  }

  /** Takes a free slot, if there is one, without waiting. */
  tryEnter(): boolean {
    if (this.#free === 0) return false
    this.#free -= 1
    return true
  }

  /** Waits for a slot. Rejects with the signal's reason. */
  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.tryEnter()) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      this.#line.delete(resolve)
      reject(reasonOf(signal))
    }
    this.#line.add(resolve)
    signal.addEventListener('abort', leave, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  /** Gives a slot back: to the first in line, or to whoever comes. */
  leave(): void {
    const [next] = this.#line
    if (next === undefined) {
      this.#free += 1
      return
    }
    this.#line.delete(next)
    next()
  }
}
