import type { GivenUp } from './task.ts'

/** A task that failed on that many nodes, or that often, is not sent again. */
const MOST_FAILURES = 3
/** A task whose nodes vanished that often may be what kills them. */
const MOST_LOSSES = 6
/** Nodes that may refuse a task for good before it is given up. */
const MOST_REFUSERS = 20
/** Refusals in all, also those that are nobody's fault. */
const MOST_REFUSALS = 100

/** Why a task is given up. */
export interface End {
  readonly code: GivenUp['code']
  readonly message: string
  readonly retryable: boolean
}

/** What a task has been through. */
export interface Record {
  /** Ids of nodes, one for each failure. */
  readonly failedOn: readonly string[]
  readonly refusedBy: readonly string[]
  readonly refusals: number
  readonly losses: number
  /** Names of nodes that it was sent to. */
  readonly nodes: readonly string[]
}

/** Whether a task has had enough after its last attempt came to nothing; undefined: it goes on elsewhere. */
export function judge(record: Record, why: string, isWelcome: () => boolean): End | undefined {
  const { failedOn, refusedBy, refusals, losses, nodes } = record
  const distinct = new Set(failedOn).size
  if (distinct >= MOST_FAILURES) {
    const message = `failed on ${distinct} nodes (${nodes.join(', ')}), the last time: ${why}`
    return { code: 'POISON', message, retryable: false }
  }
  if (failedOn.length >= MOST_FAILURES) {
    return { code: 'TASK_FAILED', message: why, retryable: true }
  }
  if (losses >= MOST_LOSSES) {
    const message = `its node was lost ${losses} times, the last time: ${why}`
    return { code: 'NODE_LOST', message, retryable: false }
  }
  const isUnwanted = refusedBy.length >= MOST_REFUSERS || refusals >= MOST_REFUSALS
  if (isUnwanted || (refusedBy.length > 0 && !isWelcome())) {
    return { code: 'TASK_FAILED', message: why, retryable: false }
  }
  return undefined
}
