import type { Clock } from '@skein/protocol'
import type { Cancellation } from './cancellation.ts'
import { ClientError, toClientError } from './errors.ts'
import { deepFreeze } from './freeze.ts'
import { delayAfter, type Policy } from './policy.ts'
import type { CallRecord, Journal, Origin } from './store.ts'

/** One try at a call. */
export interface Try {
  readonly key: string
  /** Frozen. */
  readonly input: unknown
  /** 1 at first. */
  readonly number: number
  /** Tries of nodes under this key before: their leases must not be numbered again. */
  readonly leasesBefore: number
  readonly cancellation: Cancellation
  readonly timeoutMs: number | undefined
}

/** What a try came to. Nothing is thrown: failure is data. */
export type TryOutcome =
  | {
      readonly ok: true
      readonly output: unknown
      readonly origin: Origin
      /** Leases that it took, this one included. */
      readonly leases: number
      /** To be called when the answer is recorded. */
      readonly committed?: () => void
    }
  | {
      readonly ok: false
      readonly error: ClientError
      readonly leases: number
      /** Names of the nodes that tried. */
      readonly nodes: readonly string[]
    }

/** A call of a step on an input. */
export interface Call {
  /** Unique in the run, and the same when the run is resumed. */
  readonly key: string
  /** Changes with what the step does. */
  readonly definition: string
  /** Frozen. */
  readonly input: unknown
  readonly policy: Policy
  readonly cancellation: Cancellation
  readonly execute: (attempt: Try) => Promise<TryOutcome>
  readonly fallback: ((error: ClientError, input: unknown) => unknown) | undefined
  /** Told before each try but the first. */
  readonly retrying: ((error: ClientError) => void) | undefined
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
      readonly attempts: number
      readonly nodes: readonly string[]
    }

export interface KernelComponents {
  readonly journal: Journal
  readonly clock: Clock
  readonly random: () => number
}

const FALLBACK: Origin = {
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
    if (found) return { ok: true, ...found, replayed: true }
    const tried = await this.#tryAll(call)
    if (!tried.ok) return tried
    const { output, origin, attempts } = tried
    const { key, definition, input } = call
    const record: CallRecord = { key, definition, input, output, origin, attempts }
    try {
      const pending = journal.commit(record)
      if (pending) await pending
    } catch (cause) {
      const error = new ClientError('STORE_FAILED', `the answer to ${key} could not be recorded`, {
        cause,
      })
      return { ok: false, error, attempts, nodes: [] }
    }
    tried.committed?.()
    return { ok: true, output, origin, attempts, replayed: false }
  }

  async #tryAll(call: Call): Promise<Tried> {
    const { key, input, policy, cancellation } = call
    const nodes = new Set<string>()
    for (let number = 1, leasesBefore = 0; ; number++) {
      const { timeoutMs } = policy
      const attempt = { key, input, number, leasesBefore, cancellation, timeoutMs }
      const outcome = await call.execute(attempt)
      leasesBefore += outcome.leases
      if (outcome.ok) return { ...outcome, output: deepFreeze(outcome.output), attempts: number }
      for (const node of outcome.nodes) nodes.add(node)
      const { error } = outcome
      const isLast = number >= policy.attempts || cancellation.isCancelled || !policy.on(error)
      if (isLast) return this.#fallBack(call, { error, attempts: number, nodes: [...nodes] })
      call.retrying?.(error)
      await this.#pause(delayAfter(policy, number, this.#components.random), cancellation)
    }
  }

  async #fallBack(
    { fallback, input, cancellation }: Call,
    failed: { error: ClientError; attempts: number; nodes: readonly string[] },
  ): Promise<Tried> {
    if (!fallback || cancellation.isCancelled) return { ok: false, ...failed }
    try {
      const output = deepFreeze(await fallback(failed.error, input))
      return { ok: true, output, origin: FALLBACK, attempts: failed.attempts }
    } catch (thrown) {
      return { ok: false, ...failed, error: toClientError(thrown, 'STEP_FAILED') }
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

type Tried =
  | {
      readonly ok: true
      readonly output: unknown
      readonly origin: Origin
      readonly attempts: number
      readonly committed?: () => void
    }
  | Extract<CallOutcome, { ok: false }>
