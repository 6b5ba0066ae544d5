import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { ClientError, messageOf } from '../errors.ts'
import { isThenable } from '../guards.ts'
import type { TryOutcome } from './kernel.ts'
import type { AnyStep } from '../plan/plan.ts'
import { describeIssues } from '../schema-issues.ts'
import type { StepContext } from '../plan/step.ts'

/** One try at a local function. */
export interface LocalTry {
  readonly key: string
  /** Frozen. */
  readonly input: unknown
  /** 1 at first. */
  readonly attempt: number
  readonly cancellation: Cancellation
  readonly timeoutMs: number | undefined
}

/** Runs local functions. */
export class LocalSteps {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async run(step: AnyStep, attempt: LocalTry): Promise<TryOutcome> {
    const startedAt = this.#clock.now()
    const context = new Context(attempt)
    try {
      const running = step.run(attempt.input, context)
      const raw = await withTimeLimit(running, { attempt, context, clock: this.#clock })
      const parsed = step.output.safeParse(raw)
      if (!parsed.success) {
        const issues = describeIssues(parsed.error)
        throw new ClientError(
          'STEP_FAILED',
          `step '${step.name}' answered what its schema refuses: ${issues}`,
        )
      }
      const ms = this.#clock.now() - startedAt
      const origin = { node: 'local', peer: '', model: '', tokens: NO_TOKENS, ms }
      return { ok: true, output: parsed.data, origin }
    } catch (thrown) {
      return { ok: false, error: this.#explain(thrown, step, attempt), leases: 0, nodes: [] }
    } finally {
      context.end()
    }
  }

  #explain(thrown: unknown, step: AnyStep, { cancellation }: LocalTry): ClientError {
    if (cancellation.isCancelled)
      return new ClientError('CANCELLED', 'cancelled', { cause: thrown })
    if (thrown instanceof ClientError) return thrown
    const message = `step '${step.name}' threw: ${messageOf(thrown)}`
    return new ClientError('STEP_FAILED', message, { cause: thrown })
  }
}

const NO_TOKENS = { input: 0, output: 0 }

/** Its signal is made only when it is asked for: most functions never look at it. */
class Context implements StepContext {
  readonly key: string
  readonly attempt: number
  readonly #outer: Cancellation
  #own: ReturnType<Cancellation['branch']> | undefined

  constructor({ key, attempt, cancellation }: LocalTry) {
    this.key = key
    this.attempt = attempt
    this.#outer = cancellation
  }

  get signal(): AbortSignal {
    this.#own ??= this.#outer.branch()
    return this.#own.cancellation.signal
  }

  /** The time is over. */
  cancel(reason: ClientError): void {
    this.#own?.cancellation.cancel(reason)
  }

  end(): void {
    this.#own?.leave()
  }
}

interface Limit {
  readonly attempt: LocalTry
  readonly context: Context
  readonly clock: Clock
}

/** A function that was told to stop is waited for no longer than this. */
const FAREWELL_MS = 1000

/**
 * Settles when the function does or its time is over. After a cancellation the function has a moment to end by
 * itself: whoever waits for this knows that nothing runs any more.
 */
function withTimeLimit(running: unknown, { attempt, context, clock }: Limit): unknown {
  const { cancellation, timeoutMs } = attempt
  if (!isThenable(running)) return running
  return new Promise((resolve, reject) => {
    let stopWaiting: (() => void) | undefined
    const leave = cancellation.listen(() => {
      const cancelled = new ClientError('CANCELLED', 'cancelled', { cause: cancellation.reason })
      stopWaiting = clock.schedule(FAREWELL_MS, () => {
        reject(cancelled)
      })
    })
    const onTimeout = () => {
      const error = new ClientError('TIMED_OUT', `did not finish within ${timeoutMs} ms`)
      context.cancel(error)
      reject(error)
    }
    const stop = timeoutMs === undefined ? undefined : clock.schedule(timeoutMs, onTimeout)
    const end = () => {
      stop?.()
      stopWaiting?.()
      leave()
    }
    void Promise.resolve(running).then(resolve, reject).finally(end)
  })
}
