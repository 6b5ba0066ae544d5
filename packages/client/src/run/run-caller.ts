import type { Kernel } from './kernel.ts'
import { about, toClientError, troubleIn, type ClientError } from '../errors.ts'
import type { Gates } from './gates.ts'
import { isThenable } from '../guards.ts'
import { keyOf } from './lineage.ts'
import type { Caller, CallResult, StepCall } from './step-calls.ts'
import { LocalRun } from './local-run.ts'
import { RemoteRun } from './remote-run.ts'
import type { OpenRun } from './open-run.ts'
import type { CallOutcome } from './outcomes.ts'
import { haveChanged } from '../scheduler/model-groups.ts'
import type { RunParts } from './step-run.ts'

/** Of the run that this one does again. */
type Earlier = Pick<OpenRun, 'parent' | 'earlierModels'>

/** What a failed call leaves. */
const NOTHING = { origin: undefined, trail: undefined }

/** Makes the calls of one run: each through the kernel, local ones here, workflows at a node. */
export class RunCaller implements Caller {
  readonly #kernel: Kernel
  readonly #parts: RunParts

  constructor(kernel: Kernel, parts: Omit<RunParts, 'hasOtherModels'> & Earlier) {
    this.#kernel = kernel
    const { parent, earlierModels: before, models: now, groups } = parts
    const hasOtherModels = parent !== undefined && haveChanged({ before, now }, groups)
    this.#parts = { ...parts, hasOtherModels }
  }

  get gates(): Gates {
    return this.#parts.gates
  }

  models(): readonly string[] {
    return this.#parts.network.scheduler.roster.models().map((model) => model.name)
  }

  call(call: StepCall): CallResult | Promise<CallResult> {
    let run: LocalRun | RemoteRun
    try {
      run = this.#runOf(call)
      this.#parts.report.queued(run)
    } catch (thrown) {
      return failed(toClientError(thrown, 'STEP_FAILED'))
    }
    const outcome = this.#kernel.call(run)
    if (!isThenable(outcome)) return this.#told(call, run, outcome)
    return outcome.then((late) => this.#told(call, run, late))
  }

  /** What cannot be told fails the call: else its row would be under way for ever. */
  #told(call: StepCall, run: LocalRun | RemoteRun, outcome: CallOutcome): CallResult {
    try {
      return this.#tell(call, run, outcome)
    } catch (thrown) {
      const what = `what came of step '${run.step}' cannot be told`
      const error = about(what, toClientError(thrown, 'STEP_FAILED'))
      troubleIn(() => {
        this.#parts.report.failed(run, error)
      })
      return failed(error)
    }
  }

  #tell(call: StepCall, run: LocalRun | RemoteRun, outcome: CallOutcome): CallResult {
    const { report } = this.#parts
    if (outcome.ok) {
      call.tolerated?.push(...run.tolerated)
      return { outcome, ...report.done(run, outcome) }
    }
    report.failed(run, outcome.error)
    return { outcome, ...NOTHING }
  }

  #runOf(call: StepCall): LocalRun | RemoteRun {
    const parts = this.#parts
    const key = call.key ?? keyOf(call.row.lineage, call.name)
    const { work } = call.node
    if (work.kind === 'local') {
      return new LocalRun(call, key, { step: work.step, parts, caller: this })
    }
    return new RemoteRun(call, key, { workflow: work.workflow, parts })
  }
}

/** Of a call that was not made, or of which nothing can be told. */
function failed(error: ClientError): CallResult {
  return { outcome: { ok: false, error, attempts: 0, nodes: [] }, ...NOTHING }
}
