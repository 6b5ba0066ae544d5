import type { ClientError } from '../errors.ts'
import { DurableCalls } from './durable-calls.ts'
import type { TryOutcome } from './outcomes.ts'
import { answerOfStep } from '../plan/answer-schema.ts'
import type { AnyStep } from '../plan/plan.ts'
import { canAsk } from '../plan/step.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import { withoutGroups } from '../scheduler/model-groups.ts'
import { kindOf } from './local-step.ts'
import { madeUp } from './made-up.ts'
import type { CallRecord } from '../store/store.ts'
import type { StepSetting } from './run-context.ts'
import type { Absences } from './scope.ts'
import type { Caller, StepCall } from './step-calls.ts'
import { CANCELLED, NOTHING_TOLERATED, StepRun, type RunParts } from './step-run.ts'
import type { Tolerance } from './tolerated.ts'
import { UnderWay } from './under-way.ts'

/** A call of a local function. */
export class LocalRun extends StepRun {
  readonly definition: string
  readonly #step: AnyStep
  readonly #setting: StepSetting
  readonly #caller: Caller
  #underWay: UnderWay | undefined
  /** What of the input is missing because a step was skipped. */
  readonly #absent: Absences | undefined
  #durable: DurableCalls | undefined
  #tolerated = NOTHING_TOLERATED

  /** Throws `INVALID_INPUT` where the run's context lacks what the step needs. */
  constructor(
    call: StepCall,
    key: string,
    { step, parts, caller }: { step: AnyStep; parts: RunParts; caller: Caller },
  ) {
    super(call, key, parts)
    this.#step = step
    this.#caller = caller
    this.#underWay = call.underWay
    this.#absent = call.node.with ? undefined : call.row.absent
    this.#setting = parts.context.settingOf(step, this.defaults)
    this.definition = this.#setting.definition
  }

  get underWay(): UnderWay {
    return (this.#underWay ??= new UnderWay(this.node, undefined))
  }

  async execute(attempt: number): Promise<TryOutcome> {
    const { key, input, cancellation } = this
    const { route } = this.node
    if (cancellation.isCancelled) return CANCELLED
    const { timeoutMs, concurrency: most } = this.policy
    const isInner = this.#underWay?.outer !== undefined
    const { context } = this.#setting
    const durable = this.#calls
    this.#durable?.begin()
    const absent = this.#absent
    const given = {
      key,
      input,
      absent,
      cancellation,
      attempt,
      timeoutMs,
      context,
      durable,
      route,
      most,
      isInner,
    }
    const outcome = await this.parts.local.run(this.#step, given)
    // One that was taken up may have forgotten all that it had asked.
    const calls = this.parts.isTakenUp ? durable() : this.#durable
    const objection = outcome.ok ? calls?.objection() : undefined
    if (objection) return this.#failed({ ok: false, error: objection, leases: 0, nodes: [] })
    return outcome.ok ? outcome : this.#failed(outcome)
  }

  /** What asks models anew may be told something else by them; what it asks is taken where their answers are. */
  override takes(record: Pick<CallRecord, 'origin'>): boolean {
    return super.takes(record) && (!this.parts.hasOtherModels || !canAsk(this.#step))
  }

  protected override get kind(): string | undefined {
    return kindOf(this.#step)
  }

  /** Where it asks models that name none, those of the run are part of what is asked. */
  protected override question(): string {
    const { models = [], groups } = this.parts
    if (models.length === 0 || !canAsk(this.#step)) return super.question()
    const { key, definition, input } = this
    const asked = [definition, ...withoutGroups(models, groups)].join(' ')
    return fingerprintOf({ key, definition: asked, input })
  }

  madeUp(given: unknown, error: ClientError): unknown {
    const { name } = this.#step
    return madeUp({ name, output: answerOfStep(this.#step) }, given, error)
  }

  found(): void {
    const { tolerances } = this.parts
    this.#tolerated = tolerances.find(this, this.node)
    tolerances.list(this.#tolerated)
  }

  /** What was noted on the way to its answer comes along, and what it has put up with. */
  inherited(): void {
    const { metrics, journal, tolerances } = this.parts
    for (const metric of metrics.of(this)) void journal.note(metric)
    this.#tolerated = tolerances.inherit(this, this.node)
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
