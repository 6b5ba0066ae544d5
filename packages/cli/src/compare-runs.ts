import { isDeepStrictEqual } from 'node:util'
import type { RunRecord, RunStatus } from '@skein/client'
import { comparePlans, type StepChange } from './compare-plans.ts'

/** What two runs have different. */

export interface RunSide {
  readonly record: RunRecord
  readonly status: RunStatus
  readonly inputs: readonly unknown[]
}

type Pair<T> = readonly [T, T]

/** What `skein runs diff --json` prints. Scripts depend on these names. */
export interface RunComparison {
  readonly runs: Pair<string>
  /** Steps of the plans; empty where they are the same. */
  readonly plan: readonly StepChange[]
  readonly inputs: {
    readonly same: boolean
    readonly counts: Pair<number>
    readonly changed: number
  }
  /** Names of values that differ. */
  readonly context: readonly string[]
  readonly models: { readonly same: boolean }
  readonly counts: Readonly<Record<'rows' | 'failures' | 'tokens', Pair<number>>>
  readonly bySteps: readonly {
    readonly step: string
    readonly done: Pair<number>
    readonly failed: Pair<number>
  }[]
}

export function compareRuns(one: RunSide, other: RunSide): RunComparison {
  const pair = <T>(read: (side: RunSide) => T): Pair<T> => [read(one), read(other)]
  const longest = Math.max(one.inputs.length, other.inputs.length)
  const changed = Array.from({ length: longest }, (_, index) => index).filter(
    (index) => !isDeepStrictEqual(one.inputs[index], other.inputs[index]),
  ).length
  const contexts = pair(({ record }) => record.context ?? {})
  const names = new Set(contexts.flatMap((context) => Object.keys(context)))
  const steps = new Set(pair(({ status }) => status.bySteps.map(({ step }) => step)).flat())
  const countOf = (step: string, what: 'done' | 'failed'): Pair<number> =>
    pair(({ status }) => status.bySteps.find((entry) => entry.step === step)?.[what] ?? 0)
  return {
    runs: pair(({ record }) => record.id),
    plan: planChanges(one.record, other.record),
    inputs: { same: changed === 0, counts: pair(({ inputs }) => inputs.length), changed },
    context: [...names].filter((name) => !isDeepStrictEqual(contexts[0][name], contexts[1][name])),
    models: { same: isDeepStrictEqual(...pair(({ record }) => record.models)) },
    counts: {
      rows: pair(({ status }) => status.rows),
      failures: pair(({ status }) => status.failures),
      tokens: pair(({ status }) => status.tokens),
    },
    bySteps: [...steps].map((step) => ({
      step,
      done: countOf(step, 'done'),
      failed: countOf(step, 'failed'),
    })),
  }
}

/** Functions are not recorded, but sealed: where they differ, the plan itself has changed. */
function planChanges(one: RunRecord, other: RunRecord): readonly StepChange[] {
  const changes = comparePlans(one.planJson, other.planJson)
  const isSame = changes.length > 0 || one.planHash === other.planHash
  return isSame ? changes : [{ kind: 'change', step: '' }]
}
