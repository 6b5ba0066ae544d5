import type { Clock, SlotMap } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { ClientError, messageOf, toClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { isThenable } from '../guards.ts'
import { delayAfter, type Policy } from '../plan/policy.ts'
import type { Cache, CachedAnswer } from '../store/cache.ts'
import { OWN_ORIGIN } from '../store/call-record.ts'
import type {
  CallIdentity,
  CallRecord,
  Journal,
  JournalReader,
  KeptOrigin,
  Origin,
} from '../store/store.ts'
import type { CallOutcome, TryOutcome } from './outcomes.ts'
import { pause, withTimeLimit } from './time-limit.ts'
import { UnderWay } from './under-way.ts'

/** Where an answer may be found that was given before, and is kept for the next who asks. */
export interface CachePlace {
  readonly scope: string
  readonly key: string
  /** Names by which the step's answers are forgotten, besides its own in the run. */
  readonly names?: readonly string[]
  readonly ttlMs: number | undefined
}

/** A call of a step on an input: what the kernel must know of it, and how it is done. */
export interface Call extends CallIdentity {
  /** The step, with the plans around it. */
  readonly step: string
  /** What the run that this one does again recorded does not count. */
  readonly isAnew: boolean
  /** Whether the answer that the run recorded which this one does again may be its own. @default yes */
  takes?(answer: Pick<CallRecord, 'origin'>): boolean
  /** None: the step asks anew each time. Throws where the input cannot be written. */
  cachePlace(): CachePlace | undefined
  readonly policy: Policy
  /** As others may come to wait for it. @default nobody will */
  readonly underWay?: UnderWay | undefined
  readonly cancellation: Cancellation
  /** Tries it: number `attempt`, counted from 1. Never rejects. */
  execute(attempt: number, leasesBefore: number): Promise<TryOutcome>
  /** Makes up an answer after the last try failed. */
  readonly fallback: ((error: ClientError, input: unknown) => unknown) | undefined
  /** What that gave, as an answer. Throws where it is none. @default whatever it is */
  madeUp?(given: unknown, error: ClientError): unknown
  /** Its answer is recorded already. */
  found?(): void
  /** Its answer is what the run that this one does again recorded. */
  inherited?(): void
  /** It will be tried again. */
  retrying?(error: ClientError): void
  /** The answer is about to be recorded: what belongs to it comes before it. */
  committing?(): void
  /** The answer is recorded. */
  committed?(): void
}

/** A cached call under way. */
interface Flight {
  readonly outcome: Promise<CallOutcome>
  readonly by: UnderWay | undefined
}

/** Cached calls under way, of all runs that share the cache. */
export type Flights = SlotMap<string, Flight>

export interface KernelComponents {
  readonly journal: Journal
  /** Of the run that this one does again. */
  readonly parent?: JournalReader | undefined
  readonly cache: Cache
  readonly flights: Flights
  readonly clock: Clock
  readonly random: () => number
}

/** The origin of what a fallback made up. */
const MADE_UP: Origin = { ...OWN_ORIGIN }

/** The one operation that everything is made of: look up, try, record. */
export class Kernel {
  readonly #components: KernelComponents
  /** Cached answers that are done anew: those of this run count again. */
  readonly #renewed = new Set<string>()

  constructor(components: KernelComponents) {
    this.#components = components
  }

  /**
   * Runs a call once and for all: journal, cache, tries, fallback, commit. Never rejects. What is recorded is there at once:
   * a run that is taken up finds a hundred thousand.
   */
  call(call: Call): CallOutcome | Promise<CallOutcome> {
    try {
      const found = this.#components.journal.find(call)
      if (found) {
        call.found?.()
        return replay(found)
      }
      const inherited = call.isAnew ? undefined : this.#inherited(call)
      if (inherited) {
        call.inherited?.()
        return this.#record(call, replay(inherited))
      }
      const place = call.cachePlace()
      return place ? this.#callCached(call, place).catch(brokenOff) : this.#callOnce(call)
    } catch (thrown) {
      return brokenOff(thrown)
    }
  }

  async #callOnce(call: Call): Promise<CallOutcome> {
    try {
      const first = await call.execute(1, 0)
      const outcome = first.ok ? answer(first, 1) : await this.#tryAgain(call, first)
      return outcome.ok ? await this.#record(call, outcome) : outcome
    } catch (thrown) {
      return brokenOff(thrown)
    }
  }

  /** The outcome once it is on disk. */
  #record(call: Call, outcome: Success): CallOutcome | Promise<CallOutcome> {
    const { key, definition, input } = call
    const { output, attempts } = outcome
    const origin = kept(outcome)
    const record: CallRecord = { key, definition, input, output, origin, attempts }
    const unrecorded = (cause: unknown): CallOutcome => {
      const message = `the answer to ${key} could not be recorded: ${messageOf(cause)}`
      const error = new ClientError('STORE_FAILED', message, { cause })
      return { ok: false, error, attempts, nodes: [] }
    }
    const recorded = (): CallOutcome => {
      try {
        call.committed?.()
        return outcome
      } catch (thrown) {
        return brokenOff(thrown)
      }
    }
    try {
      call.committing?.()
      const pending = this.#components.journal.commit(record)
      return pending ? pending.then(recorded, unrecorded) : recorded()
    } catch (cause) {
      return unrecorded(cause)
    }
  }

  /** What the parent recorded; what is damaged there is asked again. */
  #inherited(call: Call): CallRecord | undefined {
    try {
      const found = this.#components.parent?.find(call)
      return found && call.takes?.(found) !== false ? found : undefined
    } catch {
      return undefined
    }
  }

  /** The answer that was given before; else this call gives it, and those who ask the same meanwhile wait. */
  async #callCached(call: Call, place: CachePlace): Promise<CallOutcome> {
    const { cache, flights } = this.#components
    const { scope, key } = place
    const name = nameOf(place)
    let waited: Answer | undefined
    for (;;) {
      const isStale = call.isAnew && !this.#renewed.has(name)
      // What was waited for may be too large to be kept.
      const hit = isStale ? undefined : (cache.get(scope, key) ?? waited)
      if (hit) return this.#record(call, replay({ ...hit, attempts: 0 }))
      const flight = flights.get(name)
      if (!flight) break
      // That would never come: the flight waits for this call, or for one around it.
      if (isAwaitedBy(flight, call)) return this.#keep(call, place, await this.#callOnce(call))
      if (await isCancelledBefore(flight, call)) return CANCELLED
      waited = answerIn(await flight.outcome)
    }
    const outcome = this.#callOnce(call)
    flights.set(name, { outcome, by: call.underWay })
    try {
      return this.#keep(call, place, await outcome)
    } finally {
      flights.delete(name)
    }
  }

  /** For the next who asks the same. */
  #keep(
    call: Call,
    { scope, key, names = [], ttlMs }: CachePlace,
    outcome: CallOutcome,
  ): CallOutcome {
    const given = answerIn(outcome)
    if (!given) return outcome
    this.#components.cache.put({ scope, key, step: call.step, names, ...given, ttlMs })
    if (call.isAnew) this.#renewed.add(nameOf({ scope, key }))
    return outcome
  }

  /** The tries after the first. */
  async #tryAgain(call: Call, first: FailedTry): Promise<CallOutcome> {
    const { policy, cancellation } = call
    const nodes = new Set<string>()
    let failed = first
    let leases = 0
    for (let attempts = 1; ; attempts++) {
      leases += failed.leases
      for (const node of failed.nodes) nodes.add(node)
      const { error } = failed
      const isLast = attempts >= policy.attempts || cancellation.isCancelled || isFinal(error)
      const end = isLast ? error : endOf(call, error)
      if (end) {
        const tries = Math.max(attempts, leases)
        const { farewell } = failed
        const over = {
          ok: false,
          error: end,
          attempts: tries,
          nodes: [...nodes],
          farewell,
        } as const
        // Nothing makes up for a mistake of the filter: nobody would see it.
        return end === error ? this.#fallBack(call, over) : over
      }
      call.retrying?.(error)
      await this.#rest(call, failed, attempts)
      const outcome = await call.execute(attempts + 1, leases)
      if (outcome.ok) return answer(outcome, attempts + 1)
      failed = outcome
    }
  }

  /** Until the next try may begin. */
  async #rest(
    { policy, cancellation }: Call,
    { farewell }: FailedTry,
    tries: number,
  ): Promise<void> {
    const { clock, random } = this.#components
    await pause(delayAfter(policy, tries, random), { clock, cancellation })
    if (farewell) await farewell()
  }

  async #fallBack(call: Call, failed: Extract<CallOutcome, { ok: false }>): Promise<CallOutcome> {
    const { step, policy, fallback, input, cancellation } = call
    if (!fallback || cancellation.isCancelled || isFinal(failed.error)) return failed
    try {
      const attempt = { cancellation, timeoutMs: policy.timeoutMs }
      const limit = {
        attempt,
        clock: this.#components.clock,
        what: `the fallback of step '${step}'`,
      }
      const { error, attempts, farewell } = failed
      const given = await withTimeLimit(fallback(error, input), limit)
      const output = call.madeUp ? call.madeUp(given, error) : given
      return { ...answer({ output, origin: MADE_UP }, attempts), farewell }
    } catch (thrown) {
      return { ...failed, error: toClientError(thrown, 'STEP_FAILED') }
    }
  }
}

