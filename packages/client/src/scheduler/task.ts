import type { Linked, MessageOf } from '@skein/protocol'
import type { ClientErrorCode } from '../errors.ts'
import type { Lane } from './lanes.ts'
import type { Waiter, WaitingLine } from './waiting-line.ts'

/** One run of a workflow that some node is to do. */
export interface TaskRequest {
  readonly id: string
  /** Tasks of different runs take turns. */
  readonly run: string
  /** The workflow's id: tasks of one workflow are taken to be of similar length. */
  readonly workflow: string
  /** Models that may answer, best first; empty: any. */
  readonly models: readonly string[]
  /** Attempts made before under this id; the next has the number after. */
  readonly attemptsBefore: number
  /** Longest time at a node. */
  readonly timeoutMs: number
  /** How long to wait for a node with one of the models when there are others; 0: not at all. */
  readonly waitMs: number
}

/** Attempt number `attempt` at a task, by one node. */
export interface Lease {
  readonly node: string
  readonly task: string
  readonly attempt: number
}

/** A task that was done. */
export interface Done {
  readonly ok: true
  readonly lease: Lease
  readonly nodeName: string
  readonly finish: MessageOf<'finish'>
  /** From sending it to its result, this attempt. */
  readonly ms: number
  readonly attempts: number
}

/** A task that was given up. */
export interface GivenUp {
  readonly ok: false
  readonly code: ClientErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly attempts: number
  /** Names of the nodes that tried. */
  readonly nodes: readonly string[]
}

export type Settlement = Done | GivenUp

export interface AssignmentDetails {
  readonly model: string
  readonly nodeName: string
  /** Answers of an earlier attempt that need not be made again. */
  readonly answers: readonly unknown[] | undefined
}

/** What the scheduler wants done. It is called in the middle of its work: do not call back at once. */
export interface SchedulerOutput<T extends TaskRequest> {
  assign(lease: Lease, task: T, details: AssignmentDetails): void
  cancel(lease: Lease): void
  /** The node may forget this result: it is recorded, or nobody wants it any more. */
  acknowledge(lease: Lease): void
  settle(task: T, settlement: Settlement): void
  /** A node failed, refused or was lost; the task goes on elsewhere. */
  returned(task: T, node: string, why: string): void
}

/** One attempt that its node has not ended. */
export interface Attempt<T extends TaskRequest = TaskRequest> extends Lease, Linked<Attempt<T>> {
  readonly entry: Entry<T>
  readonly lane: Lane
  readonly sentAt: number
  /** When the node last spoke of it. */
  heardAt: number
  /** Whether the node has said that it runs. */
  running: boolean
  /** When it was called off: what the node says of it counts no more. */
  revokedAt: number | undefined
  answers: readonly unknown[] | undefined
}

const NONE: readonly string[] = []

/** A task inside the scheduler. */
export class Entry<T extends TaskRequest = TaskRequest> implements Waiter, Linked<Entry<T>> {
  before: Entry<T> | undefined = undefined
  behind: Entry<T> | undefined = undefined
  readonly request: T
  readonly line: WaitingLine<Entry<T>>
  waiting = false
  settled = false
  attempts: number
  /** Attempts that may still bring the result: one, or more while hedged. */
  live: readonly Attempt<T>[] = []
  /** The most answers that any attempt has reported. */
  answers: readonly unknown[] | undefined
  /** Nodes where it failed, one entry a failure. */
  failedOn: readonly string[] = NONE
  /** Nodes that will never take it. */
  refusedBy: readonly string[] = NONE
  refusals = 0
  /** How often it was taken back from a node that had too many. */
  recalls = 0
  /** Since when every node that there is has refused it for good. */
  unwelcomeSince: number | undefined
  /** What came in the way of its last attempt. */
  trouble = ''
  losses = 0
  /** Names of the nodes that it was sent to. */
  nodes: readonly string[] = NONE

  constructor(request: T, line: WaitingLine<Entry<T>>) {
    this.request = request
    this.line = line
    this.attempts = request.attemptsBefore
  }

  /** There may be nodes that it must not go to: where it failed, was refused, or may still run. */
  get choosy(): boolean {
    const troubles = this.failedOn.length + this.refusedBy.length + this.live.length
    return troubles + this.recalls + this.request.attemptsBefore > 0
  }
}

/** Notes that the node spoke of an attempt, and the answers that it now has. */
export function hear(attempt: Attempt, answers: readonly unknown[], now: number): void {
  if (attempt.running) attempt.lane.learnGap(now - attempt.heardAt)
  attempt.running = true
  attempt.heardAt = now
  if (answers.length === 0) return
  const all = [...(attempt.answers ?? []), ...answers]
  attempt.answers = all
  if (all.length > (attempt.entry.answers?.length ?? 0)) attempt.entry.answers = all
}
