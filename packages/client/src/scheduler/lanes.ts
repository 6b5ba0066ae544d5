import type { OfferedModel } from '@skein/protocol'
import { IndexedHeap, type HeapMember } from './indexed-heap.ts'

/** Tokens per second of a node of slowness 1. Only ratios matter. */
const USUAL_TOKENS_PER_SECOND = 50

/** A newer measurement weighs at least this much: about the last twenty count. */
const LEAST_WEIGHT = 0.05

/**
 * A node whose slots are all taken is dearer by this share: tasks at one machine slow each other down, and small
 * differences of measured speed mean little.
 */
const CROWDING = 0.25

/** One task says no more than this about a node's speed: the rest is about the task. */
const MOST_CHANGE = 8

/** Which note of a lane belongs to which heap. */
export const NOTES = { model: 0, any: 1 } as const

/** A node as the scheduler knows it. */
export interface NodeRecord {
  readonly id: string
  /** For people. */
  readonly name: string
  readonly lanes: Map<string, Lane>
  draining: boolean
  /** Its session cannot take more bytes for now. */
  paused: boolean
  /** Whether it has said what it can do. */
  offered: boolean
}

/** A model at a node: what it may be sent, what it has, and how fast it has been. */
export class Lane implements HeapMember {
  readonly node: NodeRecord
  readonly model: string
  readonly places = [-1, -1]
  /** When a task given now would be done, in lengths of a usual task. */
  end = 0
  /** The same, a little higher where more are at work: idle nodes come first where speeds are alike. */
  cost = 0
  /** The model's own index and, perhaps, that of all models. */
  indexes: readonly ModelIndex[] = []
  offer: OfferedModel
  /** The node offers it no more. Kept while it may still have tasks: its credits must not be granted twice. */
  gone = false
  /** Tasks that it was sent and has not ended. */
  unfinished = 0
  /** Those of them that were called off, and of which it has not said that they stopped. */
  revoked = 0
  /** Failures in a row that were the node's fault. */
  strikes = 0
  /** Gets nothing before this time. */
  closedUntil = 0
  /** How long a usual task takes here, relative to others. */
  slowness = 1
  /** Tokens that one task gets each second, as measured here; 0 until then. */
  tokensPerSecond = 0
  /** Roughly the 95th percentile of the silences while a task runs, in ms. */
  gapMs = 0
  /** What the indexes have counted of this lane. */
  readonly counted = { lanes: 0, slots: 0, freeSlots: 0, power: 0, inLine: 0, unfinished: 0 }
  #samples = 0

  constructor(node: NodeRecord, offer: OfferedModel) {
    this.node = node
    this.model = offer.name
    this.offer = offer
    if (offer.tokensPerSecond !== undefined) {
      this.slowness = clamp(USUAL_TOKENS_PER_SECOND / offer.tokensPerSecond)
    }
  }

  /** Whether it is there to be counted on, even if it is full for the moment. */
  get served(): boolean {
    return !this.gone && !this.node.draining
  }

  hasFreeSlot(): boolean {
    return this.unfinished < this.offer.slots
  }

  /** Whether it may be given a task at this time. */
  isOpen(now: number): boolean {
    if (this.unfinished >= this.offer.credits || !this.served) return false
    return !this.node.paused && now >= this.closedUntil
  }

  /** Works out the price anew. */
  price(): void {
    const share = this.unfinished / this.offer.slots
    const rounds = Math.max(1, share + 1 / this.offer.slots)
    this.end = this.slowness * rounds
    this.cost = this.end + this.slowness * CROWDING * share
  }

