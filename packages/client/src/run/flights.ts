import type { SlotMap } from '@skein/protocol'
import { ClientError, ENDED, type ClientErrorCode } from '../errors.ts'
import type { CachedAnswer } from '../store/cache.ts'
import type { Call } from './call.ts'
import { kept, type CallOutcome, type FailedCall } from './outcomes.ts'
import { UnderWay } from './under-way.ts'

/** A cached call under way. */
interface Flight {
  readonly outcome: Promise<CallOutcome>
  readonly call: Call
}

/** Cached calls under way, of all runs that share the cache. */
export type Flights = SlotMap<string, Flight>

/**
 * Whether the flight would wait for the call if that waited for the flight. Throws where the call is asked on the way to
 * the very answer that it is to give.
 */
export function isAwaitedBy({ call: { underWay: by } }: Flight, { step, underWay }: Call): boolean {
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
export function isCancelledBefore({ outcome, call: asked }: Flight, call: Call): Promise<boolean> {
  const { underWay: by } = asked
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

/** Failures that say nothing about the question: whoever waited asks by itself. */
const OWN_AFFAIRS: ReadonlySet<ClientErrorCode> = new Set([
  ...ENDED,
  'STORE_FAILED',
  'NONDETERMINISM',
])

/** What a call has failed with that has waited for the flight, if it has. */
export function failureFor(
  call: Call,
  { call: asked }: Flight,
  outcome: CallOutcome,
): FailedCall | undefined {
  const failed = outcome.madeUpFor ?? (outcome.ok ? undefined : outcome)
  if (!failed || asked.cancellation.isCancelled || !call.isTriedAs?.(asked)) return undefined
  const { error, attempts, nodes } = failed
  return OWN_AFFAIRS.has(error.code) ? undefined : { ok: false, error, attempts, nodes }
}

/** What is kept of a call for the next who asks the same. */
export type Answer = Pick<CachedAnswer, 'output' | 'origin'>

/** None where the call failed, or something was made up for it. */
export function answerIn(outcome: CallOutcome): Answer | undefined {
  if (!outcome.ok || outcome.madeUpFor || outcome.isMadeUp === true) return undefined
  return { output: outcome.output, origin: kept(outcome) }
}
