import type { MessageOf, OfferedModel } from '@skein/protocol'
import {
  Lane,
  ModelIndex,
  NOTES,
  blend,
  recount,
  reindex,
  weightOf,
  type NodeRecord,
} from './lanes.ts'

/** Shorter tasks than this are taken to be as long: their differences are noise. */
const LEAST_MS = 0.05
/** A newer task counts so much for the mean of all lanes. */
const DRIFT_WEIGHT = 0.02

/** A model as the network has it now. */
export interface ModelSummary {
  readonly name: string
  readonly nodes: number
  /** Tasks that run at once, all nodes together. */
  readonly slots: number
  /** Slots that this client could use now. */
  readonly freeSlots: number
  /** What one task gets on average: measured by this client, else as the nodes say; absent while nobody knows. */
  readonly tokensPerSecond?: number
  readonly contextLength: number
  readonly capabilities: readonly string[]
  /** The toy that comes with Skein. */
  readonly demonstration: boolean
}

/** A node as this client sees it. */
export interface NodeSummary {
  readonly peer: string
  readonly name: string
  readonly draining: boolean
  readonly models: readonly OfferedModel[]
  /** Tasks that this client has there. */
  readonly unfinished: number
}

/** Who is there, what they can do and how fast they are. */
export class Roster {
  readonly nodes = new Map<string, NodeRecord>()
  /** Names of those who left last, for messages. */
  readonly left: string[] = []
  readonly #byModel = new Map<string, ModelIndex>()
  /** Lanes that may answer when any model will do. */
  readonly #any = new ModelIndex('any model', NOTES.any)
  #realLanes = 0
  /** Tasks that the nodes would take from this client, all together. */
  credits = 0
  /** How long tasks of a workflow take at slowness 1, in ms. */
  readonly #lengths = new Map<string, { ms: number; samples: number }>()
  /**
   * Mean slowness of the lanes that finish tasks. Only ratios are measured, so that all could grow together:
   * what they have grown by is taken out again.
   */
  #drift = 1
  /** The same over all workflows; 0 until something was measured. */
  usualMs = 0

  join(id: string, name: string): void {
    this.nodes.set(id, {
      id,
      name,
      lanes: new Map(),
      draining: false,
      paused: false,
      offered: false,
    })
  }

  /** The node is gone with all its lanes. */
  leave(id: string, now: number): NodeRecord | undefined {
    const node = this.nodes.get(id)
    if (!node) return undefined
    this.nodes.delete(id)
    this.left.push(node.name)
    if (this.left.length > 5) this.left.shift()
    this.offer(node, { models: [], draining: true }, now)
    return node
  }