/** Neither another try nor an answer that is made up may hide that a step has changed its mind. */
function isFinal({ code }: ClientError): boolean {
  return code === 'NONDETERMINISM'
}

/** What ends the tries; nothing, if the step's filter wants another. */
function endOf({ step, policy }: Call, failed: ClientError): ClientError | undefined {
  try {
    const isWanted: unknown = policy.filter(failed)
    if (isThenable(isWanted)) throw new TypeError('it gave a promise, which is no answer')
    return isWanted ? undefined : failed
  } catch (cause) {
    const message = `the retry.filter of step '${step}' threw: ${messageOf(cause)}`
    return new ClientError('STEP_FAILED', message, { cause, retryable: false })
  }
}

type FailedTry = Extract<TryOutcome, { ok: false }>

type Success = Extract<CallOutcome, { ok: true }>

const CANCELLED: CallOutcome = {
  ok: false,
  error: new ClientError('CANCELLED', 'cancelled'),
  attempts: 0,
  nodes: [],
}

function brokenOff(thrown: unknown): CallOutcome {
  const error = toClientError(thrown, 'STORE_FAILED')
  return { ok: false, error, attempts: 0, nodes: [] }
}

function replay({
  output,
  origin,
  attempts,
}: Pick<CallRecord, 'output' | 'origin' | 'attempts'>): Success {
  if (!origin.absent)
    return { ok: true, output, origin, absent: undefined, attempts, replayed: true }
  const { absent, ...rest } = origin
  return { ok: true, output, origin: rest, absent, attempts, replayed: true }
}

