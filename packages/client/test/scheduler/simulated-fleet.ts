import type { MessageOf, OfferedModel } from '@skein/protocol'
import { Scheduler } from '../../src/scheduler/scheduler.ts'
import type {
  AssignmentDetails,
  Lease,
  SchedulerOutput,
  Settlement,
  TaskRequest,
} from '../../src/scheduler/task.ts'
import { VirtualTime } from '../virtual-time.ts'

/** A node that exists in virtual time only. */
export interface SimulatedNode {
  readonly id: string
  readonly models: readonly string[]
  readonly slots: number
  readonly credits: number
  /** Usual lengths done in one millisecond by one slot. */
  readonly speed: number
  /** What happens to a task there; by default it is done. */
  readonly fate?: (task: string) => Fate
  /** Time on the way, each way. @default 0 */
  readonly travelMs?: number
  readonly tokensPerSecond?: number
  readonly demonstration?: boolean
  /** It does not hear when a task is called off. */
  readonly deaf?: boolean
}

export type Fate =
  | 'finish'
  | 'finish twice'
  | 'stall'
  | 'fail of the node'
  | 'fail of the task'
  | 'fail for good'
  | MessageOf<'refuse'>['code']

interface Running {
  readonly lease: Lease
  readonly lengthMs: number
  readonly answers: readonly unknown[]
}

interface Life {
  readonly node: SimulatedNode
  readonly waiting: Running[]
  readonly leases: Map<string, number>
  running: number
  alive: boolean
}

export function request(id: string, rest: Partial<TaskRequest> = {}): TaskRequest {
  return {
    id,
    run: 'run',
    workflow: 'workflow',
    models: [],
    attemptsBefore: 0,
    timeoutMs: 600_000,
    waitMs: 0,
    ...rest,
  }
}

/** The real scheduler, driven by nodes that exist in virtual time only, with a judge who watches. */
export class SimulatedFleet implements SchedulerOutput<TaskRequest> {
  readonly time = new VirtualTime()
  readonly scheduler: Scheduler<TaskRequest>
  readonly settled = new Map<string, Settlement>()
  /** What must never happen, and did. */
  readonly violations: string[] = []
  readonly assigned: { readonly lease: Lease; readonly details: AssignmentDetails }[] = []
  readonly cancelled: Lease[] = []
  readonly acknowledged: Lease[] = []
  /** When each task was settled. */
  readonly ends: number[] = []
  readonly lengthOf: (task: string) => number
  readonly #lives = new Map<string, Life>()
  #ticking = false

  constructor(
    random: () => number = () => 0.5,
    lengthOf: (task: string) => number = () => 1000,
    graceMs?: number,
  ) {
    this.lengthOf = lengthOf
    this.scheduler = new Scheduler({ now: () => this.time.now, random, graceMs }, this)
  }

  join(node: SimulatedNode): void {
    this.#lives.set(node.id, { node, waiting: [], leases: new Map(), running: 0, alive: true })
    this.scheduler.nodeJoined(node.id, node.id)
    this.offer(node)
  }

  offer(node: SimulatedNode, credits = node.credits): void {
    const models = node.models.map((name): OfferedModel => ({
      name,
      contextLength: 4096,
      slots: node.slots,
      credits,
      capabilities: ['chat'],
      ...(node.tokensPerSecond !== undefined && { tokensPerSecond: node.tokensPerSecond }),
      ...(node.demonstration !== undefined && { demonstration: node.demonstration }),
    }))
    this.scheduler.offered(node.id, { models, draining: false })
  }

  /** The node dies: what it had is gone with it, or comes back as late results. */
  kill(id: string): void {
    const life = this.#lives.get(id)
    if (!life?.alive) return
    life.alive = false
    this.#lives.delete(id)
    this.scheduler.nodeLeft(id, 'killed')
  }

