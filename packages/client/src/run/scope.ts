import type { Cancellation } from '../cancellation.ts'
import type { Lineage } from './lineage.ts'
import { isBarrier, type Defaults, type Plan } from '../plan/plan.ts'
import type { Absences, Origin } from '../store/store.ts'
import type { Trail } from './trail.ts'

export type { Absences }

/** The last step that made a row: what a callback is told. */
export interface RowOrigin extends Origin {
  readonly task: string
  readonly step: string
  readonly input: unknown
}

/** A value on its way through a plan. */
export interface Row {
  readonly scope: Scope
  readonly lineage: Lineage
  /** Frozen. */
  readonly value: unknown
  readonly origin: RowOrigin | undefined
  /** What of its value is missing because a step was skipped. */
  readonly absent: Absences | undefined
  /** What its value came through. */
  readonly trail: Trail | undefined
}

/** What a scope's rows come to. */
export interface ScopeEnd {
  /** A row left the plan. */
  emit(row: Row): void
  /** Nothing is left of what entered. Comes once, last. */
  done(scope: Scope): void
}

/**
 * One passage through a plan: everything that one input, or one row that entered a plan inside a plan, leads
 * to. What waits, waits for the rows of its scope only.
 */
export class Scope {
  readonly plan: Plan
  /** What the names of its steps begin with. */
  readonly prefix: string
  readonly base: Lineage
  readonly end: ScopeEnd
  readonly cancellation: Cancellation
  /** What fails in here is listed, but does not fail the run. */
  readonly isTolerant: boolean
  /** Values for its steps where the run gives none, its own and those of the plans around it. */
  readonly defaults: Defaults | undefined
  /** Rows on their way, not those that wait at a barrier. */
  live = 1
  /** Rows that wait at the barrier. */
  waiting: Row[] = []
  /** Place of the next barrier in the plan; its length when there is none. */
  barrier: number
  failures = 0
  /** A row failed where none may: what would be gathered from the rest is not wanted. */
  broken = false
  /** Whether the last function that could decide it decided for many rows. */
  many = false

  constructor(
    plan: Plan,
    parts: Pick<Scope, 'prefix' | 'base' | 'end' | 'cancellation' | 'isTolerant' | 'defaults'>,
  ) {
    this.plan = plan
    this.prefix = parts.prefix
    this.base = parts.base
    this.end = parts.end
    this.cancellation = parts.cancellation
    this.isTolerant = parts.isTolerant
    this.defaults = defaultsIn(plan, parts.defaults)
    this.barrier = this.#nextBarrier(0)
  }

  passBarrier(): void {
    this.barrier = this.#nextBarrier(this.barrier + 1)
  }

  /** Whether its output is a list. */
  get isMany(): boolean {
    return this.plan.many === 'dynamic' ? this.many : this.plan.many
  }

  #nextBarrier(from: number): number {
    const { nodes } = this.plan
    for (let place = from; place < nodes.length; place++) {
      const node = nodes[place]
      if (node && isBarrier(node)) return place
    }
    return nodes.length
  }
}

/** Values for the steps of a plan inside others: what is said around it counts first. */
export function defaultsIn(plan: Plan, around: Defaults | undefined): Defaults | undefined {
  if (!plan.context || !around) return plan.context ?? around
  return { ...plan.context, ...around }
}