  /** Learns from a task that took `ms` here where a usual node would have taken `usualMs`. */
  learnSlowness(ms: number, usualMs: number): void {
    const measured = Math.min(
      MOST_CHANGE * this.slowness,
      Math.max(this.slowness / MOST_CHANGE, ms / usualMs),
    )
    this.slowness = clamp(blend(this.slowness, measured, weightOf(this.#samples++)))
  }

  learnSpeed(tokensPerSecond: number): void {
    const before = this.tokensPerSecond === 0 ? tokensPerSecond : this.tokensPerSecond
    this.tokensPerSecond = blend(before, tokensPerSecond, 0.1)
  }

  /** Goes up fast on longer silences and down slowly on shorter ones, so that it settles near the 95th percentile. */
  learnGap(ms: number): void {
    if (this.gapMs === 0) this.gapMs = ms
    else this.gapMs = blend(this.gapMs, ms, ms > this.gapMs ? 0.19 : 0.01)
  }
}

/** All lanes of one model, so that a decision looks at none but the best. Sums are kept, not made. */
export class ModelIndex {
  readonly name: string
  /** Lanes that may be given a task now, the soonest done first. */
  readonly open: IndexedHeap<Lane>
  /** Lanes that there are, full ones included. */
  lanes = 0
  slots = 0
  freeSlots = 0
  /** Usual tasks done per usual length of time, all lanes together. */
  power = 0
  /** Tasks that nodes have beyond their slots. */
  inLine = 0
  unfinished = 0
  /** Tasks that wait here for this model. */
  waiting = 0
  /** When the last node that had the model left or took it back. */
  lostAt = -Infinity

  constructor(name: string, note: number) {
    this.name = name
    this.open = new IndexedHeap(note)
  }

  /** When the last of the waiting tasks would be done if each took its turn, in usual lengths. */
  get horizon(): number {
    if (this.power <= 0) return Infinity
    return (this.waiting + this.inLine + this.slots) / this.power
  }
}

/** Counts a lane anew after it changed. */
export function recount(lane: Lane, now: number): void {
  const works = lane.served && now >= lane.closedUntil
  const slots = works ? lane.offer.slots : 0
  lane.price()
  count(lane, {
    lanes: lane.served ? 1 : 0,
    slots,
    freeSlots: Math.max(0, slots - lane.unfinished),
    power: slots / lane.slowness,
    inLine: works ? Math.max(0, lane.unfinished - slots) : 0,
    unfinished: lane.unfinished,
    now,
  })
  for (const index of lane.indexes) {
    if (lane.isOpen(now)) index.open.update(lane)
    else index.open.remove(lane)
  }
}

/** Moves a lane to other indexes. */
export function reindex(lane: Lane, indexes: readonly ModelIndex[], now: number): void {
  count(lane, { lanes: 0, slots: 0, freeSlots: 0, power: 0, inLine: 0, unfinished: 0, now })
  for (const index of lane.indexes) index.open.remove(lane)
  lane.indexes = indexes
  recount(lane, now)
}

function count(lane: Lane, counts: Lane['counted'] & { readonly now: number }): void {
  const { counted } = lane
  for (const index of lane.indexes) {
    if (index.lanes > 0 && index.lanes + counts.lanes === counted.lanes) index.lostAt = counts.now
    index.lanes += counts.lanes - counted.lanes
    index.slots += counts.slots - counted.slots
    index.freeSlots += counts.freeSlots - counted.freeSlots
    // Sums of fractions drift; an index without slots starts anew.
    index.power = index.slots === 0 ? 0 : index.power + counts.power - counted.power
    index.inLine += counts.inLine - counted.inLine
    index.unfinished += counts.unfinished - counted.unfinished
  }
  counted.lanes = counts.lanes
  counted.slots = counts.slots
  counted.freeSlots = counts.freeSlots
  counted.power = counts.power
  counted.inLine = counts.inLine
  counted.unfinished = counts.unfinished
}

/** How much the next measurement counts after that many. */
export function weightOf(samples: number): number {
  return Math.max(1 / (samples + 2), LEAST_WEIGHT)
}

export function blend(before: number, now: number, weight: number): number {
  return before + weight * (now - before)
}

function clamp(slowness: number): number {
  return Math.min(1e4, Math.max(1e-4, slowness))
}
