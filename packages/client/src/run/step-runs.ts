import type { Clock } from '@skein/protocol'
import type { StepTrace } from '@skein/workflows'
import type { Cancellation } from '../cancellation.ts'
import { ClientError, toClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { isRecord } from '../guards.ts'
import { DurableCalls } from './durable-calls.ts'
import type { Gates } from './gates.ts'
import type { InheritedMetrics } from './inherited-metrics.ts'
import type { CachePlace, Call, TryOutcome } from './kernel.ts'
import { seedOf, type Lineage } from './lineage.ts'
import type { LocalSteps } from './local-step.ts'
import type { Network, Submission } from '../network/network.ts'
import type { AnyStep, AnyWorkflow, Defaults, StepNode } from '../plan/plan.ts'
import type { Policy } from '../plan/policy.ts'
import type { ReportedCall, RunReport } from './run-report.ts'
import type { Trail } from './trail.ts'
import type { Absences } from './scope.ts'
import type { RunContext, StepSetting } from './run-context.ts'
import type { Caller, StepCall } from './step-calls.ts'
import type { Tolerance, Tolerances } from './tolerated.ts'
import { UnderWay } from './under-way.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import { RecordedTrace } from '../store/recorded-trace.ts'
import type { Journal, Origin } from '../store/store.ts'
import { withoutGroups, type ModelGroups } from '../scheduler/model-groups.ts'
import type { Done, Lease, Settlement } from '../scheduler/task.ts'

/** What all calls of a run share. */
export interface RunParts {
  /** Id of the run. */
  readonly run: string
  readonly project: string
  readonly network: Network
  /** Names that stand for lists of models. */
  readonly groups: ModelGroups
  readonly local: LocalSteps
  readonly gates: Gates
  readonly report: RunReport
  /** Failures that calls which succeeded have put up with. */
  readonly tolerances: Tolerances
  readonly journal: Journal
  readonly context: RunContext
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly wallNow: () => number
  /** Whether it was begun before and is taken up. */
  readonly isTakenUp: boolean
  /** Noted in the run that this one does again. */
  readonly metrics: InheritedMetrics
  /** Whether what the parent recorded of a step does not count. */
  readonly isAnew: (step: string) => boolean
  /** Models for steps that name none. */
  readonly models: readonly string[] | undefined
  readonly waitMs: number
  readonly seed: number
  /** Whether nodes send what each step asked and was answered. */
  readonly trace: boolean
}

const NOTHING: readonly Tolerance[] = []

/** One call of a run, as the kernel, the report and the network see it: one object, for there are many. */
abstract class StepRun implements Call, ReportedCall {
  readonly key: string
  readonly step: string
  readonly task: string
  readonly lineage: Lineage
  readonly from: Trail | undefined
  readonly defaults: Defaults | undefined
  readonly input: unknown
  readonly policy: Policy
  readonly cancellation: Cancellation
  readonly fallback: Call['fallback']
  protected readonly route: string | undefined
  abstract readonly definition: string
  protected readonly parts: RunParts

  constructor({ name, node, row, input }: StepCall, key: string, parts: RunParts) {
    this.key = key
    this.step = name
    this.task = `${parts.run}/${key}`
    this.lineage = row.lineage
    this.from = row.trail
    this.defaults = row.scope.defaults
    this.route = node.route
    this.input = input
    this.policy = node.policy
    this.cancellation = row.scope.cancellation
    this.fallback = node.fallback
    this.parts = parts
  }

  abstract execute(attempt: number, leasesBefore: number): Promise<TryOutcome>

  /** What its answer has put up with. */
  get tolerated(): readonly Tolerance[] {
    return NOTHING
  }

  get isAnew(): boolean {
    return this.parts.isAnew(this.step)
  }

  cachePlace(): CachePlace | undefined {
    const { cache } = this.policy
    if (!cache) return undefined
    const { run, project } = this.parts
    const scopes = { run: `run ${run}`, project: `project ${project}`, network: 'network' }
    return { scope: scopes[cache.scope], key: this.question(), ttlMs: cache.ttlMs }
  }

  /** Equal for calls that ask the same. */
  protected question(): string {
    return fingerprintOf(this)
  }

  retrying(error: ClientError): void {
    this.parts.report.retried(this, error)
  }
}

/** A call of a local function. */
export class LocalRun extends StepRun {
  readonly definition: string
  readonly #step: AnyStep
  readonly #setting: StepSetting
  readonly #caller: Caller
  readonly #node: StepNode
  #underWay: UnderWay | undefined
  /** What of the input is missing because a step was skipped. */
  readonly #absent: Absences | undefined
  #durable: DurableCalls | undefined
  #tolerated = NOTHING

  /** Throws `INVALID_INPUT` where the run's context lacks what the step needs. */
  constructor(
    call: StepCall,
    key: string,
    { step, parts, caller }: { step: AnyStep; parts: RunParts; caller: Caller },
  ) {
    super(call, key, parts)
    this.#step = step
    this.#caller = caller
    this.#node = call.node
    this.#underWay = call.underWay
    this.#absent = call.node.with ? undefined : call.row.absent
    this.#setting = parts.context.settingOf(step, this.defaults)
    this.definition = this.#setting.definition
  }

  get underWay(): UnderWay {
    return (this.#underWay ??= new UnderWay(this.#node, undefined))
  }

  async execute(attempt: number): Promise<TryOutcome> {
    const { key, input, cancellation, route } = this
    if (cancellation.isCancelled) return CANCELLED
    const { timeoutMs } = this.policy
    const { context } = this.#setting
    const durable = this.#calls
    this.#durable?.begin()
    const absent = this.#absent
    const given = { key, input, absent, cancellation, attempt, timeoutMs, context, durable, route }
    const outcome = await this.parts.local.run(this.#step, given)
    // One that was taken up may have forgotten all that it had asked.
    const calls = this.parts.isTakenUp ? durable() : this.#durable
    const objection = outcome.ok ? calls?.objection() : undefined
    if (objection) return this.#failed({ ok: false, error: objection, leases: 0, nodes: [] })
    return outcome.ok ? outcome : this.#failed(outcome)
  }

  found(): void {
    const { tolerances } = this.parts
    this.#tolerated = tolerances.find(this, this.#node)
    tolerances.list(this.#tolerated)
  }

  /** What was noted on the way to its answer comes along, and what it has put up with. */
  inherited(): void {
    const { metrics, journal, tolerances } = this.parts
    for (const metric of metrics.of(this)) void journal.note(metric)
    this.#tolerated = tolerances.inherit(this, this.#node)
  }

  committing(): void {
    this.#tolerated = this.#durable?.tolerated ?? this.#tolerated
    this.parts.tolerances.record(this, this.#tolerated)
  }

  /** What its calls have put up with belongs to its answer; a person's answer is nobody's any more. */
  committed(): void {
    this.parts.local.recorded(this.key)
    this.parts.tolerances.list(this.#tolerated)
  }

  /** Once it has its answer: what that has put up with. */
  override get tolerated(): readonly Tolerance[] {
    return this.#tolerated
  }

  #failed(outcome: Extract<TryOutcome, { ok: false }>): TryOutcome {
    // Who was stopped, or has changed its mind, has not failed by itself.
    const isCutShort = this.cancellation.isCancelled || outcome.error.code === 'NONDETERMINISM'
    if (isCutShort) this.#durable?.begin()
    else this.#durable?.fail()
    return outcome
  }

  readonly #calls = (): DurableCalls => {
    const { journal, clock, wallNow, seed, isTakenUp } = this.parts
    const parts = { caller: this.#caller, journal, clock, wallNow, seed, isTakenUp }
    this.#durable ??= new DurableCalls(parts, this)
    return this.#durable
  }
}

/** A call of a workflow, at a node. */
export class RemoteRun extends StepRun implements Submission {
  readonly definition: string
  readonly underWay: UnderWay | undefined
  readonly id: string
  readonly run: string
  readonly workflow: string
  readonly document: unknown
  readonly models: readonly string[]
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
    const models = call.models ?? parts.models ?? modelsOf(workflow)
    this.models = withoutGroups(models, parts.groups)
    this.timeoutMs = call.node.policy.timeoutMs ?? Infinity
    this.waitMs = parts.waitMs
    this.trace = parts.trace
    this.arguments = isRecord(call.input) ? call.input : {}
  }

  execute(attempt: number, leasesBefore: number): Promise<TryOutcome> {
    const asked = this.#ask(attempt, leasesBefore)
    return this.route === undefined ? asked : this.#putAway(asked)
  }

  /** The answer, and where its route put it. */
  async #putAway(asked: Promise<TryOutcome>): Promise<TryOutcome> {
    const outcome = await asked
    const { step, key, route, cancellation } = this
    if (!outcome.ok) return outcome
    try {
      const given = { step, key, signal: cancellation.signal }
      const { output, origin } = outcome
      const artifact = await this.parts.local.put(deepFreeze(output), { route, ...given })
      return { ok: true, output, origin: artifact === undefined ? origin : { ...origin, artifact } }
    } catch (thrown) {
      const leases = (this.lease?.attempt ?? 0) - this.attemptsBefore
      return { ok: false, error: toClientError(thrown, 'STEP_FAILED'), leases, nodes: [] }
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

const CANCELLED: TryOutcome = {
  ok: false,
  error: new ClientError('CANCELLED', 'cancelled'),
  leases: 0,
  nodes: [],
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

const ANY: readonly string[] = []
