import type { Cancellation } from '../cancellation.ts'
import { ClientError } from '../errors.ts'
import { fitterOfPlan } from '../plan/fit-input.ts'
import { Flow, type FlowHost } from './flow.ts'
import { compareLineage, keyOf, shortened, type Lineage } from './lineage.ts'
import type { Defaults, Plan } from '../plan/plan.ts'
import type { Row, Scope } from './scope.ts'
import type { Caller, CallResult, StepCall } from './step-calls.ts'
import type { RowFailure } from './track.ts'

/** The call that a plan runs in. */
export interface InnerPlace {
  /** What the keys of its calls begin with. */
  readonly key: string
  /** The step around it. */
  readonly step: string
  readonly lineage: Lineage
  readonly cancellation: Cancellation
  readonly defaults: Defaults | undefined
}

/** Rows of one inner plan in calls at the same time, at most. */
const WINDOW = 1024

/** A plan that a local step runs: by itself, but its calls are those of the run. */
export class InnerFlow implements FlowHost {
  readonly cancellation: Cancellation
  readonly defaults: Defaults | undefined
  readonly #caller: Caller
  readonly #place: InnerPlace
  readonly #flow: Flow
  readonly #rows: Row[] = []
  readonly #settle = Promise.withResolvers<unknown>()
  #failure: ClientError | undefined

  constructor(caller: Caller, place: InnerPlace) {
    this.#caller = caller
    this.#place = place
    this.cancellation = place.cancellation
    this.defaults = place.defaults
    this.#flow = new Flow(this)
  }

  /** The plan's output for the input. Rejects with the first failure. */
  async run(plan: Plan, input: unknown): Promise<unknown> {
    const leave = this.cancellation.listen(() => {
      this.#flow.stop()
      this.#settle.reject(this.cancellation.reason ?? new ClientError('CANCELLED', 'cancelled'))
    })
    try {
      const value = fitterOfPlan(plan)(input)
      this.#flow.enter(plan, value, [])
      return await this.#settle.promise
    } finally {
      leave()
    }
  }

  call(call: StepCall): Promise<CallResult> {
    const { key, step, lineage } = this.#place
    const inner = call.row.lineage
    return this.#caller.call({
      ...call,
      name: `${step}/${call.name}`,
      key: call.key ?? `${shortened(key)}>${keyOf(inner, call.name).replaceAll('>', ')')}`,
      row: { ...call.row, lineage: [...lineage, ...inner] },
    })
  }

  models(): readonly string[] {
    return this.#caller.models()
  }

  window(): number {
    return WINDOW
  }

  failed({ error, isTolerated }: RowFailure): void {
    if (!isTolerated) this.#failure ??= error
  }

  skipped(): void {
    // What is skipped in here shows in what comes out.
  }

  deliver(row: Row): void {
    this.#rows.push(row)
  }

  finished(scope: Scope): void {
    const isEmpty = this.#rows.length === 0 && this.#failure !== undefined
    if (scope.broken || isEmpty) {
      this.#settle.reject(this.#failure ?? new ClientError('CANCELLED', 'cancelled'))
      return
    }
    const rows = this.#rows.toSorted((a, b) => compareLineage(a.lineage, b.lineage))
    this.#settle.resolve(scope.isMany ? rows.map((row) => row.value) : rows[0]?.value)
  }

  moved(): void {
    // Nobody waits for room but its own rows.
  }
}
