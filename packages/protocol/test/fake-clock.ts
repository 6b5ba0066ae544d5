import type { Clock } from '../src/clock.ts'

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now = 0
  #timers: { readonly at: number; readonly run: () => void }[] = []

  get pending(): number {
    return this.#timers.length
  }

  now(): number {
    return this.#now
  }

  schedule(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Runs what falls due, in order; with `react` the world may react after each. */
  async advance(ms: number, react: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const [next] = this.#timers
        .filter(({ at }) => at <= end)
        .toSorted((one, other) => one.at - other.at)
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.at)
      this.#timers = this.#timers.filter((other) => other !== next)
      next.run()
      await react()
    }
    this.#now = end
  }

  /** Time passes and nothing runs, as when the machine sleeps. */
  stall(ms: number): void {
    this.#now += ms
  }
}

/** Lets everything happen that needs no time: a few turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
