import { LinkedQueue, SlotMap } from '@skein/protocol'
import { recount, type Lane } from './lanes.ts'
import type { Attempt, TaskRequest } from './task.ts'

/** A node that does not confirm that it stopped is taken to have stopped after this time. */
const CONFIRM_MS = 5000

/** Every attempt that some node has not ended: found by node and task, by age, or by its time limit. */
export class LeaseBook<T extends TaskRequest> {
  readonly #byNode = new Map<string, SlotMap<string, Attempt<T>>>()
  /** One queue for each time limit; each in the order of sending, so that only its head can be overdue. */
  readonly #byTimeout = new Map<number, LinkedQueue<Attempt<T>>>()
  readonly #revoked = new Set<Attempt<T>>()

  open(attempt: Attempt<T>, now: number): void {
    const { node, task, lane } = attempt
    getOrAdd(this.#byNode, node, () => new SlotMap<string, Attempt<T>>()).set(task, attempt)
    const { timeoutMs } = attempt.entry.request
    getOrAdd(this.#byTimeout, timeoutMs, () => new LinkedQueue<Attempt<T>>()).push(attempt)
    lane.unfinished++
    recount(lane, now)
  }

  find(node: string, task: string): Attempt<T> | undefined {
    return this.#byNode.get(node)?.get(task)
  }

  ofNode(node: string): Attempt<T>[] {
    return Array.from(this.#byNode.get(node)?.values() ?? [])
  }

  /** Attempts of the lane that its node has not said to run, the one sent last first. */
  waitingAt(lane: Lane): Attempt<T>[] {
    const waiting: Attempt<T>[] = []
    for (const attempt of this.#byNode.get(lane.node.id)?.values() ?? []) {
      const waits = attempt.lane === lane && !attempt.running && attempt.revokedAt === undefined
      if (waits) waiting.push(attempt)
    }
    return waiting.toReversed()
  }

  /** The node has ended it, or is gone: the credit is free again. */
  close(attempt: Attempt<T>, now: number): void {
    const { node, task, lane, entry } = attempt
    const ofNode = this.#byNode.get(node)
    if (ofNode?.get(task) !== attempt) return
    ofNode.delete(task)
    if (ofNode.size === 0) this.#byNode.delete(node)
    this.#byTimeout.get(entry.request.timeoutMs)?.remove(attempt)
    if (this.#revoked.delete(attempt)) lane.revoked--
    lane.unfinished--
    recount(lane, now)
  }

  /** It counts no more, but keeps its credit until the node says that it stopped. */
  revoke(attempt: Attempt<T>, now: number): void {
    attempt.revokedAt = now
    if (this.#revoked.has(attempt)) return
    this.#revoked.add(attempt)
    attempt.lane.revoked++
  }

  /** Attempts that are still wanted but have been at their node for too long. */
  overdue(now: number): Attempt<T>[] {
    const found: Attempt<T>[] = []
    for (const [timeoutMs, attempts] of this.#byTimeout) {
      for (const attempt of attempts) {
        if (now - attempt.sentAt < timeoutMs) break
        if (attempt.revokedAt === undefined) found.push(attempt)
      }
      if (attempts.isEmpty) this.#byTimeout.delete(timeoutMs)
    }
    return found
  }

  /** Called off long ago, and the node never said that it stopped. */
  unconfirmed(now: number): Attempt<T>[] {
    const found: Attempt<T>[] = []
    for (const attempt of this.#revoked) {
      if (now - (attempt.revokedAt ?? now) < CONFIRM_MS) break
      found.push(attempt)
    }
    return found
  }

  /** Attempts of at least that age, the oldest of each time limit first; at most `limit` of each. */
  *aged(now: number, { ageMs, limit }: { ageMs: number; limit: number }): Generator<Attempt<T>> {
    for (const attempts of this.#byTimeout.values()) {
      let seen = 0
      for (const attempt of attempts) {
        if (now - attempt.sentAt < ageMs || seen++ >= limit) break
        if (attempt.revokedAt === undefined) yield attempt
      }
    }
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
