import type { StepTrace } from '@skein/workflows'

/** Which call: its key in the run, what it runs, and what on. */
export interface CallIdentity {
  readonly key: string
  /** Changes with what the step does: a workflow's id, or a hash of a local step. */
  readonly definition: string
  /** Frozen. */
  readonly input: unknown
}

/** Where an answer came from. */
export interface Origin {
  /** Name of the node, or `local`. */
  readonly node: string
  /** Id of the node; empty for local steps. */
  readonly peer: string
  readonly model: string
  readonly tokens: { readonly input: number; readonly output: number }
  /** From sending the task to its result. */
  readonly ms: number
  readonly tokensPerSecond?: number
  /** Where its route put the answer. */
  readonly artifact?: string
  /** Name of that route. */
  readonly route?: string
  /** Of a workflow: the ids of its steps in the order in which they ran. */
  readonly steps?: readonly string[]
  /** Of a workflow whose run was to be traced: each visit to a step. */
  readonly trace?: readonly StepTrace[]
}

/** Of what this process records for itself: no node has answered it. */
export const OWN_ORIGIN: Origin = {
  node: 'local',
  peer: '',
  model: '',
  tokens: { input: 0, output: 0 },
  ms: 0,
}

/**
 * What of a value is missing because a step was skipped, with the step's name, or with what is missing further inside: by
 * column, by index where the value is a list; `''`: all of it.
 */
export interface Absences {
  readonly [name: string]: string | Absences
}

/** An origin, as it is recorded with the answer. */
export interface KeptOrigin extends Origin {
  /** Of a pipeline that was tried as a whole. */
  readonly absent?: Absences
  /** Of an answer that a fallback made up: what tells that fallback from another. */
  readonly madeUpBy?: string
}

/** A finished call, as it is recorded. */
export interface CallRecord extends CallIdentity {
  readonly output: unknown
  readonly origin: KeptOrigin
  readonly attempts: number
}
