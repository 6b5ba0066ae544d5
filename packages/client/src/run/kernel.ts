import type { Clock } from '@skein/protocol'
import { ClientError, messageOf, toClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { isThenable } from '../guards.ts'
import { delayAfter } from '../plan/policy.ts'
import type { Cache } from '../store/cache.ts'
import { OWN_ORIGIN } from '../store/call-record.ts'
import type { CallRecord, Journal, JournalReader } from '../store/store.ts'
import type { CachePlace, Call } from './call.ts'
import {
  answerIn,
  failureFor,
  isAwaitedBy,
  isCancelledBefore,
  type Answer,
  type Flights,
} from './flights.ts'
import {
  kept,
  markOfFallback,
  type CallOutcome,
  type FailedCall,
  type TryOutcome,
} from './outcomes.ts'
import { pause, withTimeLimit } from './time-limit.ts'

export interface KernelComponents {
  readonly journal: Journal
  /** Of the run that this one does again. */
  readonly parent?: JournalReader | undefined
  readonly cache: Cache
  readonly flights: Flights
  readonly clock: Clock
  readonly random: () => number
}

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

  /**
   * The answer that was given before; else this call gives it, and those who ask the same meanwhile wait for it. Where it
   * fails they all have, and only who comes later tries anew.
   */
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
      const outcome = await flight.outcome
      const failed = failureFor(call, flight, outcome)
      if (failed) return this.#failWith(call, failed)
      waited = answerIn(outcome)
    }
    const outcome = this.#callOnce(call)
    flights.set(name, { outcome, call })
    try {
      return this.#keep(call, place, await outcome)
    } finally {
      flights.delete(name)
    }
  }

  /** The failure that the call has waited for, or what its own fallback makes up for that. */
  async #failWith(call: Call, failed: FailedCall): Promise<CallOutcome> {
    const outcome = await this.#fallBack(call, failed)
    return outcome.ok ? this.#record(call, outcome) : outcome
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
    const nodes = new Set<string>()
    let failed = first
    let leases = 0
    for (let attempts = 1; ; attempts++) {
      leases += failed.leases
      for (const node of failed.nodes) nodes.add(node)
      const { error } = failed
      const end = endOf(call, error, attempts)
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

  async #fallBack(call: Call, failed: FailedCall): Promise<CallOutcome> {
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
      const made = answer({ output, origin: OWN_ORIGIN }, attempts)
      return { ...made, farewell, madeUpFor: failed, madeUpBy: markOfFallback(fallback) }
    } catch (thrown) {
      return { ...failed, error: toClientError(thrown, 'STEP_FAILED'), madeUpFor: failed }
    }
  }
}

/** Neither another try nor an answer that is made up may hide that a step has changed its mind. */
function isFinal({ code }: ClientError): boolean {
  return code === 'NONDETERMINISM'
}

/** What ends the tries; nothing, if there is to be another. */
function endOf(call: Call, failed: ClientError, attempts: number): ClientError | undefined {
  const { policy, cancellation, fallback } = call
  if (isFinal(failed) || failed.code === 'CANCELLED') return failed
  const end = attempts >= policy.attempts ? failed : refusalOf(call, failed)
  if (!cancellation.isCancelled || (end && !fallback)) return end
  // Nobody knows what would have come of it.
  return new ClientError('CANCELLED', 'cancelled', { cause: failed })
}

/** Nothing, if the step's filter wants another try. */
function refusalOf({ step, policy }: Call, failed: ClientError): ClientError | undefined {
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
  if (!origin.absent && origin.madeUpBy === undefined)
    return { ok: true, output, origin, absent: undefined, attempts, replayed: true }
  const { absent, madeUpBy, ...rest } = origin
  return { ok: true, output, origin: rest, absent, attempts, replayed: true, madeUpBy }
}

function nameOf({ scope, key }: Pick<CachePlace, 'scope' | 'key'>): string {
  return `${scope}\n${key}`
}

function answer(
  {
    output,
    origin,
    absent,
    isMadeUp,
  }: Pick<Extract<TryOutcome, { ok: true }>, 'output' | 'origin' | 'absent' | 'isMadeUp'>,
  attempts: number,
): Success {
  const made = { output: deepFreeze(output), origin, absent, isMadeUp }
  return { ok: true, ...made, attempts, replayed: false }
}
