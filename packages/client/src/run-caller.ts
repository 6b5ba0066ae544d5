import { ClientError } from './errors.ts'
import type { Call, Kernel, Try, TryOutcome } from './kernel.ts'
import { keyOf, seedOf } from './lineage.ts'
import type { LocalSteps } from './local-step.ts'
import type { Network } from './network.ts'
import type { AnyWorkflow } from './plan.ts'
import { runRemotely } from './remote-try.ts'
import type { ReportedCall, RunReport } from './run-report.ts'
import type { Caller, CallResult, StepCall } from './step-calls.ts'

export interface RunCallerParts {
  /** Id of the run. */
  readonly run: string
  readonly kernel: Kernel
  readonly network: Network
  readonly local: LocalSteps
  readonly report: RunReport
  /** Models for steps that name none. */
  readonly models: readonly string[] | undefined
  readonly waitMs: number
  readonly seed: number
}

/** Makes the calls of one run: each through the kernel, local ones here, workflows at a node. */
export class RunCaller implements Caller {
  readonly #parts: RunCallerParts

  constructor(parts: RunCallerParts) {
    this.#parts = parts
  }

  models(): readonly string[] {
    return this.#parts.network.scheduler.roster.models().map((model) => model.name)
  }

  async call(step: StepCall): Promise<CallResult> {
    const { run, kernel, report } = this.#parts
    const { name, node, row, input } = step
    const key = keyOf(row.lineage, name)
    const reported = { step: name, task: `${run}/${key}`, lineage: row.lineage, input }
    report.queued(reported)
    const call: Call = {
      key,
      definition: definitionOf(step),
      input,
      policy: node.policy,
      cancellation: row.scope.cancellation,
      fallback: node.fallback,
      execute: (attempt) => this.#execute(step, attempt, reported),
      retrying: (error) => {
        report.retried(reported, error)
      },
    }
    const outcome = await kernel.call(call)
    if (outcome.ok) return { outcome, origin: report.done(reported, outcome) }
    report.failed(reported, outcome.error)
    return { outcome, origin: undefined }
  }

  #execute(step: StepCall, attempt: Try, reported: ReportedCall): Promise<TryOutcome> {
    const { network, local, report, run, waitMs, seed } = this.#parts
    const { work } = step.node
    if (work.kind === 'local') return local.run(work.step, attempt)
    const { workflow } = work
    const task = {
      id: reported.task,
      run,
      workflow,
      models: step.models ?? this.#parts.models ?? modelsOf(workflow),
      waitMs,
      seed: seedOf(seed, attempt.key, attempt.number),
      sent: (node: string) => {
        report.sent(reported, node)
      },
      returned: (node: string, why: string) => {
        report.retried(reported, new ClientError('TASK_FAILED', why), node)
      },
    }
    return runRemotely(network, task, attempt)
  }
}

function definitionOf({ node: { work } }: StepCall): string {
  return work.kind === 'workflow' ? work.workflow.id : `${work.step.name}@${work.step.version}`
}

/** Models that the workflow itself wants, where only some will do: of its first step that names any. */
function modelsOf({ document }: AnyWorkflow): readonly string[] {
  for (const step of document.steps) if ('models' in step && step.models) return step.models
  return []
}
