/** How many tasks may wait at a node for a model that is quick enough: more would not fill it better. */
const MOST = 256
const MOST_PER_SLOT = 4
/** Nor may a task wait at hand for longer than this: another node could have had it. Longer than most networks are slow. */
const LONGEST_WAIT_MS = 500
/** A slot may stand idle for this share of a task before it is worth having more at hand. */
const IDLE_SHARE = 0.02
/** A newer measurement of a task's length weighs so much. */
const WEIGHT = 0.1

/**
 * How many tasks beyond its slots a model should have at hand, so that no slot waits for the
 * network. Learned without knowing the network: when a slot stood idle although the client had used
 * up its credits, there should have been more; when some were never needed, there were too many.
 */
export class Prefetch {
  readonly #slots: number
  #size = 1
  #meanMs = 0
  #idleSince: number | undefined
  /** The fewest that waited since we last looked, and how often one was taken since. */
  #fewest = Infinity
  #taken = 0

  constructor(slots: number) {
    this.#slots = slots
  }

  get size(): number {
    return this.#size
  }

  /** A task took that long in its slot. Whether there are far too many at hand for tasks of such a length. */
  ran(ms: number): boolean {
    this.#meanMs = this.#meanMs === 0 ? ms : this.#meanMs + WEIGHT * (ms - this.#meanMs)
    const most = this.#most
    if (this.#size <= 2 * most) return false
    this.#size = most
    return true
  }

  /** A slot got free and nobody waited, though the client has all the credits out that it has. */
  starved(now: number): void {
    this.#idleSince ??= now
  }

  /** A task came and found a free slot. Whether there should be more at hand from now on. */
  fed(now: number): boolean {
    if (this.#idleSince === undefined) return false
    const idleMs = now - this.#idleSince
    this.#idleSince = undefined
    const most = this.#most
    if (idleMs <= IDLE_SHARE * this.#meanMs || this.#size >= most) return false
    this.#size = Math.min(most, this.#size * 2)
    return true
  }

  /** A slot got free and took one of those that waited; so many still do. Whether fewer would do. */
  taken(waiting: number): boolean {
    this.#fewest = Math.min(this.#fewest, waiting)
    this.#taken += 1
    if (this.#taken < 2 * (this.#slots + this.#size)) return false
    const surplus = this.#fewest - 1
    this.#fewest = Infinity
    this.#taken = 0
    if (surplus < 1 || this.#size === 1) return false
    this.#size = Math.max(1, this.#size - Math.ceil(surplus / 2))
    return true
  }

  get #most(): number {
    const quick = Math.max(MOST, MOST_PER_SLOT * this.#slots)
    if (this.#meanMs === 0) return quick
    return Math.max(1, Math.min(quick, Math.ceil((this.#slots * LONGEST_WAIT_MS) / this.#meanMs)))
  }
}
