import type { Clock } from '@skein/protocol'
import { IndexedHeap, type HeapMember } from '../src/scheduler/indexed-heap.ts'

interface Event extends HeapMember {
  readonly run: () => void
}

/** A clock that jumps from event to event. */
export class VirtualTime {
  now = 0
  readonly #events = new IndexedHeap<Event>(0)
  #count = 0

  after(ms: number, run: () => void): void {
    // Events of the same instant happen in the order in which they were asked for.
    this.#events.update({ cost: this.now + ms + this.#count++ * 1e-9, places: [-1], run })
  }

  every(ms: number, run: () => boolean): void {
    this.after(ms, () => {
      if (run()) this.every(ms, run)
    })
  }

  /** Lets everything happen, up to a moment that must not be reached. Returns whether events ran out before it. */
  play(untilMs: number): boolean {
    for (;;) {
      const event = this.#events.peek()
      if (!event) return true
      if (event.cost > untilMs) return false
      this.#events.remove(event)
      this.now = Math.max(this.now, event.cost)
      event.run()
    }
  }
}

/** A clock whose time it is. */
export function clockOf(time: VirtualTime): Clock {
  return {
    now: () => time.now,
    schedule: (ms, run) => {
      let isWanted = true
      time.after(ms, () => {
        if (isWanted) run()
      })
      return () => {
        isWanted = false
      }
    },
  }
}

/** Lets so much time go by, a second after the other, with all that comes of each. */
export async function pass(time: VirtualTime, ms: number): Promise<void> {
  for (const end = time.now + ms; time.now < end; time.now = Math.min(end, time.now + 1000)) {
    time.play(Math.min(end, time.now + 1000))
    await new Promise(setImmediate)
  }
}

/** The same chances every time (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Task lengths as models have them: most are short, some are very long. */
export function logNormal(random: () => number, mean: number, sigma: number): number {
  const mu = Math.log(mean) - (sigma * sigma) / 2
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.exp(mu + sigma * normal)
}
