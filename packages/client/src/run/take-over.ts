import type { Clock } from '@skein/protocol'
import { toMs, type Duration } from '../duration.ts'
import { ClientError, toClientError } from '../errors.ts'
import { isFunction } from '../guards.ts'
import { tell } from '../handlers.ts'
import { insistOnKnown } from '../known-options.ts'
import { WIDTH } from '../option-rules.ts'
import type { Plan } from '../plan/plan.ts'
import type { RunRecord } from '../store/run-book.ts'
import type { Store } from '../store/store.ts'
import { textsOf } from './open-run.ts'
import type { ResumeOptions } from './run-options.ts'
import type { RunResult } from './run-result.ts'

/** How runs are taken over whose process is gone. */
export interface TakeOverOptions {
  /** Only runs of this project. @default all */
  readonly project?: string
  /** How often it is looked for such runs. @default '5s' */
  readonly every?: Duration
  /** Runs that are taken over at the same time, at most. @default 16 */
  readonly concurrency?: number
  /** Of each run. It waits for nodes unless something else is said. */
  readonly run?: Pick<ResumeOptions<never>, 'concurrency' | 'waitForNodes' | 'trace'>
  /** Told of runs that it brought to their end. @default nobody is told */
  readonly onDone?: (result: RunResult<unknown>) => void
  /** Told of runs that failed or cannot be taken over, and of a store that cannot be read; it goes on. @default nobody is told */
  readonly onError?: (error: ClientError, run: string | undefined) => void
}

/** What taking over needs of the client around it. */
interface TakeOverParts {
  readonly store: Store
  readonly clock: Clock
  /** Goes on with the run; settles when it has ended. */
  readonly start: (plan: Plan, id: string) => Promise<RunResult<unknown>>
}

const KNOWN: readonly (keyof TakeOverOptions)[] = [
  'project',
  'every',
  'concurrency',
  'run',
  'onDone',
  'onError',
]
const DEFAULT_CONCURRENCY = 16
/** Unfinished runs that are looked at each time. */
const MOST_RUNS = 10_000
/** A run that cannot be gone on with is tried again after this time at the latest. */
const LONGEST_REST_MS = 3_600_000

/** A run that could not be brought to its end. */
interface Setback {
  /** How often. */
  readonly count: number
  /** It is left alone until then. */
  readonly restsUntil: number
  /** As it was told. */
  readonly why: string
}

/**
 * Goes on with runs of known plans that did not come to their end and that nobody is at. Any number of processes
 * may look after one store: the lease of a run says who has it.
 */
export class TakeOver implements AsyncDisposable {
  /** By name; versions of one plan share it. */
  readonly #plans: ReadonlyMap<string, readonly Plan[]>
  readonly #options: TakeOverOptions
  readonly #everyMs: number
  readonly #parts: TakeOverParts
  readonly #runs = new Map<string, Promise<void>>()
  /** By run. However many look after one that cannot be recorded, they do not hand it round without end. */
  readonly #setbacks = new Map<string, Setback>()
  #looking: Promise<void>
  #cancelTimer: (() => void) | undefined
  #isOver = false

  /** Throws `INVALID_INPUT` naming the option. */
  constructor(plans: readonly Plan[], options: TakeOverOptions, parts: TakeOverParts) {
    this.#plans = Map.groupBy(plans, ({ name }) => name)
    this.#everyMs = checkTakeOver(options)
    this.#options = options
    this.#parts = parts
    this.#looking = this.#look()
  }

  /** Takes over no more; what it took goes on. */
  stop(): void {
    this.#isOver = true
    this.#cancelTimer?.()
  }

  /** Takes over no more; resolves when what it took has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
    await this.#looking
    await Promise.all(this.#runs.values())
  }

  async #look(): Promise<void> {
    const { project, concurrency = DEFAULT_CONCURRENCY } = this.#options
    try {
      const wanted = { ...(project !== undefined && { project }), limit: MOST_RUNS }
      const unfinished = await this.#parts.store.runs.list({ ...wanted, unfinished: true })
      const interrupted = unfinished.filter(({ state }) => state === 'interrupted').toReversed()
      this.#forgetAllBut(new Set(unfinished.map(({ id }) => id)))
      for (const record of interrupted) {
        if (this.#isOver || this.#runs.size >= concurrency) break
        this.#consider(record)
      }
    } catch (thrown) {
      this.#tell(toClientError(thrown, 'STORE_FAILED'), undefined)
    }
    if (this.#isOver) return
    this.#cancelTimer = this.#parts.clock.schedule(this.#everyMs, () => {
      this.#looking = this.#look()
    })
  }

  /** The others have come to their end, whoever brought them there. */
  #forgetAllBut(unfinished: ReadonlySet<string>): void {
    for (const id of this.#setbacks.keys()) if (!unfinished.has(id)) this.#setbacks.delete(id)
  }

  #consider({ id, plan: name = '', planHash }: RunRecord): void {
    const versions = this.#plans.get(name)
    if (!versions || this.#runs.has(id) || this.#rests(id)) return
    const plan = versions.find((version) => textsOf(version).planHash === planHash)
    if (plan) {
      this.#runs.set(id, this.#take(plan, id))
      return
    }
    const message = `run '${id}' was begun with another version of '${name}': it is left to who has that, or to client.resume('${id}', plan)`
    this.#setBack(id, new ClientError('INVALID_INPUT', message))
  }

  #rests(id: string): boolean {
    const { restsUntil = -Infinity } = this.#setbacks.get(id) ?? {}
    return this.#parts.clock.now() < restsUntil
  }

  /** It is tried again, later each time; why it could not be done is told once. */
  #setBack(id: string, error: ClientError): void {
    const before = this.#setbacks.get(id)
    const count = (before?.count ?? 0) + 1
    const restMs = Math.min(LONGEST_REST_MS, this.#everyMs * 2 ** count)
    const restsUntil = this.#parts.clock.now() + restMs
    this.#setbacks.set(id, { count, restsUntil, why: error.message })
    if (before?.why !== error.message) this.#tell(error, id)
  }

  async #take(plan: Plan, id: string): Promise<void> {
    try {
      const result = await this.#parts.start(plan, id)
      tell('onDone of takeOver()', this.#options.onDone, result)
    } catch (thrown) {
      const error = toClientError(thrown, 'RUN_FAILED')
      // Another was faster, or this client was closed.
      if (error.code === 'RUN_HELD' || error.code === 'CLOSED') return
      this.#setBack(id, error)
    } finally {
      this.#runs.delete(id)
    }
  }

  #tell(error: ClientError, run: string | undefined): void {
    if (this.#isOver && run === undefined) return
    tell('onError of takeOver()', this.#options.onError, error, run)
  }
}

/** How often is looked, in milliseconds. */
function checkTakeOver(options: TakeOverOptions): number {
  insistOnKnown('takeOver()', options, KNOWN)
  const { every = '5s', concurrency = DEFAULT_CONCURRENCY, onDone, onError } = options
  if (!WIDTH.fits(concurrency)) throw invalid(`concurrency must be ${WIDTH.wanted}`)
  if (onError !== undefined && !isFunction(onError)) throw invalid('onError must be a function')
  if (onDone !== undefined && !isFunction(onDone)) throw invalid('onDone must be a function')
  return toMs(every, 'every')
}

function invalid(message: string): ClientError {
  return new ClientError('INVALID_INPUT', message)
}
