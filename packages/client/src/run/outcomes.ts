import { hash } from 'node:crypto'
import type { Call } from './call.ts'
import type { ClientError } from '../errors.ts'
import type { Absences } from './scope.ts'
import type { KeptOrigin, Origin } from '../store/store.ts'

/** What one try at a call came to. Nothing is thrown: failure is data. */
export type TryOutcome =
  | {
      readonly ok: true
      readonly output: unknown
      readonly origin: Origin
      /** What of the output is missing because a step was skipped. */
      readonly absent?: Absences | undefined
      /** Nobody has answered: the next who asks the same asks anew. @default false */
      readonly isMadeUp?: boolean
    }
  | {
      readonly ok: false
      readonly error: ClientError
      /** Attempts of nodes that it took: the next try's leases are numbered after them. */
      readonly leases: number
      /** Names of the nodes that tried. */
      readonly nodes: readonly string[]
      readonly farewell?: Farewell | undefined
    }

/**
 * Waits for a function that has run past its time, but not for long. Until then the call has its turn, and no other try
 * begins.
 */
type Farewell = () => Promise<void>

/** What a call came to. */
export type CallOutcome =
  | {
      readonly ok: true
      readonly output: unknown
      readonly origin: Origin
      readonly absent: Absences | undefined
      readonly attempts: number
      /** Taken from the journal or the cache: nothing was run. */
      readonly replayed: boolean
      /** Of the last try, where this was made up for it. */
      readonly farewell?: Farewell | undefined
      /** What a fallback made this up for. */
      readonly madeUpFor?: FailedCall | undefined
      /** What tells that fallback from another. */
      readonly madeUpBy?: string | undefined
      /** The step itself made this up. @default false */
      readonly isMadeUp?: boolean | undefined
    }
  | FailedCall

export interface FailedCall {
  readonly ok: false
  readonly error: ClientError
  /** Tries in all, those of nodes included. */
  readonly attempts: number
  readonly nodes: readonly string[]
  readonly farewell?: Farewell | undefined
  /** What a fallback failed to make up for. */
  readonly madeUpFor?: FailedCall | undefined
}

/** The origin as it is recorded: what is missing of the answer must not be lost, nor who made it up. */
export function kept({ origin, absent, madeUpBy }: Extract<CallOutcome, { ok: true }>): KeptOrigin {
  if (!absent && madeUpBy === undefined) return origin
  return { ...origin, ...(absent && { absent }), ...(madeUpBy !== undefined && { madeUpBy }) }
}

/** Tells a fallback from another: by its text, as steps are told. */
export function markOfFallback(fallback: Exclude<Call['fallback'], undefined>): string {
  return hash('sha256', fallback.toString(), 'base64url').slice(0, 16)
}