  /** What the node can do from now on; replaces what it said before. */
  offer(
    node: NodeRecord,
    offer: { readonly models: readonly OfferedModel[]; readonly draining: boolean },
    now: number,
  ): void {
    node.offered = true
    node.draining = offer.draining
    const hadReal = this.#realLanes > 0
    const offered = new Map(offer.models.map((model) => [model.name, model]))
    for (const [name, lane] of node.lanes) if (!offered.has(name)) this.#change(lane, undefined)
    for (const model of offer.models) this.#change(this.#laneOf(node, model), model)
    for (const lane of node.lanes.values()) this.#place(lane, now)
    if (hadReal === this.#realLanes > 0) return
    for (const lane of this.#lanes()) this.#place(lane, now)
  }

  /** The node does not have that model after all. */
  takeBack(lane: Lane, now: number): void {
    const models = Array.from(lane.node.lanes.values()).flatMap((other) =>
      other === lane || other.gone ? [] : other.offer,
    )
    this.offer(lane.node, { models, draining: lane.node.draining }, now)
  }

  /** The node takes nothing new until its next offer. */
  drain(node: NodeRecord, now: number): void {
    node.draining = true
    for (const lane of node.lanes.values()) recount(lane, now)
  }

  pause(node: NodeRecord, paused: boolean, now: number): void {
    node.paused = paused
    for (const lane of node.lanes.values()) recount(lane, now)
  }

  /** Where to look for any of these models, best first. */
  indexesOf(models: readonly string[]): ModelIndex[] {
    if (models.length === 0) return [this.#any]
    return models.map((name) => this.#indexOf(name))
  }

  /** Learns from a task that was finished `ms` after it was sent. */
  learn(
    lane: Lane,
    workflow: string,
    { finish, ms }: { finish: Pick<MessageOf<'finish'>, 'timing' | 'usage'>; ms: number },
  ): void {
    const { timing, usage } = finish
    lane.strikes = 0
    if (timing.generateMs > 0) lane.learnSpeed((usage.output * 1000) / timing.generateMs)
    const workMs = timing.promptMs + timing.generateMs
    const passedMs = ms - timing.queueMs - timing.loadMs
    this.#learnLength(lane, workflow, Math.max(LEAST_MS, workMs > 0 ? workMs : passedMs))
  }

  /** What a task of that workflow usually takes there, in ms; undefined before the first was measured. */
  expectedMs(lane: Lane, workflow: string): number | undefined {
    const length = this.#lengths.get(workflow)
    return length && length.ms * lane.slowness
  }

  models(): ModelSummary[] {
    const names = new Set<string>()
    for (const lane of this.#lanes()) names.add(lane.model)
    return Array.from(names, (name) => this.#summarize(name)).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )
  }

  summaries(): NodeSummary[] {
    return Array.from(this.nodes.values(), (node) => ({
      peer: node.id,
      name: node.name,
      draining: node.draining,
      models: Array.from(node.lanes.values()).flatMap((lane) => (lane.gone ? [] : lane.offer)),
      unfinished: Array.from(node.lanes.values()).reduce((sum, lane) => sum + lane.unfinished, 0),
    }))
  }

  #learnLength(lane: Lane, workflow: string, ms: number): void {
    let length = this.#lengths.get(workflow)
    if (!length) this.#lengths.set(workflow, (length = { ms: ms / lane.slowness, samples: 0 }))
    lane.learnSlowness(ms, length.ms * this.#drift)
    const usualMs = ms / lane.slowness
    this.#drift = blend(this.#drift, lane.slowness, DRIFT_WEIGHT)
    length.ms = blend(length.ms, usualMs, weightOf(length.samples++))
    this.usualMs = this.usualMs === 0 ? usualMs : blend(this.usualMs, usualMs, 0.05)
  }

  #laneOf(node: NodeRecord, offer: OfferedModel): Lane {
    let lane = node.lanes.get(offer.name)
    if (lane) return lane
    lane = new Lane(node, offer)
    lane.gone = true
    node.lanes.set(offer.name, lane)
    return lane
  }

  /** Takes a lane's offer back, or puts another in its place. */
  #change(lane: Lane, offer: OfferedModel | undefined): void {
    if (!lane.gone) {
      this.credits -= lane.offer.credits
      if (isReal(lane)) this.#realLanes--
    }
    lane.gone = offer === undefined
    if (offer === undefined) return
    lane.offer = offer
    this.credits += offer.credits
    if (isReal(lane)) this.#realLanes++
  }

  /** The demonstration model answers for any model only while there is no other. */
  #place(lane: Lane, now: number): void {
    const own = this.#indexOf(lane.model)
    const answersAny = canChat(lane) && (isReal(lane) || this.#realLanes === 0)
    if (lane.indexes.length === (answersAny ? 2 : 1)) recount(lane, now)
    else reindex(lane, answersAny ? [own, this.#any] : [own], now)
  }

  #indexOf(name: string): ModelIndex {
    let index = this.#byModel.get(name)
    if (!index) this.#byModel.set(name, (index = new ModelIndex(name, NOTES.model)))
    return index
  }

  *#lanes(): Generator<Lane> {
    for (const node of this.nodes.values()) {
      for (const lane of node.lanes.values()) if (!lane.gone) yield lane
    }
  }

  #summarize(name: string): ModelSummary {
    const lanes = Array.from(this.#lanes()).filter((lane) => lane.model === name)
    const speeds = lanes.flatMap((lane) => lane.tokensPerSecond || lane.offer.tokensPerSecond || [])
    const sum = (count: (lane: Lane) => number) =>
      lanes.reduce((total, lane) => total + count(lane), 0)
    return {
      name,
      nodes: lanes.length,
      slots: sum((lane) => lane.offer.slots),
      freeSlots: sum((lane) =>
        lane.node.draining
          ? 0
          : Math.max(0, Math.min(lane.offer.slots, lane.offer.credits) - lane.unfinished),
      ),
      ...(speeds.length > 0 && {
        tokensPerSecond: speeds.reduce((total, speed) => total + speed, 0) / speeds.length,
      }),
      contextLength: Math.max(...lanes.map((lane) => lane.offer.contextLength)),
      capabilities: [...new Set(lanes.flatMap((lane) => lane.offer.capabilities))],
      demonstration: lanes.every((lane) => lane.offer.demonstration === true),
    }
  }
}

function isReal(lane: Lane): boolean {
  return lane.offer.demonstration !== true
}

/** A node that lists no capabilities is taken at its word that it generates. */
function canChat({ offer }: Lane): boolean {
  return offer.capabilities.length === 0 || offer.capabilities.includes('chat')
}
