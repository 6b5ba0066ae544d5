import type { Cancellation } from '../cancellation.ts'
import { toMs } from '../duration.ts'
import { ClientError } from '../errors.ts'
import { isIterable } from '../guards.ts'
import { insistOnFit, WIDTH } from '../option-rules.ts'
import type { Ask, DurableCalls } from './durable-calls.ts'
import type { Runnable } from '../plan/fits.ts'
import type { MapOptions, StepContext } from '../plan/step.ts'
import type { Absences } from './scope.ts'

/** What a try gives its context. */
export interface ContextParts {
  readonly key: string
  /** 1 at first. */
  readonly attempt: number
  readonly cancellation: Cancellation
  /** Values that the step declares. Frozen. */
  readonly context: unknown
  /** Made when it is first asked for: most functions never are durable. */
  readonly durable: () => DurableCalls
}

/** Calls of a `map` that are under way at the same time, at most, when nothing is said. */
const MAP_WINDOW = 64

/** What one try of a local function is given. Its parts are made when they are asked for, and may be taken apart. */
export class LocalContext implements StepContext {
  readonly key: string
  readonly attempt: number
  readonly context: unknown
  readonly #outer: Cancellation
  readonly #durable: () => DurableCalls
  #own: ReturnType<Cancellation['branch']> | undefined
  #calls: ReturnType<Cancellation['branch']> | undefined
  #hasEnded = false
  /** Whether the function may know that it is to stop, once it is. */
  #isTold = false
  isOverdue = false
  /** Nobody has answered. */
  isMadeUp = false
  /** What of the answer is missing because a step was skipped. */
  absent: Absences | undefined

  constructor({ key, attempt, cancellation, context, durable }: ContextParts) {
    this.key = key
    this.attempt = attempt
    this.context = context
    this.#outer = cancellation
    this.#durable = durable
  }

  get signal(): AbortSignal {
    return this.cancellation.signal
  }

  /** Of the try. */
  get cancellation(): Cancellation {
    this.#isTold = true
    return this.#branch
  }

  get #branch(): Cancellation {
    this.#own ??= this.#outer.branch()
    return this.#own.cancellation
  }

  /** Whether it was told to stop, by its signal or by what it asked: what comes of it now may come of that. */
  get wasStopped(): boolean {
    return this.#isTold && this.#outer.isCancelled
  }

  /** Throws where what it gave may be what it makes do with: an undisturbed run would get something else. */
  insistOnWanted(): void {
    if (this.wasStopped) throw new ClientError('CANCELLED', 'cancelled')
  }

  /** The time is over. */
  cancel(reason: ClientError): void {
    this.isOverdue = true
    this.#branch.cancel(reason)
  }

  /** What the function still asks for is called off, and what it asks for later. */
  end(): void {
    this.#hasEnded = true
    this.#calls?.cancellation.cancel(endedError())
    this.#calls?.leave()
    this.#own?.leave()
  }

  get call(): StepContext['call'] {
    return <In, Out>(work: Runnable<In, Out>, input: NoInfer<In>) =>
      this.#ask((cancellation) => this.#durable().call<Out>({ work, input, cancellation }))
  }

  /** Takes a pipeline for what the step does: what is missing of its output is missing of the step's. */
  async pass(ask: Omit<Ask, 'cancellation'>): Promise<unknown> {
    const pass = (cancellation: Cancellation) => this.#durable().pass({ ...ask, cancellation })
    const { value, absent } = await this.#ask(pass)
    this.absent = absent
    return value
  }

  get map(): StepContext['map'] {
    return (items, work, options) => this.#ask(() => this.#map(items, work, options))
  }

  get sleep(): StepContext['sleep'] {
    return (duration) => {
      const ms = toMs(duration, 'sleep()')
      return this.#ask((cancellation) => this.#durable().sleep(ms, cancellation))
    }
  }

  get now(): StepContext['now'] {
    return () => this.#current().now()
  }

  get random(): StepContext['random'] {
    return () => this.#current().random()
  }

  get uuid(): StepContext['uuid'] {
    return () => this.#current().uuid()
  }

  /** Nobody waits for a note: one that comes too late is dropped in silence, like all that nobody waits for. */
  get metric(): StepContext['metric'] {
    return (name, value) => {
      if (!this.#hasEnded) this.#durable().metric(name, value)
    }
  }

  /** For this try alone: one that is over would take what the next one asks. */
  #current(): DurableCalls {
    if (this.#hasEnded) throw endedError()
    return this.#durable()
  }

  /** What nobody waits for any more ends in silence; whoever does wait learns why it was called off. */
  #ask<Out>(ask: (cancellation: Cancellation) => Promise<Out>): Promise<Out> {
    const asked = this.#untilCancelled(ask)
    asked.catch(() => {})
    return asked
  }

  async #untilCancelled<Out>(ask: (cancellation: Cancellation) => Promise<Out>): Promise<Out> {
    if (this.#hasEnded) throw endedError()
    const cancellation = this.#callCancellation
    try {
      if (cancellation.reason) throw cancellation.reason
      return await ask(cancellation)
    } catch (thrown) {
      this.#isTold ||= cancellation.isCancelled
      // The run may be closed by now: that its journal takes nothing more is no news to the step.
      throw cancellation.reason ?? thrown
    }
  }

  async #map<In, Out>(
    items: Iterable<NoInfer<In>>,
    work: Runnable<In, Out>,
    options: MapOptions = {},
  ): Promise<Out[]> {
    insistOnFit('map()', options, { concurrency: WIDTH })
    if (!isIterable(items)) {
      throw new ClientError('INVALID_INPUT', 'the items of map() must be a list, or iterable')
    }
    const { concurrency = MAP_WINDOW } = options
    const inputs = [...items]
    const outputs: Out[] = []
    const { cancellation, leave } = this.#callCancellation.branch()
    let next = 0
    const goOn = async () => {
      while (next < inputs.length && !cancellation.isCancelled) {
        const index = next++
        const ask = { work, input: inputs[index], cancellation }
        outputs[index] = await this.#durable().call<Out>(ask)
      }
    }
    const workers = Array.from({ length: Math.min(concurrency, inputs.length) }, goOn)
    try {
      await Promise.all(workers)
      if (cancellation.reason) throw cancellation.reason
      return outputs
    } catch (error) {
      cancellation.cancel(new ClientError('CANCELLED', 'an item beside it failed'))
      await Promise.allSettled(workers)
      const forgone = this.#callCancellation.isCancelled ? [] : inputs.slice(next)
      for (const input of forgone) this.#durable().forgo(work, input)
      throw error
    } finally {
      leave()
    }
  }

  get #callCancellation(): Cancellation {
    this.#calls ??= this.#branch.branch()
    return this.#calls.cancellation
  }
}

function endedError(): ClientError {
  return new ClientError('CANCELLED', 'the step that asked has ended')
}
