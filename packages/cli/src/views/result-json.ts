import type { RunResult } from '@skein/client'
import type { StepTrace } from '@skein/workflows'
import { asJson } from './json-output.ts'

/** Why a run ended before its end. */
export interface RunProblem {
  readonly code: string
  readonly message: string
}

/** The way of one run of a workflow by itself. */
export interface Way {
  /** Ids in the order in which they ran. */
  readonly steps?: readonly string[]
  /** Each visit to them, where it was asked for. */
  readonly trace?: readonly StepTrace[]
}

/** What `skein run --json` prints. Scripts depend on these names. */
export interface ResultJson extends Way {
  /** Of the run: `skein runs show ID`. */
  readonly id: string
  readonly output: unknown
  /** For each row of the output, the number of its input, from 0. */
  readonly inputs: readonly number[]
  readonly failures: readonly {
    readonly step: string
    /** Number of the input, from 0. */
    readonly index: number
    /** Which row of that input: the input's number, then the place among the items of each scattering, from 0. */
    readonly path: readonly number[]
    readonly input: unknown
    readonly code: string
    readonly message: string
    readonly attempts: number
    readonly nodes: readonly string[]
  }[]
  readonly stats: RunResult<unknown>['stats']
  readonly error?: RunProblem
}

/** The result as one JSON object; `problem` where the run failed, with what it did before. */
export function resultJson(
  result: RunResult<unknown>,
  problem?: RunProblem,
  way: Way = {},
): ResultJson {
  const { id, inputs, failures, stats } = result
  const { value: output = null } = asJson(result.output)
  return {
    id,
    output,
    inputs,
    failures: failures.map(({ error, step, index, path, input, attempts, nodes }) => ({
      step,
      index,
      path,
      input: asJson(input).value,
      code: error.code,
      message: error.message,
      attempts,
      nodes,
    })),
    stats: { ...stats, ms: Math.round(stats.ms) },
    ...(problem === undefined ? {} : { error: problem }),
    ...way,
  }
}

/** The same of a run that could not begin. */
export function unstartedJson(error: RunProblem): Omit<ResultJson, 'id' | 'stats'> {
  return { output: null, inputs: [], failures: [], error }
}
