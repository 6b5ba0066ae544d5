import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { ClientError } from '../errors.ts'
import { isList } from '../guards.ts'
import type { BatchMeans } from '../plan/means.ts'
import type { Standstill, Waiting } from './standstill.ts'

/** Who wants an answer. */
interface CoalescedCall {
  readonly input: unknown
  readonly cancellation: Cancellation
  /** No more of them come at the same time. */
  readonly most: number
  /** Sees when none comes any more, where the call is one of the run's rows. */
  readonly standstill?: Standstill | undefined
}

interface Caller extends CoalescedCall {
  readonly settle: PromiseWithResolvers<unknown>
  /** Stops listening to the cancellation. */
  readonly leave: () => void
}

/** Gathers callers that come at about the same time and answers them together. */
export class Coalescer implements Waiting {
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
  call(call: CoalescedCall): Promise<unknown> {
    const { cancellation, most, standstill } = call
    if (cancellation.isCancelled) return Promise.reject(cancelled())
    const settle = Promise.withResolvers<unknown>()
    const leave = cancellation.listen(() => {
      this.#drop(caller)
    })
    const caller = { ...call, settle, leave }
    this.#waiting.push(caller)
    standstill?.joined()
    if (this.#waiting.length >= Math.min(this.#means.size, most)) {
      this.flush()
    } else {
      this.#stopTimer ??= this.#clock.schedule(this.#means.waitMs, () => {
        this.flush()
      })
    }
    return settle.promise
  }

  /** Its place is free for another. */
  #drop(caller: Caller): void {
    this.#waiting.splice(this.#waiting.indexOf(caller), 1)
    caller.standstill?.left()
    if (this.#waiting.length === 0) this.#endWait()
    caller.settle.reject(cancelled())
  }

  flush(): void {
    this.#endWait()
    const callers = this.#waiting
    if (callers.length === 0) return
    this.#waiting = []
    for (const { leave, standstill } of callers) {
      leave()
      standstill?.left()
    }
    void this.#answer(callers)
  }

  #endWait(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
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
