import { Fifo } from './fifo.ts'
import type { ModelIndex } from './lanes.ts'

/** What a line must know of those who wait in it. */
export interface Waiter {
  readonly request: { readonly run: string }
  waiting: boolean
  /** Whether there are nodes that it should not go to. */
  readonly choosy: boolean
}

/** Tasks with the same wish, taken from their runs in turn so that no run starves another. */
export class WaitingLine<T extends Waiter> {
  readonly models: readonly string[]
  /** How long its tasks wait for a node that has one of the models. */
  readonly waitMs: number
  /** Where the models are, best first. */
  readonly indexes: readonly ModelIndex[]
  /** Had their turn, but may not go to every node. */
  readonly choosy = new Fifo<T>()
  /** Since when no node has any of the models. */
  unservedSince: number | undefined
  /** Since when a task is held back for a faster node although a slower one has room. */
  heldSince: number | undefined
  size = 0
  /** Had their turn: their node was lost. */
  readonly #urgent = new Fifo<T>()
  readonly #runs = new Map<string, Fifo<T>>()

  constructor(models: readonly string[], waitMs: number, indexes: readonly ModelIndex[]) {
    this.models = models
    this.waitMs = waitMs
    this.indexes = indexes
  }

  push(waiter: T): void {
    this.#count(waiter, 1)
    const { run } = waiter.request
    let queue = this.#runs.get(run)
    if (!queue) this.#runs.set(run, (queue = new Fifo()))
    queue.push(waiter)
  }

  /** Puts a task back that already had its turn. */
  giveBack(waiter: T): void {
    this.#count(waiter, 1)
    const queue = waiter.choosy ? this.choosy : this.#urgent
    queue.push(waiter)
  }

  /** The next task that may go to any node, of the run whose turn it is. */
  peek(): T | undefined {
    const urgent = firstWaiting(this.#urgent)
    if (urgent) return urgent
    for (const [run, queue] of this.#runs) {
      const waiter = firstWaiting(queue)
      if (waiter) return waiter
      this.#runs.delete(run)
    }
    return undefined
  }

  /** Takes out what `peek` returned. The next run's turn comes. */
  take(waiter: T): void {
    this.leave(waiter)
    if (this.#urgent.peek() === waiter) {
      this.#urgent.shift()
      return
    }
    const { run } = waiter.request
    const queue = this.#runs.get(run)
    if (queue?.shift() === undefined) return
    // Alone in line, it is next again.
    if (queue.size > 0 && this.#runs.size === 1) return
    this.#runs.delete(run)
    if (queue.size > 0) this.#runs.set(run, queue)
  }

  /** It waits no more; its place is cleared when it comes to the head. */
  leave(waiter: T): void {
    if (waiter.waiting) this.#count(waiter, -1)
  }

  /** Those who may not go to every node. */
  choosyOnes(): T[] {
    return pass(this.choosy)
  }

  /** Everyone who waits. */
  everyone(): T[] {
    return [this.#urgent, this.choosy, ...this.#runs.values()].flatMap(pass)
  }

  #count(waiter: T, by: 1 | -1): void {
    waiter.waiting = by === 1
    this.size += by
    for (const index of this.indexes) index.waiting += by
  }
}

/** Those who were settled while they waited stay until they come to the head. */
function firstWaiting<T extends Waiter>(queue: Fifo<T>): T | undefined {
  for (;;) {
    const waiter = queue.peek()
    if (waiter === undefined || waiter.waiting) return waiter
    queue.shift()
  }
}

/** Everyone in a queue who still waits; the queue keeps them in order and forgets the others. */
function pass<T extends Waiter>(queue: Fifo<T>): T[] {
  const found: T[] = []
  for (let left = queue.size; left > 0; left--) {
    const waiter = queue.shift()
    if (waiter?.waiting !== true) continue
    queue.push(waiter)
    found.push(waiter)
  }
  return found
}
