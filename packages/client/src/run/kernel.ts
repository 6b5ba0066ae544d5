import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { ClientError, toClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { delayAfter, type Policy } from '../plan/policy.ts'
import type { CallIdentity, CallRecord, Journal, Origin } from '../store/store.ts'

/** What one try at a call came to. Nothing is thrown: failure is data. */
export type TryOutcome =
  | {
      readonly ok: true
      readonly output: unknown
      readonly origin: Origin
    }
  | {
      readonly ok: false
      readonly error: ClientError
      /** Attempts of nodes that it took: the next try's leases are numbered after them. */
      readonly leases: number
      /** Names of the nodes that tried. */
      readonly nodes: readonly string[]
    }

/** A call of a step on an input: what the kernel must know of it, and how it is done. */
export interface Call extends CallIdentity {
  readonly policy: Policy
  readonly cancellation: Cancellation
  /** Tries it: number `attempt`, counted from 1. Never rejects. */
  execute(attempt: number, leasesBefore: number): Promise<TryOutcome>
  /** Makes up an answer after the last try failed. */
  readonly fallback: ((error: ClientError, input: unknown) => unknown) | undefined
  /** It will be tried again. */
  retrying?(error: ClientError): void
  /** The answer is recorded. */
  committed?(): void
}

export type CallOutcome =
  | {
      readonly ok: true
      readonly output: unknown
      readonly origin: Origin
      readonly attempts: number
      /** Taken from the journal: nothing was run. */
      readonly replayed: boolean
    }
  | {
      readonly ok: false
      readonly error: ClientError
      /** Tries in all, those of nodes included. */
      readonly attempts: number
      readonly nodes: readonly string[]
    }

export interface KernelComponents {
  readonly journal: Journal
  readonly clock: Clock
  readonly random: () => number
}

/** The origin of what a fallback made up. */
const MADE_UP: Origin = {
  node: 'local',
  peer: '',
  model: '',
  tokens: { input: 0, output: 0 },
  ms: 0,
}

/** The one operation that everything is made of: look up, try, record. */
export class Kernel {
  readonly #components: KernelComponents

  constructor(components: KernelComponents) {
    this.#components = components
  }

  /** Runs a call once and for all: journal, tries, fallback, commit. Never rejects. */
  async call(call: Call): Promise<CallOutcome> {
    const { journal } = this.#components
    const found = journal.find(call)
    if (found) {
      const { output, origin, attempts } = found
      return { ok: true, output, origin, attempts, replayed: true }
    }
    const first = await call.execute(1, 0)
    const outcome = first.ok
      ? answer(first.output, first.origin, 1)
      : await this.#tryAgain(call, first)
    if (!outcome.ok) return outcome
    const { key, definition, input } = call
    const { output, origin, attempts } = outcome
    const record: CallRecord = { key, definition, input, output, origin, attempts }
    try {
      const pending = journal.commit(record)
      if (pending) await pending
    } catch (cause) {
      const message = `the answer to ${key} could not be recorded`
      const error = new ClientError('STORE_FAILED', message, { cause })
      return { ok: false, error, attempts, nodes: [] }
    }
    call.committed?.()
    return outcome
  }

  /** The tries after the first. */
  async #tryAgain(call: Call, first: Extract<TryOutcome, { ok: false }>): Promise<CallOutcome> {
    const { policy, cancellation } = call
    const nodes = new Set<string>()
    let failed = first
    let leases = 0
    for (let attempts = 1; ; attempts++) {
      leases += failed.leases
      for (const node of failed.nodes) nodes.add(node)
      const { error } = failed
      const isLast = attempts >= policy.attempts || cancellation.isCancelled || !policy.on(error)
      if (isLast) {
        const tries = Math.max(attempts, leases)
        return this.#fallBack(call, { ok: false, error, attempts: tries, nodes: [...nodes] })
      }
      call.retrying?.(error)
      await this.#pause(delayAfter(policy, attempts, this.#components.random), cancellation)
      const outcome = await call.execute(attempts + 1, leases)
      if (outcome.ok) return answer(outcome.output, outcome.origin, attempts + 1)
      failed = outcome
    }
  }

  async #fallBack(
    { fallback, input, cancellation }: Call,
    failed: Extract<CallOutcome, { ok: false }>,
  ): Promise<CallOutcome> {
    if (!fallback || cancellation.isCancelled) return failed
    try {
      return answer(await fallback(failed.error, input), MADE_UP, failed.attempts)
    } catch (thrown) {
      return { ...failed, error: toClientError(thrown, 'STEP_FAILED') }
    }
  }

  /** Waits; a cancellation ends it at once. */
  #pause(ms: number, cancellation: Cancellation): Promise<void> | undefined {
    if (ms <= 0) return undefined
    return new Promise((resolve) => {
      const stop = this.#components.clock.schedule(ms, () => {
        leave()
        resolve()
      })
      const leave = cancellation.listen(() => {
        stop()
        resolve()
      })
    })
  }
}

function answer(output: unknown, origin: Origin, attempts: number): CallOutcome {
  return { ok: true, output: deepFreeze(output), origin, attempts, replayed: false }
}
