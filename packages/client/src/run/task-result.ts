import type { StepTrace } from '@skein/workflows'

/** Tokens read and written. */
export interface Tokens {
  readonly input: number
  readonly output: number
}

/** A result with its origin: the last step that made it. */
export interface TaskResult<T> {
  readonly output: T
  /** What the step was given. */
  readonly input: unknown
  /** Id of the task. */
  readonly task: string
  readonly step: string
  /** Name of the node, or `local`. */
  readonly node: string
  /** Id of the node; empty for local steps. */
  readonly peer: string
  readonly model: string
  readonly tokens: Tokens
  /** From sending the task to its result. */
  readonly ms: number
  /** Where its route put it; absent where its kind has none. */
  readonly artifact?: string
  /** Name of that route. */
  readonly route?: string
  /** Of a workflow: the ids of its steps in the order in which they ran. */
  readonly steps?: readonly string[]
  /** Each visit to its steps, where the run was to be traced. */
  readonly trace?: readonly StepTrace[]
  /** What the model wrote each second; absent where nothing was measured. */
  readonly tokensPerSecond?: number
}
