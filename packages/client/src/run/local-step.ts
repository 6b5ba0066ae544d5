import type { Clock } from '@skein/protocol'
import { asFailure, ClientError, messageOf } from '../errors.ts'
import { Coalescer } from './coalescer.ts'
import { deepFreeze } from '../freeze.ts'
import { ownMember } from '../guards.ts'
import type { TryOutcome } from './outcomes.ts'
import type { BatchMeans } from '../plan/means.ts'
import { stepsOf, type AnyStep, type Plan } from '../plan/plan.ts'
import { definitionOf } from '../plan/step.ts'
import { describeIssues } from '../schema-issues.ts'
import type { Origin } from '../store/store.ts'
import { LocalContext, type ContextParts } from './step-context.ts'
import type { Absences } from './scope.ts'
import { originOfNone } from './missing.ts'
import type { Standstill } from './standstill.ts'
import { farewellTo, withTimeLimit } from './time-limit.ts'
import type { WaitingRoom } from '../tasks/waiting-room.ts'
import { ThreadRun, type WorkerPool } from './worker-pool.ts'

/** One try at a local function. */
export interface LocalTry extends ContextParts {
  /** Frozen. */
  readonly input: unknown
  /** What of the input is missing because a step was skipped. @default nothing */
  readonly absent?: Absences | undefined
  readonly timeoutMs: number | undefined
  /** Calls of its step at the same time, at most. @default any number */
  readonly most?: number
  /** Whether another call asks it. @default false */
  readonly isInner?: boolean
  /** Name of the route that takes the answer; undefined: that of its kind. */
  readonly route?: string | undefined
}

/** Where values of a kind are put. Gives the address of what was put there. */
export type Route = (value: unknown, context: RouteContext) => string | Promise<string>

export interface RouteContext {
  /** The step that made it. */
  readonly step: string
  /** Id of the call: the same for every attempt and after a restart. */
  readonly key: string
  readonly signal: AbortSignal
}

export interface LocalParts {
  /** Threads for steps that want one. */
  readonly workers?: WorkerPool
  /** Where steps wait that somebody outside does. */
  readonly waitingRoom?: WaitingRoom
  /** Sees when rows wait that are to be answered together, and no other comes. */
  readonly standstill?: Standstill
  /** By the id that an output's schema has: `schema.meta({ id: 'Model' })`. */
  readonly routes?: Readonly<Record<string, Route>>
}

/** Runs local functions. */
export class LocalSteps {
  readonly #clock: Clock
  readonly #parts: LocalParts
  readonly #coalescers = new Map<AnyStep, Coalescer>()

  constructor(clock: Clock, parts: LocalParts = {}) {
    this.#clock = clock
    this.#parts = parts
  }

  async run(step: AnyStep, attempt: LocalTry): Promise<TryOutcome> {
    const context = new LocalContext(attempt)
    let running: unknown
    try {
      let startedAt = this.#clock.now()
      running = this.#start(step, attempt, context)
      if (running instanceof ThreadRun) {
        // How long others have the threads, and what a new one loads, is none of its time.
        await running.begun
        startedAt = this.#clock.now()
        running = running.answer
      }
      const isSettling = this.#isSettling(step, attempt)
      const limit = { attempt, context, clock: this.#clock, isSettling, startedAt }
      const raw = await withTimeLimit(running, limit)
      context.insistOnWanted()
      const parsed = step.output.safeParse(raw)
      if (!parsed.success) {
        // Who resumes the run asks anew: the same answer would be refused again.
        this.recorded(attempt.key)
        const issues = describeIssues(parsed.error)
        throw new ClientError(
          'STEP_FAILED',
          `step '${step.name}' answered what its schema refuses: ${issues}`,
        )
      }
      const output = deepFreeze(parsed.data)
      const { absent } = context
      const isNone = originOfNone({ value: output, absent }) !== undefined
      const putting = isNone ? undefined : this.#putAway(output, step, { attempt, context })
      running = putting
      const artifact = await withTimeLimit(putting, limit)
      context.insistOnWanted()
      const ms = this.#clock.now() - startedAt
      const local = { node: 'local', peer: '', model: '', tokens: NO_TOKENS, ms }
      const origin = placed(local, artifact, this.routeOf(attempt.route, kindOf(step)))
      return { ok: true, output, origin, absent, isMadeUp: context.isMadeUp }
    } catch (thrown) {
      const farewell = context.isOverdue ? () => farewellTo(running, this.#clock) : undefined
      const isCutShort = context.wasStopped || isStop(thrown, attempt)
      const error = isCutShort ? cancelled(thrown) : explain(thrown, step)
      return { ok: false, error, leases: 0, nodes: [], farewell }
    } finally {
      context.end()
    }
  }

  /** What somebody has answered before the time was over counts, though nobody has looked since. */
  #isSettling({ means }: AnyStep, { key }: LocalTry): (() => boolean) | undefined {
    const { waitingRoom } = this.#parts
    return means?.kind === 'external' ? () => waitingRoom?.isAnswered(key) === true : undefined
  }

  #putAway(
    output: unknown,
    step: AnyStep,
    { attempt, context }: { readonly attempt: LocalTry; readonly context: LocalContext },
  ): ReturnType<Route> | undefined {
    const { key, route } = attempt
    const kind = kindOf(step)
    if (route === undefined && kind === undefined) return undefined
    return this.put(output, { step: step.name, key, signal: context.signal, route, kind })
  }

