import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'
import { isPolicyOption, type PolicyOptions } from '../plan/policy.ts'
import type { RunOptions } from './run-options.ts'

/** Options of `generate`: those of the run, and those of its steps. */
export type GenerateOptions = Omit<RunOptions, 'id'> & Omit<PolicyOptions, 'concurrency'>

/** The workflow of a bare prompt. */
export function answering(): unknown {
  return new WorkflowBuilder('generate', { prompt: z.string() })
    .generativeStep({ id: 'answer', prompt: '{{prompt}}' })
    .setReturnValue('answer')
    .build()
}

/** What is said about the run, and what about its steps. */
export function splitOptions(options: object): { runOptions: RunOptions; policy: PolicyOptions } {
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
