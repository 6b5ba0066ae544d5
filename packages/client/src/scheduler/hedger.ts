import type { Dispatcher } from './dispatcher.ts'
import { hedgeBudget, isStalled, isWorthHedging, LEAST_AGE_MS, MOST_AT_ONCE } from './hedging.ts'
import type { Lane } from './lanes.ts'
import type { LeaseBook } from './lease-book.ts'
import type { Roster } from './roster.ts'
import type { Attempt, Entry, TaskRequest } from './task.ts'

/** Running tasks looked at each time. */
const LOOKS = 256

/** Finds the attempts that are worth a second one. */
export class Hedger<T extends TaskRequest> {
  readonly #roster: Roster
  readonly #leases: LeaseBook<T>
  readonly #dispatcher: Dispatcher<T>
  #hedges = 0

  constructor(roster: Roster, leases: LeaseBook<T>, dispatcher: Dispatcher<T>) {
    this.#roster = roster
    this.#leases = leases
    this.#dispatcher = dispatcher
  }

  /**
   * Tasks that stand still go back in line, ahead of others. Slow ones are offered to `double` with an idle
   * lane: the first result wins.
   */
  tick(now: number, settled: number, double: (entry: Entry<T>, lane: Lane) => void): void {
    const attempts = Array.from(this.#leases.aged(now, { ageMs: LEAST_AGE_MS, limit: LOOKS }))
    for (const attempt of attempts) {
      if (this.#hedges >= hedgeBudget(settled)) return
      const { entry } = attempt
      if (entry.waiting || entry.live.length >= MOST_AT_ONCE) continue
      if (entry.live.length === 1 && this.#isStalled(attempt, now)) {
        this.#hedges++
        this.#dispatcher.enqueue(entry, true)
        continue
      }
      const lane = this.#betterLane(entry, now)
      if (!lane) continue
      this.#hedges++
      double(entry, lane)
    }
  }

  #isStalled({ entry, lane, heardAt, running }: Attempt<T>, now: number): boolean {
    const usualMs = this.#roster.expectedMs(lane, entry.request.workflow)
    if (usualMs === undefined && !running) return false
    const rounds = Math.max(1, lane.unfinished / lane.offer.slots)
    const expectedMs = (usualMs ?? 0) * rounds
    return isStalled({ silentMs: now - heardAt, running, gapMs: lane.gapMs, expectedMs })
  }

  #betterLane(entry: Entry<T>, now: number): Lane | undefined {
    const idle = this.#dispatcher.idleLane(entry)
    if (!idle) return undefined
    const { workflow } = entry.request
    const usualMs = this.#roster.expectedMs(idle, workflow)
    if (usualMs === undefined) return undefined
    const running = entry.live.map(({ lane, sentAt }) => ({
      ageMs: now - sentAt,
      usualMs: this.#roster.expectedMs(lane, workflow) ?? Infinity,
    }))
    return isWorthHedging(running, usualMs) ? idle : undefined
  }
}
