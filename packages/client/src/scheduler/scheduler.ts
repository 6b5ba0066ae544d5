import { LinkedQueue, SlotMap, type MessageOf, type OfferedModel } from '@skein/protocol'
import { Dispatcher } from './dispatcher.ts'
import { Hedger } from './hedger.ts'
import type { Lane } from './lanes.ts'
import { LeaseBook } from './lease-book.ts'
import { Patience } from './patience.ts'
import { Penalties } from './penalties.ts'
import { Roster } from './roster.ts'
import {
  Entry,
  hear,
  type Attempt,
  type Lease,
  type SchedulerOutput,
  type TaskRequest,
} from './task.ts'
import { judge, type End } from './verdict.ts'

const DEFAULT_GRACE_MS = 8_000

export interface SchedulerOptions {
  /** Milliseconds; never goes back. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  /** How long tasks wait when the last node that could do them is gone. @default 8000 */
  readonly graceMs?: number | undefined
}

/**
 * Which node does which task, and what happens when it does not. A plain state machine: events in by
 * methods, commands out by `SchedulerOutput`; time and chance are passed in, so that the simulator and the
 * real network drive the same code.
 *
 * Invariants: a node never has more unfinished tasks of ours than it granted credits; a task is settled
 * exactly once; a result counts only while its lease does.
 */
export class Scheduler<T extends TaskRequest> {
  readonly roster = new Roster()
  readonly #now: () => number
  readonly #output: SchedulerOutput<T>
  readonly #leases = new LeaseBook<T>()
  readonly #dispatcher: Dispatcher<T>
  readonly #hedger: Hedger<T>
  readonly #penalties: Penalties
  readonly #patience: Patience<T>
  readonly #entries = new SlotMap<string, Entry<T>>()
  readonly #byRun = new Map<string, LinkedQueue<Entry<T>>>()
  #settled = 0