/** The origin as it is recorded: what is missing of the answer must not be lost. */
function kept({ origin, absent }: Success): KeptOrigin {
  return absent ? { ...origin, absent } : origin
}

function nameOf({ scope, key }: Pick<CachePlace, 'scope' | 'key'>): string {
  return `${scope}\n${key}`
}

/**
 * Whether the flight would wait for the call if that waited for the flight. Throws where the call is asked on the way to
 * the very answer that it is to give.
 */
function isAwaitedBy({ by }: Flight, { step, underWay }: Call): boolean {
  if (!by || !underWay) return false
  if (!underWay.isIn(by)) {
    // As it would be: else who waits for its turn would not be seen to.
    underWay.wait([by])
    const isCircle = UnderWay.doWait([by], underWay)
    underWay.goOn()
    return isCircle
  }
  const message = `step '${step}' asks itself for the answer that it is to give: with a cache it would wait for that for ever`
  throw new ClientError('STEP_FAILED', message, { retryable: false })
}

/** Waits for the flight; a cancellation ends that at once. */
function isCancelledBefore({ outcome, by }: Flight, call: Call): Promise<boolean> {
  const { underWay, cancellation } = call
  if (by) underWay?.wait([by])
  return new Promise((resolve) => {
    const leave = cancellation.listen(() => {
      resolve(true)
    })
    void outcome.finally(() => {
      leave()
      underWay?.goOn()
      resolve(cancellation.isCancelled)
    })
  })
}

/** What is kept of a call for the next who asks the same. */
type Answer = Pick<CachedAnswer, 'output' | 'origin'>

/** None where the call failed, or something was made up for it. */
function answerIn(outcome: CallOutcome): Answer | undefined {
  if (!outcome.ok || outcome.origin === MADE_UP) return undefined
  return { output: outcome.output, origin: kept(outcome) }
}

function answer(
  {
    output,
    origin,
    absent,
  }: Pick<Extract<TryOutcome, { ok: true }>, 'output' | 'origin' | 'absent'>,
  attempts: number,
): Success {
  return { ok: true, output: deepFreeze(output), origin, absent, attempts, replayed: false }
}
