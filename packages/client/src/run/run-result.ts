import { ClientError, type ClientErrorCode } from '../errors.ts'
import type { Ancestry } from './ancestry.ts'
import type { TaskResult } from './task-result.ts'

/** A row that failed. */
export interface Failure {
  /** The step, with the plans around it. */
  readonly step: string
  /** Number of the input that it came from, from 0. */
  readonly index: number
  /** Which row of that input it was: the input's number, then the place among the items of each scattering, from 0. */
  readonly path: readonly number[]
  /** What the step was given. */
  readonly input: unknown
  readonly attempts: number
  /** Names of the nodes that tried. */
  readonly nodes: readonly string[]
  readonly error: ClientError
}

/** What one node did for a run. */
export interface NodeShare {
  readonly node: string
  readonly peer: string
  readonly tasks: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Mean of its tasks; absent where nothing was measured. */
  readonly tokensPerSecond?: number
}

/** What came of one step. */
export interface StepStats {
  readonly step: string
  readonly done: number
  readonly failed: number
  /** Ended with the run, before they were done. */
  readonly cancelled: number
  readonly cached: number
  /** Rows that it was left out for: its condition said no, or what it needs is absent. */
  readonly skipped: number
  /** From its first row to the end of its last. */
  readonly ms: number
}

export interface RunStats {
  readonly tasks: number
  readonly done: number
  readonly failed: number
  /** Ended with the run, before they were done. */
  readonly cancelled: number
  /** Taken from the journal of an earlier run. */
  readonly cached: number
  /** Tries beyond the first, of nodes and of steps. */
  readonly retries: number
  /** Read and written, all together. */
  readonly tokens: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly ms: number
  /** Nodes that did at least one task. */
  readonly nodes: number
  /** The busiest first. */
  readonly byNode: readonly NodeShare[]
  /** In the order of the plan. */
  readonly bySteps: readonly StepStats[]
}

/** A task, as a result lists it. */
export interface TaskReport extends TaskResult<unknown> {
  readonly attempts: number
  /** Taken from the journal or the cache: nothing was run. */
  readonly cached: boolean
}

/** What a run came to. */
export interface RunResult<T> {
  readonly id: string
  /** Of the plan. */
  readonly name: string
  readonly state: 'done' | 'failed' | 'cancelled'
  /** Whether it is done. */
  readonly ok: boolean
  /** Why it is not. */
  readonly error: { readonly code: ClientErrorCode; readonly message: string } | undefined
  /** Of sampling: a run with the same plan, input and seed asks the same. */
  readonly seed: number
  /** In input order. */
  readonly output: T
  /** For each row of the output, the number of the input that it came from, from 0. */
  readonly inputs: readonly number[]
  readonly failures: readonly Failure[]
  readonly stats: RunStats
  /** What each step made of each row, with its node and speed, in input order; the first 1,000. */
  readonly tasks: readonly TaskReport[]
  /** In words, a line for each step. */
  summary(): string
  /**
   * From a value back to the inputs, by way of the steps, nodes, models and attempts that it came through. It is given by
   * itself or by its hash: the output, one of its rows, an element of what was gathered, or an answer in `tasks`.
   *
   * @throws {ClientError} `INVALID_INPUT` nothing in the result is that
   */
  lineage(value: unknown): Ancestry
  /**
   * Saves the output to a file, by the end of its name: `.jsonl`, `.csv` or `.parquet`; each element of a list is a row.
   *
   * @throws {ClientError} `INVALID_INPUT` no such format; `STORE_FAILED` naming the file and the reason
   */
  save(file: string): Promise<void>
  /** As JSON can say it: bigints, maps, sets, bytes, NaN and the like are marked, `{"$":["bigint","10"]}`. */
  toJSON(): unknown
}

/** A run that failed. Nothing done is lost: it carries the whole result. */
export class RunError extends ClientError {
  override readonly name = 'RunError'
  /** `output` holds what did succeed; undefined where there is nothing to show. */
  readonly result: RunResult<unknown>

  constructor(
    code: ClientErrorCode,
    message: string,
    { result, cause }: { readonly result: RunResult<unknown>; readonly cause?: unknown },
  ) {
    super(code, message, { cause })
    this.result = result
  }
}
