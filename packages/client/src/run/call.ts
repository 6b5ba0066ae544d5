import type { Cancellation } from '../cancellation.ts'
import type { ClientError } from '../errors.ts'
import type { Policy } from '../plan/policy.ts'
import type { CallIdentity, CallRecord } from '../store/store.ts'
import type { TryOutcome } from './outcomes.ts'
import type { UnderWay } from './under-way.ts'

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
  /** Whether what another failed with that asks the same is what this one would fail with. @default it is not */
  isTriedAs?(other: Call): boolean
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
