import { ClientError } from './errors.ts'
import { isRecord } from './guards.ts'
import type { Try, TryOutcome } from './kernel.ts'
import type { Network, Submission } from './network.ts'
import type { AnyWorkflow } from './plan.ts'
import type { Origin } from './store.ts'
import type { Done, Settlement } from './task.ts'

/** What a run says about a task besides its try. */
export interface RemoteTask {
  readonly id: string
  readonly run: string
  readonly workflow: AnyWorkflow
  readonly models: readonly string[]
  readonly waitMs: number
  readonly seed: number
  sent(node: string): void
  returned(node: string, why: string): void
}

/** Has the network run a workflow. Never rejects. */
export function runRemotely(network: Network, task: RemoteTask, attempt: Try): Promise<TryOutcome> {
  if (attempt.cancellation.isCancelled) return Promise.resolve(cancelled())
  return new Promise((resolve) => {
    network.submit(new RemoteTry(network, { task, attempt, resolve }))
  })
}

function cancelled(): TryOutcome {
  const error = new ClientError('CANCELLED', 'cancelled')
  return { ok: false, error, leases: 0, nodes: [] }
}

interface Parts {
  readonly task: RemoteTask
  readonly attempt: Try
  readonly resolve: (outcome: TryOutcome) => void
}

class RemoteTry implements Submission {
  readonly id: string
  readonly run: string
  readonly workflow: string
  readonly document: unknown
  readonly models: readonly string[]
  readonly attemptsBefore: number
  readonly timeoutMs: number
  readonly waitMs: number
  readonly input: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly trace = false
  readonly #network: Network
  readonly #parts: Parts
  readonly #leave: () => void

  constructor(network: Network, parts: Parts) {
    const { task, attempt } = parts
    this.#network = network
    this.#parts = parts
    this.id = task.id
    this.run = task.run
    this.workflow = task.workflow.id
    this.document = task.workflow.document
    this.models = task.models
    this.attemptsBefore = attempt.leasesBefore
    this.timeoutMs = attempt.timeoutMs ?? Infinity
    this.waitMs = task.waitMs
    this.input = isRecord(attempt.input) ? attempt.input : {}
    this.seed = task.seed
    this.#leave = attempt.cancellation.listen(() => {
      network.scheduler.cancel(this.id)
    })
  }

  sent(node: string): void {
    this.#parts.task.sent(node)
  }

  returned(node: string, why: string): void {
    this.#parts.task.returned(node, why)
  }

  settled(settlement: Settlement): void {
    const { attempt, resolve } = this.#parts
    this.#leave()
    const leases = settlement.attempts - attempt.leasesBefore
    if (settlement.ok) {
      const committed = () => {
        this.#network.scheduler.committed(settlement.lease)
      }
      const { output } = settlement.finish
      resolve({ ok: true, output, origin: originOf(settlement), leases, committed })
      return
    }
    const { code, message, retryable, nodes } = settlement
    resolve({ ok: false, error: new ClientError(code, message, { retryable }), leases, nodes })
  }
}

function originOf({ lease, nodeName, finish, ms }: Done): Origin {
  const { model, usage, timing } = finish
  const seconds = timing.generateMs / 1000
  return {
    node: nodeName,
    peer: lease.node,
    model,
    tokens: usage,
    ms,
    ...(seconds > 0 && { tokensPerSecond: usage.output / seconds }),
  }
}