  constructor(options: SchedulerOptions, output: SchedulerOutput<T>) {
    this.#now = options.now
    this.#output = output
    this.#dispatcher = new Dispatcher(
      this.roster,
      (node, task) => this.#leases.find(node, task) !== undefined,
    )
    this.#hedger = new Hedger(this.roster, this.#leases, this.#dispatcher)
    this.#penalties = new Penalties(this.roster, options.random)
    const { graceMs = DEFAULT_GRACE_MS } = options
    this.#patience = new Patience(this.roster, this.#dispatcher, {
      graceMs,
      startedAt: this.#now(),
    })
  }

  /** Whether `tick` has anything to look after. */
  get busy(): boolean {
    return this.#entries.size > 0
  }

  nodeJoined(id: string, name: string): void {
    this.roster.join(id, name)
  }

  /** Its session is over: what it had goes on elsewhere. */
  nodeLeft(id: string, why: string): void {
    const now = this.#now()
    const node = this.roster.leave(id, now)
    if (!node) return
    for (const attempt of this.#leases.ofNode(id)) {
      this.#leases.close(attempt, now)
      if (!isLive(attempt)) continue
      attempt.entry.losses++
      this.#goOn(attempt, `${node.name} was lost: ${why}`)
    }
    this.#dispatch()
  }

  offered(id: string, offer: { models: readonly OfferedModel[]; draining: boolean }): void {
    const node = this.roster.nodes.get(id)
    if (!node) return
    this.roster.offer(node, offer, this.#now())
    for (const lane of node.lanes.values()) this.#recall(lane)
    this.#dispatch()
  }

  /** The node's session takes no more bytes for now, or takes them again. */
  paused(id: string, paused: boolean): void {
    const node = this.roster.nodes.get(id)
    if (!node || node.paused === paused) return
    this.roster.pause(node, paused, this.#now())
    if (!paused) this.#dispatch()
  }

  submit(request: T): void {
    const line = this.#dispatcher.lineOf(request)
    const entry = new Entry(request, line)
    this.#entries.set(request.id, entry)
    let ofRun = this.#byRun.get(request.run)
    if (!ofRun) this.#byRun.set(request.run, (ofRun = new LinkedQueue()))
    ofRun.push(entry)
    const refusal = this.#patience.refusal(entry, this.#now())
    if (refusal) {
      this.#giveUp(entry, refusal)
      return
    }
    this.#dispatcher.enqueue(entry, false)
    this.#dispatch()
  }

  cancel(task: string): void {
    const entry = this.#entries.get(task)
    if (!entry) return
    this.#giveUp(entry, { code: 'CANCELLED', message: 'cancelled', retryable: false })
    this.#dispatch()
  }

  cancelRun(run: string): void {
    for (const entry of this.#byRun.get(run)?.toArray() ?? []) {
      this.#giveUp(entry, { code: 'CANCELLED', message: 'cancelled', retryable: false })
    }
    this.#dispatch()
  }

  /** The result of this lease is recorded. */
  committed(lease: Lease): void {
    this.#output.acknowledge(lease)
  }

  progressed(node: string, message: MessageOf<'progress'>): void {
    const attempt = this.#leases.find(node, message.task)
    if (attempt?.attempt !== message.attempt || !isLive(attempt)) return
    hear(attempt, message.answers ?? [], this.#now())
  }

  finished(node: string, finish: MessageOf<'finish'>): void {
    const attempt = this.#leases.find(node, finish.task)
    if (attempt?.attempt !== finish.attempt || !isLive(attempt)) {
      this.#end(node, finish)
      this.#output.acknowledge({ node, task: finish.task, attempt: finish.attempt })
    } else {
      const { entry, lane } = attempt
      const now = this.#now()
      const ms = now - attempt.sentAt
      this.roster.learn(lane, entry.request.workflow, { finish, ms })
      this.#leases.close(attempt, now)
      this.#settle(entry)
      this.#output.settle(entry.request, {
        ok: true,
        lease: { node, task: finish.task, attempt: finish.attempt },
        nodeName: lane.node.name,
        finish,
        ms,
        attempts: entry.attempts,
      })
    }
    this.#dispatch()
  }

  failed(node: string, message: MessageOf<'fail'>): void {
    this.#output.acknowledge({ node, task: message.task, attempt: message.attempt })
    const attempt = this.#end(node, message)
    if (attempt && isLive(attempt)) {
      const { entry, lane } = attempt
      const why = `${lane.node.name}: ${message.message}`
      if (message.fault === 'none') entry.losses++
      else entry.failedOn = [...entry.failedOn, node]
      if (message.fault === 'node') this.#penalties.strike(lane, this.#now())
      if (message.code === 'DEADLINE') this.#timeOut(attempt)
      else if (message.retryable) this.#goOn(attempt, why)
      else this.#giveUp(entry, { code: 'TASK_FAILED', message: why, retryable: false })
    }
    this.#dispatch()
  }

  /** The message for this lease could not be sent: no node can have it. */
  unsendable(lease: Lease, why: string): void {
    const attempt = this.#end(lease.node, lease)
    if (attempt && isLive(attempt)) {
      const message = `the task cannot be sent: ${why}`
      this.#giveUp(attempt.entry, { code: 'INVALID_INPUT', message, retryable: false })
    }
    this.#dispatch()
  }

  refused(node: string, message: MessageOf<'refuse'>): void {
    const attempt = this.#end(node, message)
    if (attempt && isLive(attempt)) {
      const { entry, lane } = attempt
      entry.refusals++
      const why = `${lane.node.name} refused it (${message.code}): ${message.message}`
      if (message.code === 'invalid') {
        this.#giveUp(entry, { code: 'TASK_FAILED', message: why, retryable: false })
      } else {
        this.#learnRefusal(attempt, message.code)
        this.#goOn(attempt, why)
      }
    }
    this.#dispatch()
  }

  /** To be called some times a second while `busy`: time limits, patience and hedging. */
  tick(): void {
    const now = this.#now()
    this.#penalties.tick(now)
    for (const attempt of this.#leases.unconfirmed(now)) this.#leases.close(attempt, now)
    for (const attempt of this.#leases.overdue(now)) this.#timeOut(attempt)
    for (const { entry, end } of this.#patience.tick(now)) this.#giveUp(entry, end)
    this.#dispatch()
    this.#hedger.tick(now, this.#settled, (entry, lane) => {
      this.#send(entry, lane)
    })
    this.#dispatch()
  }

  #dispatch(): void {
    const now = this.#now()
    for (;;) {
      const choice = this.#dispatcher.next(now)
      if (!choice) return
      this.#send(choice.entry, choice.lane)
    }
  }

  #send(entry: Entry<T>, lane: Lane): void {
    const { node } = lane
    const now = this.#now()
    entry.attempts++
    if (!entry.nodes.includes(node.name)) entry.nodes = [...entry.nodes, node.name]
    const attempt: Attempt<T> = {
      node: node.id,
      task: entry.request.id,
      attempt: entry.attempts,
      entry,
      lane,
      sentAt: now,
      heardAt: now,
      running: false,
      revokedAt: undefined,
      answers: entry.answers,
      before: undefined,
      behind: undefined,
    }
    entry.live = entry.live.length === 0 ? [attempt] : [...entry.live, attempt]
    this.#leases.open(attempt, now)
    const details = { model: lane.model, nodeName: node.name, answers: entry.answers }
    this.#output.assign(attempt, entry.request, details)
  }

  /** A node ended an attempt: its credit is free, whatever the end was. */
  #end(node: string, { task, attempt }: { task: string; attempt: number }): Attempt<T> | undefined {
    const found = this.#leases.find(node, task)
    if (found?.attempt !== attempt) return undefined
    this.#leases.close(found, this.#now())
    return found
  }

  /** An attempt came to nothing: the task goes elsewhere, unless it has had enough. */
  #goOn(attempt: Attempt<T>, why: string): void {
    const { entry } = attempt
    entry.live = entry.live.filter((other) => other !== attempt)
    entry.trouble = why
    this.#output.returned(entry.request, attempt.lane.node.name, why)
    const end = judge(entry, why, () => this.#dispatcher.isWelcome(entry))
    if (end?.code === 'POISON') this.#penalties.forgive(entry.failedOn, this.#now())
    if (end) this.#giveUp(entry, end)
    else if (entry.live.length === 0 && !entry.waiting) this.#dispatcher.enqueue(entry, true)
  }

  #giveUp(entry: Entry<T>, end: End): void {
    if (entry.settled) return
    this.#settle(entry)
    this.#output.settle(entry.request, {
      ok: false,
      ...end,
      attempts: entry.attempts,
      nodes: entry.nodes,
    })
  }

  /** Takes a task out of everything; attempts that still run are called off. */
  #settle(entry: Entry<T>): void {
    entry.settled = true
    this.#settled++
    entry.line.leave(entry)
    for (const attempt of entry.live) this.#callOff(attempt)
    entry.live = []
    this.#entries.delete(entry.request.id)
    const ofRun = this.#byRun.get(entry.request.run)
    ofRun?.remove(entry)
    if (ofRun?.isEmpty === true) this.#byRun.delete(entry.request.run)
  }

  #timeOut(attempt: Attempt<T>): void {
    const { entry, lane } = attempt
    if (entry.live.length <= 1) {
      const seconds = Math.round(entry.request.timeoutMs / 100) / 10
      const message = `${lane.node.name} did not finish within ${seconds} s`
      this.#giveUp(entry, { code: 'TIMED_OUT', message, retryable: true })
    } else {
      entry.live = entry.live.filter((other) => other !== attempt)
      this.#callOff(attempt)
    }
  }

  /**
   * A node that grants less than it has is behind: what waits there in excess goes on elsewhere. Nodes begin
   * with what they got first, so that the latest wait for certain.
   */
  #recall(lane: Lane): void {
    const { credits, slots } = lane.offer
    const surplus = lane.unfinished - lane.revoked - Math.max(credits, slots)
    if (lane.gone || surplus <= 0) return
    for (const attempt of this.#leases.waitingAt(lane).slice(0, surplus)) {
      const { entry } = attempt
      entry.live = entry.live.filter((other) => other !== attempt)
      entry.recalls++
      this.#callOff(attempt)
      if (entry.live.length === 0 && !entry.waiting) this.#dispatcher.enqueue(entry, true)
    }
  }

  /** The node is told to stop an attempt, unless it has ended it already. */
  #callOff(attempt: Attempt<T>): void {
    if (this.#leases.find(attempt.node, attempt.task) !== attempt) return
    this.#leases.revoke(attempt, this.#now())
    this.#output.cancel(attempt)
  }

  #learnRefusal({ entry, lane, node }: Attempt<T>, code: MessageOf<'refuse'>['code']): void {
    const now = this.#now()
    if (code === 'no-slot') this.#penalties.noSlot(lane, now)
    else if (code === 'no-such-model') this.roster.takeBack(lane, now)
    else if (code === 'draining') this.roster.drain(lane.node, now)
    else entry.refusedBy = [...entry.refusedBy, node]
  }
}

function isLive({ revokedAt, entry }: Attempt): boolean {
  return revokedAt === undefined && !entry.settled
}
