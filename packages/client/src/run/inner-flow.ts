import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { ClientError } from '../errors.ts'
import { fitterOfPlan } from '../plan/fit-input.ts'
import { Flow, type FlowHost } from './flow.ts'
import type { Gates } from './gates.ts'
import { compareLineage, keyOf, shortened, type Lineage } from './lineage.ts'
import { missingOfAll } from './missing.ts'
import type { Defaults, Plan } from '../plan/plan.ts'
import type { Absences, Row, Scope } from './scope.ts'
import { endsAll, errorOf, Troubles } from './shortfall.ts'
import type { Caller, CallResult, StepCall } from './step-calls.ts'
import { FAREWELL_MS } from './time-limit.ts'
import type { Tolerance } from './tolerated.ts'
import type { RowFailure } from './track.ts'
import type { UnderWay } from './under-way.ts'

/** The call that a plan runs in. */
export interface InnerPlace {
  /** What the keys of its calls begin with. */
  readonly key: string
  /** The step around it. */
  readonly step: string
  readonly lineage: Lineage
  readonly cancellation: Cancellation
  readonly defaults: Defaults | undefined
  readonly outer: UnderWay
  /** Takes what the plan's answer has put up with. */
  readonly tolerated: Tolerance[]
  readonly clock: Clock
}

/** A value, and what of it is missing because a step was skipped. */
export interface Given {
  readonly value: unknown
  readonly absent: Absences | undefined
}

/** Stands in here before names of steps that are whole: others are of steps in here, and lack the name of the step around. */
const WHOLE = '/'

/** Rows of one inner plan in calls at the same time, at most. */
const WINDOW = 1024

/**
 * A plan that a local step runs: by itself, but its calls are those of the run. It fails where a run of the plan
 * would, and what it puts up with is listed with the failures of the run.
 */
export class InnerFlow implements FlowHost {
  readonly cancellation: Cancellation
  readonly defaults: Defaults | undefined
  readonly outer: UnderWay
  readonly gates: Gates
  readonly #caller: Caller
  readonly #place: InnerPlace
  readonly #flow: Flow
  readonly #rows: Row[] = []
  readonly #settle = Promise.withResolvers<Given>()
  readonly #leave: () => void
  readonly #troubles = new Troubles()
  /** Answers by step. */
  readonly #done = new Map<string, number>()
  readonly #failures: RowFailure[] = []
  /** What the answers of its steps have put up with. */
  readonly #tolerated: Tolerance[] = []
  /** The first that nobody has said to put up with. */
  #failure: ClientError | undefined
  /** Why nothing further is begun. */
  #end: Error | undefined
  #stopWaiting: (() => void) | undefined

  constructor(caller: Caller, place: InnerPlace) {
    this.#caller = caller
    this.#place = place
    const { cancellation, leave } = place.cancellation.branch()
    this.cancellation = cancellation
    this.#leave = leave
    this.defaults = place.defaults
    this.outer = place.outer
    this.gates = caller.gates
    this.#flow = new Flow(this)
  }

  /** What the plan makes of the input. Rejects with the first failure, or with how many were too many. */
  async run(plan: Plan, input: Given): Promise<Given> {
    const outer = this.#place.cancellation
    const leave = outer.listen(() => {
      this.#callOff()
    })
    try {
      const value = fitterOfPlan(plan)(input.value)
      this.#flow.enter(plan, { value, absent: named(input.absent, asWhole) }, [])
      return await this.#settle.promise
    } finally {
      leave()
      this.#leave()
      this.#stopWaiting?.()
    }
  }

