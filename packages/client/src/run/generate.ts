import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'
import { ClientError } from '../errors.ts'
import { isList, isRecord } from '../guards.ts'
import { planOfSteps } from '../plan/plan-builder.ts'
import type { Plan } from '../plan/plan.ts'
import { isPolicyOption, type PolicyOptions } from '../plan/policy.ts'
import type { RunOptions } from './run-options.ts'

/** Options of `generate`: those of the run, and those of its steps. */
export type GenerateOptions = Omit<RunOptions, 'id'> & Omit<PolicyOptions, 'concurrency'>

/** The plan of what `generate` is given besides its inputs: perhaps work, perhaps options. Throws `INVALID_INPUT`. */
export function planToGenerate([first, second]: readonly unknown[]): {
  readonly plan: Plan
  readonly runOptions: RunOptions
} {
  const hasWork = isList(first) || (isRecord(first) && 'name' in first && 'toJSON' in first)
  const works = hasWork ? first : ANSWERING
  const options = (hasWork ? second : first) ?? {}
  if (!isRecord(options)) throw new ClientError('INVALID_INPUT', 'options must be an object')
  const { runOptions, policy } = splitOptions(options)
  return { plan: planOfSteps(isList(works) ? works : [works], policy), runOptions }
}

/** The workflow of a bare prompt. */
const ANSWERING = new WorkflowBuilder('generate', { prompt: z.string() })
  .generativeStep({ id: 'answer', prompt: '{{prompt}}' })
  .setReturnValue('answer')
  .build()

/** What is said about the run, and what about its steps. */
function splitOptions(options: object): { runOptions: RunOptions; policy: PolicyOptions } {
  const entries = Object.entries(options)
  return {
    runOptions: Object.fromEntries(entries.filter(([key]) => !isStepOption(key))),
    policy: Object.fromEntries(entries.filter(([key]) => isStepOption(key))),
  }
}

/** `concurrency` is said about the run. */
function isStepOption(key: string): boolean {
  return key !== 'concurrency' && isPolicyOption(key)
}
