import type { StepTrace } from '@skein/workflows'
import { ClientError, toClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { isRecord } from '../guards.ts'
import type { TryOutcome } from './outcomes.ts'
import { seedOf } from './lineage.ts'
import { madeUp } from './made-up.ts'
import type { Submission } from '../network/network.ts'
import { answerOfWorkflow } from '../plan/answer-schema.ts'
import type { AnyWorkflow } from '../plan/plan.ts'
import { nameOf } from '../plan/runnable.ts'
import { placed } from './local-step.ts'
import type { StepCall } from './step-calls.ts'
import { CANCELLED, StepRun, type RunParts } from './step-run.ts'
import { farewellTo, withTimeLimit } from './time-limit.ts'
import type { UnderWay } from './under-way.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import { RecordedTrace } from '../store/recorded-trace.ts'
import type { CallRecord, Origin } from '../store/store.ts'
import { withoutGroups } from '../scheduler/model-groups.ts'
import type { Done, Lease, Settlement } from '../scheduler/task.ts'

/** A call of a workflow, at a node. */
export class RemoteRun extends StepRun implements Submission {
  readonly definition: string
  readonly underWay: UnderWay | undefined
  readonly id: string
  readonly run: string
  readonly workflow: string
  readonly document: unknown
  readonly models: readonly string[]
  /** Whether an answer of another model than these is none of its own. */
  private readonly isBound: boolean
  readonly timeoutMs: number
  readonly waitMs: number
  readonly arguments: Readonly<Record<string, unknown>>
  readonly trace: boolean
  attemptsBefore = 0
  seed = 0
  /** Of the result that was accepted. */
  private lease: Lease | undefined
  private resolve: ((outcome: TryOutcome) => void) | undefined
  private leave: (() => void) | undefined

  constructor(
    call: StepCall,
    key: string,
    { workflow, parts }: { workflow: AnyWorkflow; parts: RunParts },
  ) {
    super(call, key, parts)
    this.underWay = call.underWay
    this.id = this.task
    this.run = parts.run
    this.workflow = workflow.id
    this.definition = workflow.id
    this.document = workflow.document
    const named = call.models ?? parts.models
    const models = named ?? modelsOf(workflow)
    this.models = withoutGroups(models, parts.groups)
    const isSaid = call.models !== undefined || parts.hasOtherModels
    this.isBound = isSaid && named !== undefined && models.length > 0
    this.timeoutMs = call.node.policy.timeoutMs ?? Infinity
    this.waitMs = parts.waitMs
    this.trace = parts.trace
    this.arguments = isRecord(call.input) ? call.input : {}
  }

  execute(attempt: number, leasesBefore: number): Promise<TryOutcome> {
    const asked = this.#ask(attempt, leasesBefore)
    return this.node.route === undefined ? asked : this.#putAway(asked)
  }

  /** The answer, and where its route put it. */
  async #putAway(asked: Promise<TryOutcome>): Promise<TryOutcome> {
    const outcome = await asked
    if (!outcome.ok) return outcome
    const { step, key, policy, cancellation } = this
    const { route } = this.node
    const { clock, local } = this.parts
    const { cancellation: context, leave } = cancellation.branch()
    let running: unknown
    try {
      const { output, origin } = outcome
      const putting = local.put(deepFreeze(output), { route, step, key, signal: context.signal })
      running = putting
      const attempt = { cancellation, timeoutMs: policy.timeoutMs }
      // What the node took counts, and not how long it was waited for one.
      const startedAt = clock.now() - origin.ms
      const artifact = await withTimeLimit(putting, { attempt, context, clock, startedAt })
      if (cancellation.isCancelled) return CANCELLED
      return { ok: true, output, origin: placed(origin, artifact, route) }
    } catch (thrown) {
      if (cancellation.isCancelled) return CANCELLED
      const leases = (this.lease?.attempt ?? 0) - this.attemptsBefore
      const error = toClientError(thrown, 'STEP_FAILED')
      const isOverdue = context.isCancelled && !cancellation.isCancelled
      const farewell = isOverdue ? () => farewellTo(running, clock) : undefined
      return { ok: false, error, leases, nodes: [], farewell }
    } finally {
      leave()
    }
  }

  #ask(attempt: number, leasesBefore: number): Promise<TryOutcome> {
    if (this.cancellation.isCancelled) return Promise.resolve(CANCELLED)
    const { network, seed } = this.parts
    this.attemptsBefore = leasesBefore
    this.seed = seedOf(seed, this.key, attempt)
    return new Promise((resolve) => {
      this.resolve = resolve
      this.leave = this.cancellation.listen(() => {
        network.scheduler.cancel(this.id)
      })
      network.submit(this)
    })
  }

  /** Another model is another answer. */
  protected override question(): string {
    const { key, input } = this
    return fingerprintOf({ key, definition: [this.workflow, ...this.models].join(' '), input })
  }

  /** Models that the workflow names itself are those of its definition, whatever is said here. */
  override takes(record: Pick<CallRecord, 'origin'>): boolean {
    const { model } = record.origin
    if (!super.takes(record)) return false
    if (!this.isBound || this.models.includes(model)) return true
    // Made up, or of no model at all.
    if (model === '') return !this.parts.hasOtherModels
    return this.node.work.kind === 'workflow' && namedIn(this.node.work.workflow).includes(model)
  }

  madeUp(given: unknown, error: ClientError): unknown {
    const { work } = this.node
    const output = work.kind === 'workflow' ? answerOfWorkflow(work.workflow) : undefined
    return madeUp({ name: nameOf(work), output }, given, error)
  }

  sent(node: string): void {
    this.parts.report.sent(this, node)
  }

  returned(node: string, why: string): void {
    this.parts.report.retried(this, new ClientError('TASK_FAILED', why), node)
  }

  settled(settlement: Settlement): void {
    this.leave?.()
    if (settlement.ok) {
      this.lease = settlement.lease
      const { output } = settlement.finish
      this.resolve?.({ ok: true, output, origin: originOf(settlement) })
      return
    }
    const { code, message, retryable, nodes, attempts } = settlement
    const error = new ClientError(code, message, { retryable })
    this.resolve?.({ ok: false, error, leases: attempts - this.attemptsBefore, nodes })
  }

  committed(): void {
    if (this.lease) this.parts.network.scheduler.committed(this.lease)
  }
}

