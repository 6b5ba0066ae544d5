import type { Clock, Introduction, MessageOf, NodeMessage, Transport } from '@skein/protocol'
import { Cancellation } from '../cancellation.ts'
import { ClientError, messageOf } from '../errors.ts'
import { Fleet } from './fleet.ts'
import { Scheduler } from '../scheduler/scheduler.ts'
import type {
  AssignmentDetails,
  Lease,
  SchedulerOutput,
  Settlement,
  TaskRequest,
} from '../scheduler/task.ts'

/** How often time limits, patience and slow tasks are looked after while there are tasks. */
const TICK_MS = 50

/** A task with all that its node must know, and who wants to hear of it. */
export interface Submission extends TaskRequest {
  /** The workflow's document. */
  readonly document: unknown
  /** What the workflow is given. */
  readonly arguments: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly trace: boolean
  /** It left for a node. */
  sent(node: string): void
  /** A node failed, refused or was lost; it goes on elsewhere. */
  returned(node: string, why: string): void
  /** Exactly once, last. */
  settled(settlement: Settlement): void
}

export interface NetworkComponents {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: () => number
  readonly hello: Introduction
  readonly graceMs?: number | undefined
}

/** The scheduler with real nodes: what it decides is said to them, what they say is told to it. */
export class Network implements SchedulerOutput<Submission> {
  readonly scheduler: Scheduler<Submission>
  readonly #components: NetworkComponents
  readonly #fleet: Fleet
  readonly #watchers = new Set<() => void>()
  /** Its client was closed: nobody does tasks any more. */
  readonly closing = new Cancellation()
  #isTicking = false

  constructor(components: NetworkComponents) {
    const { clock, random, graceMs } = components
    this.#components = components
    this.scheduler = new Scheduler({ now: () => clock.now(), random, graceMs }, this)
    this.#fleet = new Fleet(components, {
      joined: (peer, name) => {
        this.scheduler.nodeJoined(peer, name)
      },
      left: (peer, why) => {
        this.scheduler.nodeLeft(peer, why)
        this.#changed()
      },
      message: (peer, message) => {
        this.#hear(peer, message)
      },
      writable: (peer) => {
        this.scheduler.paused(peer, false)
      },
    })
  }

  /** Keeps a session with the node at one of these addresses; given ones are tried for ever. */
  reach(addresses: readonly string[], given: boolean): void {
    this.#fleet.reach(addresses, given)
  }

  /** Why addresses could not be reached. */
  get troubles(): string[] {
    return this.#fleet.troubles
  }

  /** What is wrong with addresses that are none. */
  get mistakes(): string[] {
    return this.#fleet.mistakes
  }

  /** Called after each change of what nodes offer; the returned function ends that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => {
      this.#watchers.delete(watcher)
    }
  }

  /** Every node that is known of has said what it offers, or could not be reached; and there is one, or a mistake. */
  get isSettled(): boolean {
    if (this.mistakes.length > 0) return true
    const nodes = Array.from(this.scheduler.roster.nodes.values())
    return nodes.length > 0 && nodes.every((node) => node.offered) && !this.#fleet.isSearching
  }

  /** Resolves at the next change, or after that time. */
  change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel()
        leave()
        resolve()
      }
      const cancel = this.#components.clock.schedule(ms, end)
      const leave = this.watch(end)
    })
  }

  submit(task: Submission): void {
    this.scheduler.submit(task)
    this.#tick()
  }

  async close(): Promise<void> {
    this.closing.cancel(new ClientError('CLOSED', 'the client of these nodes was closed'))
    await this.#fleet.close()
  }

  assign(lease: Lease, task: Submission, details: AssignmentDetails): void {
    const { answers } = details
    const message: MessageOf<'assign'> = {
      type: 'assign',
      task: lease.task,
      attempt: lease.attempt,
      workflow: task.workflow,
      input: task.arguments,
      models: [details.model],
      seed: task.seed,
      timeLeftMs: task.timeoutMs,
      ...(answers !== undefined && { checkpoint: { answers: [...answers] } }),
      ...(task.trace && { trace: true }),
    }
    try {
      const writable = this.#fleet.assign(lease.node, message, task.document)
      if (!writable) this.scheduler.paused(lease.node, true)
      task.sent(details.nodeName)
    } catch (error) {
      const { node, task: id, attempt } = lease
      // Not now: the scheduler is in the middle of its work.
      queueMicrotask(() => {
        this.scheduler.unsendable({ node, task: id, attempt }, messageOf(error))
      })
    }
  }

  cancel({ node, task, attempt }: Lease): void {
    this.#fleet.send(node, { type: 'cancel', task, attempt })
  }

  acknowledge({ node, task, attempt }: Lease): void {
    this.#fleet.send(node, { type: 'acknowledge', task, attempt })
  }

  settle(task: Submission, settlement: Settlement): void {
    const isLonely = !settlement.ok && settlement.code === 'NO_NODES'
    task.settled(isLonely ? this.#withTroubles(settlement) : settlement)
  }

  returned(task: Submission, node: string, why: string): void {
    task.returned(node, why)
  }

  #withTroubles<T extends { readonly message: string }>(settlement: T): T {
    const { troubles } = this
    if (troubles.length === 0) return settlement
    return { ...settlement, message: `${settlement.message}\n${troubles.join('\n')}` }
  }

  #hear(peer: string, message: NodeMessage): void {
    switch (message.type) {
      case 'finish':
        this.scheduler.finished(peer, message)
        break
      case 'progress':
        this.scheduler.progressed(peer, message)
        break
      case 'fail':
        this.scheduler.failed(peer, message)
        break
      case 'refuse':
        this.scheduler.refused(peer, message)
        break
      case 'offer':
        this.scheduler.offered(peer, message)
        this.#changed()
        break
    }
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher()
  }

  #tick(): void {
    if (this.#isTicking || this.closing.isCancelled || !this.scheduler.busy) return
    this.#isTicking = true
    this.#components.clock.schedule(TICK_MS, () => {
      this.#isTicking = false
      this.scheduler.tick()
      this.#tick()
    })
  }
}