  async call(call: StepCall): Promise<CallResult> {
    const { key, step, lineage } = this.#place
    const inner = call.row.lineage
    const name = `${step}/${call.name}`
    const result = await this.#caller.call({
      ...call,
      name,
      tolerated: this.#tolerated,
      key: call.key ?? `${shortened(key)}>${keyOf(inner, call.name).replaceAll('>', ')')}`,
      row: { ...call.row, lineage: [...lineage, ...inner] },
    })
    const { outcome } = result
    if (!outcome.ok) return result
    this.#done.set(name, (this.#done.get(name) ?? 0) + 1)
    if (!outcome.absent) return result
    return { ...result, outcome: { ...outcome, absent: named(outcome.absent, asWhole) } }
  }

  models(): readonly string[] {
    return this.#caller.models()
  }

  window(): number {
    return WINDOW
  }

  failed(failure: RowFailure): void {
    const { error, node, row, isTolerated } = failure
    const { step: outer, lineage: base } = this.#place
    const step = `${outer}/${failure.step}`
    const lineage = [...base, ...row.lineage]
    if (failure.wasDone) this.#done.set(step, (this.#done.get(step) ?? 0) - 1)
    this.#failures.push({ ...failure, step, row: { ...row, lineage }, isTolerated: true })
    if (!isTolerated) {
      this.#failure ??= error
      this.#troubles.add(step, node, { path: lineage, error })
    }
    if (endsAll(failure)) this.stop(error)
  }

  skipped(): void {
    // What is skipped in here shows in what comes out.
  }

  deliver(row: Row): void {
    this.#rows.push(row)
  }

  finished(scope: Scope): void {
    const problem = this.#problem(scope)
    if (problem) {
      this.#settle.reject(problem)
      return
    }
    const { key, tolerated } = this.#place
    tolerated.push(...this.#tolerated)
    if (this.#failures.length > 0) tolerated.push({ key, failures: this.#failures })
    const rows = this.#rows.toSorted((a, b) => compareLineage(a.lineage, b.lineage))
    if (scope.isMany) {
      const value = rows.map((row) => row.value)
      this.#settle.resolve({ value, absent: this.#absentOutside(missingOfAll(rows)) })
      return
    }
    const [row] = rows
    this.#settle.resolve({ value: row?.value, absent: this.#absentOutside(row?.absent) })
  }

  /** By the names that its steps have outside. */
  #absentOutside(absent: Absences | undefined): Absences | undefined {
    const { step: outer } = this.#place
    return named(absent, (step) =>
      step.startsWith(WHOLE) ? step.slice(WHOLE.length) : `${outer}/${step}`,
    )
  }

  /** Once it was stopped: whoever waits goes on when nothing of it runs any more. */
  moved(): void {
    if (this.#end && this.#flow.isIdle) this.#settle.reject(this.#end)
  }

  stop(reason: ClientError): void {
    if (this.#end) return
    this.#end = reason
    this.#flow.stop()
    this.cancellation.cancel(new ClientError('CANCELLED', 'a row beside it failed'))
  }

  /** Nobody wants it any more. What does not heed that is not waited for long. */
  #callOff(): void {
    const { cancellation, clock } = this.#place
    const reason = cancellation.reason ?? new ClientError('CANCELLED', 'cancelled')
    this.#end ??= reason
    this.#flow.stop()
    this.#stopWaiting = clock.schedule(FAREWELL_MS, () => {
      this.#settle.reject(reason)
    })
    this.moved()
  }

  #problem(scope: Scope): ClientError | undefined {
    const shortfall = this.#troubles.shortfall((step) => this.#done.get(step) ?? 0)
    if (shortfall) return errorOf(shortfall)
    if (scope.broken) return this.#failure ?? new ClientError('CANCELLED', 'cancelled')
    return this.#rows.length > 0 ? undefined : this.#failure
  }
}

function asWhole(step: string): string {
  return step.startsWith(WHOLE) ? step : WHOLE + step
}

/** The same, by other names of the steps. */
function named(
  absent: Absences | undefined,
  nameOf: (step: string) => string,
): Absences | undefined {
  return absent && within(absent, nameOf)
}

function within(absent: Absences, nameOf: (step: string) => string): Absences {
  const entries = Object.entries(absent).map(([name, missing]) => {
    const same = typeof missing === 'string' ? nameOf(missing) : within(missing, nameOf)
    return [name, same] as const
  })
  return Object.fromEntries(entries)
}
