import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { ClientError } from '../errors.ts'
import { isList } from '../guards.ts'
import type { BatchMeans } from '../plan/means.ts'

interface Caller {
  readonly input: unknown
  readonly cancellation: Cancellation
  readonly settle: PromiseWithResolvers<unknown>
  /** Stops listening to the cancellation. */
  readonly leave: () => void
}

/** Gathers callers that come at about the same time and answers them together. */
export class Coalescer {
  readonly #name: string
  readonly #means: BatchMeans
  readonly #clock: Clock
  #waiting: Caller[] = []
  #stopTimer: (() => void) | undefined

  constructor(name: string, means: BatchMeans, clock: Clock) {
    this.#name = name
    this.#means = means
    this.#clock = clock
  }

  /** The answer to one of them. Rejects with what the batch was rejected with. */
  call(input: unknown, cancellation: Cancellation): Promise<unknown> {
    if (cancellation.isCancelled) return Promise.reject(cancelled())
    const settle = Promise.withResolvers<unknown>()
    const leave = cancellation.listen(() => {
      // Nobody is left to be waited for.
      if (this.#waiting.every((caller) => caller.cancellation.isCancelled)) this.#flush()
    })
    this.#waiting.push({ input, cancellation, settle, leave })
    if (this.#waiting.length >= this.#means.size) {
      this.#flush()
    } else {
      this.#stopTimer ??= this.#clock.schedule(this.#means.waitMs, () => {
        this.#flush()
      })
    }
    return settle.promise
  }

  #flush(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    const callers = this.#waiting.filter((caller) => {
      caller.leave()
      if (!caller.cancellation.isCancelled) return true
      caller.settle.reject(cancelled())
      return false
    })
    this.#waiting = []
    if (callers.length > 0) void this.#answer(callers)
  }

  async #answer(callers: readonly Caller[]): Promise<void> {
    const { signal, leave } = signalOf(callers)
    try {
      const answers = await this.#means.run(
        callers.map((caller) => caller.input),
        { signal },
      )
      if (!isList(answers) || answers.length !== callers.length)
        throw this.#mismatch(answers, callers.length)
      callers.forEach((caller, i) => {
        caller.settle.resolve(answers[i])
      })
    } catch (thrown) {
      for (const caller of callers) caller.settle.reject(thrown)
    } finally {
      leave()
    }
  }

  #mismatch(answers: unknown, inputs: number): ClientError {
    const gave = isList(answers) ? `${answers.length} answers` : 'no list'
    return new ClientError(
      'STEP_FAILED',
      `step '${this.#name}' gave ${gave} for ${inputs} inputs`,
      {
        retryable: false,
      },
    )
  }
}

function cancelled(): ClientError {
  return new ClientError('CANCELLED', 'cancelled')
}

/** Aborted when nobody wants the batch any more. */
function signalOf(callers: readonly Caller[]): { signal: AbortSignal; leave: () => void } {
  const controller = new AbortController()
  let left = callers.length
  const leaves = callers.map(({ cancellation }) =>
    cancellation.listen(() => {
      left--
      if (left === 0) controller.abort(cancellation.reason)
    }),
  )
  const leave = () => {
    for (const end of leaves) end()
  }
  return { signal: controller.signal, leave }
}