  submit(...tasks: TaskRequest[]): void {
    for (const task of tasks) this.scheduler.submit(task)
    if (this.#ticking) return
    this.#ticking = true
    this.time.every(50, () => {
      this.scheduler.tick()
      this.#ticking = this.scheduler.busy
      return this.#ticking
    })
  }

  /** Tasks that run at a node now. */
  has(id: string): number {
    return this.#lives.get(id)?.leases.size ?? 0
  }

  assign(lease: Lease, task: TaskRequest, details: AssignmentDetails): void {
    this.assigned.push({ lease, details })
    const life = this.#lives.get(lease.node)
    if (!life) {
      this.violations.push(`${task.id} was sent to ${lease.node}, which is gone`)
      return
    }
    life.leases.set(task.id, lease.attempt)
    if (life.leases.size > life.node.credits * life.node.models.length) {
      this.violations.push(`${lease.node} has more tasks than it gave credits`)
    }
    const lengthMs = this.lengthOf(task.id)
    const running = { lease: { ...lease }, lengthMs, answers: details.answers ?? [] }
    this.time.after(life.node.travelMs ?? 0, () => {
      this.#arrive(life, running)
    })
  }

  cancel(lease: Lease): void {
    this.cancelled.push({ node: lease.node, task: lease.task, attempt: lease.attempt })
    const life = this.#lives.get(lease.node)
    if (!life || life.node.deaf === true) return
    this.time.after(life.node.travelMs ?? 0, () => {
      const place = life.waiting.findIndex((waiting) => waiting.lease.task === lease.task)
      if (life.leases.get(lease.task) !== lease.attempt) return
      if (place >= 0) life.waiting.splice(place, 1)
      else this.#leaveSlot(life)
      this.#say(life, lease, () => {
        this.scheduler.failed(lease.node, failure(lease, { fault: 'none', retryable: false }))
      })
    })
  }

  acknowledge(lease: Lease): void {
    this.acknowledged.push({ node: lease.node, task: lease.task, attempt: lease.attempt })
  }

  settle(task: TaskRequest, settlement: Settlement): void {
    if (this.settled.has(task.id)) this.violations.push(`${task.id} was settled twice`)
    this.settled.set(task.id, settlement)
    this.ends.push(this.time.now)
    if (settlement.ok) this.scheduler.committed(settlement.lease)
  }

  returned(): void {}

  #arrive(life: Life, task: Running): void {
    if (!life.alive) return
    const fate = life.node.fate?.(task.lease.task) ?? 'finish'
    if (isRefusal(fate)) {
      const message = { type: 'refuse' as const, ...idsOf(task.lease), code: fate, message: fate }
      this.#say(life, task.lease, () => {
        this.scheduler.refused(life.node.id, message)
      })
      return
    }
    life.waiting.push(task)
    this.#start(life)
  }

  #start(life: Life): void {
    if (life.running >= life.node.slots) return
    const task = life.waiting.shift()
    if (!task) return
    life.running++
    const fate = life.node.fate?.(task.lease.task) ?? 'finish'
    if (fate === 'stall') {
      this.#progress(life, task)
      return
    }
    const workMs = task.lengthMs / life.node.speed
    this.time.after(workMs / 2, () => {
      this.#progress(life, task)
    })
    this.time.after(workMs, () => {
      this.#end(life, task, fate)
    })
  }

  #progress(life: Life, { lease }: Running): void {
    if (!life.alive || life.leases.get(lease.task) !== lease.attempt) return
    const answers = [`half of ${lease.task}`]
    const message = { type: 'progress' as const, ...idsOf(lease), tokens: 1, answers }
    this.scheduler.progressed(life.node.id, message)
  }

  #end(life: Life, { lease, lengthMs }: Running, fate: Fate): void {
    if (!life.alive || life.leases.get(lease.task) !== lease.attempt) return
    this.#leaveSlot(life)
    this.#say(life, lease, () => {
      if (fate === 'fail of the node') this.scheduler.failed(life.node.id, failure(lease, {}))
      else if (fate === 'fail of the task')
        this.scheduler.failed(life.node.id, failure(lease, { fault: 'task' }))
      else if (fate === 'fail for good')
        this.scheduler.failed(life.node.id, failure(lease, { fault: 'task', retryable: false }))
      else this.scheduler.finished(life.node.id, finish(lease, lengthMs / life.node.speed))
      if (fate === 'finish twice') this.scheduler.finished(life.node.id, finish(lease, 1))
    })
  }

  #leaveSlot(life: Life): void {
    life.running--
    this.#start(life)
  }

  /** The node's last word on an attempt. */
  #say(life: Life, lease: Lease, say: () => void): void {
    this.time.after(life.node.travelMs ?? 0, () => {
      if (!life.alive) return
      if (life.leases.get(lease.task) === lease.attempt) life.leases.delete(lease.task)
      say()
    })
  }
}

export function finish(lease: Lease, generateMs: number): MessageOf<'finish'> {
  return {
    type: 'finish',
    ...idsOf(lease),
    output: `answer to ${lease.task}`,
    model: 'model',
    usage: { input: 1, output: 1 },
    timing: { queueMs: 0, loadMs: 0, promptMs: 0, generateMs },
    steps: ['step'],
  }
}

function failure(lease: Lease, rest: Partial<MessageOf<'fail'>>): MessageOf<'fail'> {
  const fault = { code: 'BROKEN', message: 'it broke', retryable: true, fault: 'node' as const }
  return { type: 'fail', ...idsOf(lease), ...fault, ...rest }
}

function idsOf({ task, attempt }: Lease): { task: string; attempt: number } {
  return { task, attempt }
}

function isRefusal(fate: Fate): fate is MessageOf<'refuse'>['code'] {
  return ['no-such-model', 'no-slot', 'not-allowed', 'too-large', 'draining', 'invalid'].includes(
    fate,
  )
}