  #start(step: AnyStep, attempt: LocalTry, context: LocalContext): unknown {
    const { means, name } = step
    const { key, input, absent } = attempt
    if (!means) return step.run(input, context)
    if (means.kind === 'external') {
      const { waitingRoom } = this.#parts
      const definition = definitionOf(step)
      const { cancellation } = context
      const madeUp = () => {
        context.isMadeUp = true
      }
      const ask = { step: name, definition, key, input, cancellation, madeUp }
      if (waitingRoom) return waitingRoom.ask(means, ask)
      throw new ClientError('STEP_FAILED', `step '${name}' waits for somebody, and nobody can come`)
    }
    if (means.kind === 'plan') {
      return context.pass({ work: { name, plan: means.plan }, input, absent })
    }
    if (means.kind === 'worker') {
      const { workers } = this.#parts
      if (workers)
        return workers.run({ step: name, file: means.file, input, signal: context.signal })
      throw new ClientError('STEP_FAILED', `step '${name}' wants a thread, and there is none`)
    }
    return this.#coalesce(step, means, { attempt, context })
  }

  #coalesce(
    step: AnyStep,
    means: BatchMeans,
    { attempt, context }: { readonly attempt: LocalTry; readonly context: LocalContext },
  ): Promise<unknown> {
    const { standstill } = this.#parts
    let coalescer = this.#coalescers.get(step)
    if (!coalescer) {
      this.#coalescers.set(step, (coalescer = new Coalescer(step.name, means, this.#clock)))
      standstill?.add(coalescer)
    }
    const { input, most = Infinity, isInner = false } = attempt
    const { cancellation } = context
    return coalescer.call({
      input,
      cancellation,
      most,
      standstill: isInner ? undefined : standstill,
    })
  }

  /** What came of the call is recorded: nothing need be kept for it. */
  recorded(key: string): void {
    this.#parts.waitingRoom?.recorded(key)
  }

  get routes(): LocalParts['routes'] {
    return this.#parts.routes
  }

  /** Name of the route that takes such answers, if there is one. */
  routeOf(route: string | undefined, kind: string | undefined): string | undefined {
    const name = route ?? kind
    const isThere = name !== undefined && ownMember(this.#parts.routes, name) !== undefined
    return isThere ? name : undefined
  }

  /** Puts an answer where it belongs; gives its address. */
  put(value: unknown, { route, kind, ...context }: Parcel): ReturnType<Route> | undefined {
    const name = route ?? kind
    const take = name === undefined ? undefined : ownMember(this.#parts.routes, name)
    if (name !== undefined && take) return addressOf(take(value, context), name)
    if (route === undefined) return undefined
    throw new ClientError('STEP_FAILED', noRoute(route, context.step))
  }
}

function explain(thrown: unknown, step: AnyStep): ClientError {
  if (thrown instanceof ClientError) return asFailure(thrown)
  const message = `step '${step.name}' threw: ${messageOf(thrown)}`
  return new ClientError('STEP_FAILED', message, { cause: thrown })
}

/** Whether it was waited for as long as one waits for what was told to stop. */
function isStop(thrown: unknown, { cancellation }: LocalTry): boolean {
  return cancellation.isCancelled && thrown instanceof ClientError && thrown.code === 'CANCELLED'
}

function cancelled(cause: unknown): ClientError {
  return new ClientError('CANCELLED', 'cancelled', { cause })
}

/** The kind of a step's answers: the id of their schema. */
export function kindOf(step: AnyStep): string | undefined {
  return step.output.meta?.()?.id
}

/** The origin of an answer that was put somewhere. */
export function placed(origin: Origin, artifact?: string, route?: string): Origin {
  return artifact === undefined || route === undefined ? origin : { ...origin, artifact, route }
}

/** Where an answer is to be put. */
interface Parcel extends RouteContext {
  /** Name of the route that the step wants. */
  readonly route: string | undefined
  /** Id of the schema of the answer. */
  readonly kind?: string | undefined
}

const NO_TOKENS = { input: 0, output: 0 }

/** What a route gave, which is recorded with the answer. */
async function addressOf(given: unknown, route: string): Promise<string> {
  const address = await given
  if (typeof address === 'string') return address
  throw new ClientError('STEP_FAILED', `route '${route}' must give a text: where the value is`)
}

/** Names every route that steps of the plan want and nobody has. */
export function checkRoutes(plan: Plan, routes: Readonly<Record<string, Route>>): void {
  for (const { name, node } of stepsOf(plan)) {
    const { route } = node
    if (route === undefined || Object.hasOwn(routes, route)) continue
    throw new ClientError('INVALID_INPUT', noRoute(route, name))
  }
}

function noRoute(route: string, step: string): string {
  return `step '${step}' wants route '${route}', which the client does not have: routes: { ${route}: … }`
}
