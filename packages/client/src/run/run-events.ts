import type { ClientError } from '../errors.ts'

/** What happens in a run, as it happens. */
export type RunEvent<Row> =
  | TaskEvent
  | ProgressEvent
  /** A row left the plan; in the order of leaving, not of the input. */
  | { readonly type: 'row'; readonly row: Row }
  /** Events that a reader was too late for: the first of a run of millions. */
  | { readonly type: 'missed'; readonly count: number }

/**
 * A task changed: `queued` for a node, `sent` to one, `retry` after it came back, then `done`, `cached` (its
 * answer was recorded before), `failed`, or `cancelled` because the run ended before it did; `skipped` where it was left out.
 */
export interface TaskEvent {
  readonly type: 'task'
  readonly step: string
  readonly state:
    | 'queued'
    | 'sent'
    | 'retry'
    | 'done'
    | 'cached'
    | 'failed'
    | 'cancelled'
    | 'skipped'
  readonly task: string
  /** Name of the node that got it, did it or gave it back. */
  readonly node?: string
  /** Tokens written, once it is done. */
  readonly tokens?: number
  readonly tokensPerSecond?: number
  /** That of a `retry` has lost its stack and its cause where it is read long after: nobody else holds on to it. */
  readonly error?: ClientError
  /** Of what was skipped: `when`, or the step that left nothing. */
  readonly why?: string
}

/** How far a step is. Some times a second at most. */
export interface ProgressEvent {
  readonly type: 'progress'
  readonly step: string
  readonly done: number
  readonly failed: number
  /** Rows that it will have had in the end; undefined while nobody can know. */
  readonly total: number | undefined
  readonly perSecond: number
  readonly etaMs: number | undefined
  /** Written so far. */
  readonly tokens: number
}
