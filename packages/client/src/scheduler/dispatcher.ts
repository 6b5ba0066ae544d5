import type { Lane, ModelIndex } from './lanes.ts'
import type { Roster } from './roster.ts'
import type { Entry, TaskRequest } from './task.ts'
import { WaitingLine } from './waiting-line.ts'

/** Tasks looked at in a decision that may not go everywhere. The others' turn comes with the next decision. */
const CHOOSY_LOOKS = 8

/** A task is held back for a faster node at least this long before any node will do. */
const LEAST_PATIENCE_MS = 100

/** The same while nobody knows how long a task takes. */
const BLIND_PATIENCE_MS = 1000

/** A lane about as good as waiting is taken. */
const TOLERANCE = 1.01

/** A task and where it should go. */
export interface Choice<T extends TaskRequest> {
  readonly entry: Entry<T>
  readonly lane: Lane
}

/** Decides who gets what: the fastest lane for the next task, and whether a slow one is worth waiting for. */
export class Dispatcher<T extends TaskRequest> {
  readonly #roster: Roster
  /** Whether this node has, or may still think that it has, that task. */
  readonly #holds: (node: string, task: string) => boolean
  readonly #lines = new Map<string, WaitingLine<Entry<T>>>()
  readonly #active: WaitingLine<Entry<T>>[] = []
  #turn = 0

  constructor(roster: Roster, holds: (node: string, task: string) => boolean) {
    this.#roster = roster
    this.#holds = holds
  }

  get lines(): readonly WaitingLine<Entry<T>>[] {
    return this.#active
  }

  /** The line for tasks with this wish. */
  lineOf({ models, waitMs }: TaskRequest): WaitingLine<Entry<T>> {
    const key = `${waitMs} ${models.join('\n')}`
    let line = this.#lines.get(key)
    if (line) return line
    line = new WaitingLine(models, waitMs, this.#roster.indexesOf(models))
    this.#lines.set(key, line)
    return line
  }

  /** Puts a task in its line: at the end, or ahead if it had its turn already. */
  enqueue(entry: Entry<T>, hadItsTurn: boolean): void {
    const { line } = entry
    if (line.size === 0 && !this.#active.includes(line)) this.#active.push(line)
    if (hadItsTurn || entry.choosy) line.giveBack(entry)
    else line.push(entry)
  }

  /** The next task that should leave now; it is out of its line then. Lines take turns. */
  next(now: number): Choice<T> | undefined {
    for (let looked = 0; looked < this.#active.length; looked++) {
      this.#turn = (this.#turn + 1) % this.#active.length
      const line = this.#active[this.#turn]
      if (line === undefined) continue
      if (line.size === 0) this.#retire(line)
      const pick = this.#pick(line, now)
      if (pick) return pick
    }
    return undefined
  }

  /** An idle lane that could do a task a second time. */
  idleLane(entry: Entry<T>): Lane | undefined {
    for (const index of entry.line.indexes) {
      if (index.waiting > 0 || index.freeSlots === 0) continue
      const lane = index.open.best((open) => open.hasFreeSlot() && this.#mayTake(open, entry))
      if (lane) return lane
    }
    return undefined
  }

  /** Whether any node that there is might still take the task. */
  isWelcome({ line, refusedBy }: Entry<T>): boolean {
    for (const node of this.#roster.nodes.values()) {
      if (refusedBy.includes(node.id)) continue
      for (const lane of node.lanes.values()) {
        if (lane.served && lane.indexes.some((index) => line.indexes.includes(index))) return true
      }
    }
    return false
  }

  #pick(line: WaitingLine<Entry<T>>, now: number): Choice<T> | undefined {
    for (let looks = Math.min(CHOOSY_LOOKS, line.choosy.size); looks > 0; looks--) {
      const entry = line.choosy.shift()
      if (entry?.waiting !== true) continue
      const lane = this.#choose(line, now, this.#tasteOf(entry))
      if (lane) {
        line.leave(entry)
        return { entry, lane }
      }
      line.choosy.push(entry)
    }
    const entry = line.peek()
    const lane = entry && this.#choose(line, now)
    if (!entry || !lane) return undefined
    line.take(entry)
    return { entry, lane }
  }

  /**
   * The lane where the next task of the line would be done soonest, of the best-ranked model that has one.
   * None, if waiting for a slot elsewhere promises an earlier end: then a task would only be parked.
   */
  #choose(
    line: WaitingLine<Entry<T>>,
    now: number,
    passes?: (lane: Lane) => boolean,
  ): Lane | undefined {
    let horizon = Infinity
    let held = false
    for (const index of line.indexes) {
      const lane = passes ? index.open.best(passes) : index.open.peek()
      horizon = Math.min(horizon, index.horizon)
      if (!lane) continue
      if (lane.end <= horizon * TOLERANCE || this.#isPatienceOver(line, index, now)) {
        line.heldSince = undefined
        return lane
      }
      held = true
    }
    line.heldSince = held ? (line.heldSince ?? now) : undefined
    return undefined
  }

  /** A slow lane must do when nothing runs that could make room, or when room was promised and did not come. */
  #isPatienceOver(line: WaitingLine<Entry<T>>, index: ModelIndex, now: number): boolean {
    if (index.unfinished === 0) return true
    if (line.heldSince === undefined) return false
    const { usualMs } = this.#roster
    const promisedMs = usualMs === 0 ? BLIND_PATIENCE_MS : 2 * index.horizon * usualMs
    return now - line.heldSince > LEAST_PATIENCE_MS + promisedMs
  }

  /** Nodes where the task failed before come last: only when no other has the model. */
  #tasteOf(entry: Entry<T>): (lane: Lane) => boolean {
    const tried = entry.failedOn
    if (tried.length === 0 || !this.#hasOthers(entry)) return (lane) => this.#mayTake(lane, entry)
    return (lane) => this.#mayTake(lane, entry) && !tried.includes(lane.node.id)
  }

  #hasOthers({ line, failedOn, refusedBy }: Entry<T>): boolean {
    const tried = new Set([...failedOn, ...refusedBy])
    let lanes = 0
    for (const index of line.indexes) lanes += index.lanes
    for (const id of tried) {
      const node = this.#roster.nodes.get(id)
      for (const lane of node?.lanes.values() ?? []) {
        if (lane.served && lane.indexes.some((index) => line.indexes.includes(index))) lanes--
      }
    }
    return lanes > 0
  }

  #mayTake(lane: Lane, { refusedBy, request }: Entry<T>): boolean {
    return !refusedBy.includes(lane.node.id) && !this.#holds(lane.node.id, request.id)
  }

  #retire(line: WaitingLine<Entry<T>>): void {
    this.#active.splice(this.#active.indexOf(line), 1)
    // A task that comes back to this line begins a new wait.
    line.unservedSince = undefined
    line.heldSince = undefined
    for (const [key, known] of this.#lines) if (known === line) this.#lines.delete(key)
  }
}