/** What calls of a run share with the call before, as a rule: rows hold on to where they come from. */
let latest: Pick<Origin, 'model'> & { readonly steps: readonly string[] } = { model: '', steps: [] }

function originOf({ lease, nodeName, finish, ms }: Done): Origin {
  const { usage, timing, trace } = finish
  const { model, steps } = sharedWithLatest(finish)
  const traced = trace === undefined ? {} : { trace: traceOf(trace) }
  const origin = { node: nodeName, peer: lease.node, model, tokens: usage, ms, steps, ...traced }
  if (timing.generateMs <= 0) return origin
  return { ...origin, tokensPerSecond: (usage.output * 1000) / timing.generateMs }
}

/** The texts of the call before where they are equal: each message brings its own. */
function sharedWithLatest({ model, steps }: Done['finish']): typeof latest {
  const isSame =
    model === latest.model &&
    steps.length === latest.steps.length &&
    steps.every((step, i) => step === latest.steps[i])
  if (!isSame) latest = { model, steps }
  return latest
}

/** What of a node's trace can be read. */
function traceOf(trace: readonly unknown[]): readonly StepTrace[] {
  return trace.flatMap((entry) => RecordedTrace.safeParse(entry).data ?? [])
}

/** Models that the workflow itself wants, where only some will do: of its first step that names any. */
function modelsOf({ document }: AnyWorkflow): readonly string[] {
  for (const step of document.steps) if ('models' in step && step.models) return step.models
  return ANY
}

/** Models that any of its steps names. */
function namedIn({ document }: AnyWorkflow): readonly string[] {
  return document.steps.flatMap((step) => ('models' in step && step.models) || ANY)
}

const ANY: readonly string[] = []
