import { recount, type Lane } from './lanes.ts'
import type { Roster } from './roster.ts'

/** A node that fails again and again gets nothing for a while: twice as long each time. */
const STRIKE_PAUSE_MS = { first: 250, most: 30_000 }

/** How long a node that had no room for what it offered gets nothing. */
const NO_SLOT_PAUSE_MS = 100

/** Keeps work away from nodes that fail or refuse it, for a while. */
export class Penalties {
  readonly #roster: Roster
  readonly #random: () => number
  readonly #closed = new Set<Lane>()

  constructor(roster: Roster, random: () => number) {
    this.#roster = roster
    this.#random = random
  }

  /** Once may be bad luck; a node that fails one task after another would swallow the whole queue. */
  strike(lane: Lane, now: number): void {
    lane.strikes++
    if (lane.strikes < 2) return
    const { first, most } = STRIKE_PAUSE_MS
    this.#close(lane, Math.min(most, first * 2 ** (lane.strikes - 2)), now)
  }

  noSlot(lane: Lane, now: number): void {
    this.#close(lane, NO_SLOT_PAUSE_MS, now)
  }

  /** A poisonous task was not its nodes' fault. */
  forgive(nodes: readonly string[], now: number): void {
    for (const id of nodes) {
      for (const lane of this.#roster.nodes.get(id)?.lanes.values() ?? []) {
        lane.strikes = 0
        lane.closedUntil = 0
        recount(lane, now)
      }
    }
  }

  /** Opens lanes whose time is over. */
  tick(now: number): void {
    for (const lane of this.#closed) {
      if (now < lane.closedUntil) continue
      this.#closed.delete(lane)
      recount(lane, now)
    }
  }

  #close(lane: Lane, ms: number, now: number): void {
    lane.closedUntil = now + ms * (0.5 + this.#random())
    this.#closed.add(lane)
    recount(lane, now)
  }
}
