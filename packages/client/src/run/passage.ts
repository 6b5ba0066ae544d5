import type { Cancellation } from '../cancellation.ts'
import { deepFreeze } from '../freeze.ts'
import { compareLineage } from './lineage.ts'
import { missingOfAll, originOfNone } from './missing.ts'
import type { Plan } from '../plan/plan.ts'
import { Scope, type Absences, type Row, type RowOrigin, type ScopeEnd } from './scope.ts'
import type { Track } from './track.ts'
import { withTrails, type Trail } from './trail.ts'

/** What a plan inside a plan gave for one row. */
export interface Output {
  readonly value: unknown
  readonly origin: RowOrigin | undefined
  /** What of the value is missing because a step was skipped. */
  readonly absent: Absences | undefined
  /** Name of the step that was skipped, where that is why there is no value. */
  readonly skipped: string | undefined
  readonly trail: Trail | undefined
}

/** A value on its way through a plan inside a plan. */
interface Passage {
  readonly plan: Plan
  readonly prefix: string
  /** The row around it. */
  readonly row: Row
  readonly value: unknown
  readonly absent: Absences | undefined
  readonly cancellation: Cancellation
  readonly isTolerant: boolean
}

/** Takes a value through a plan and gathers what comes out: nothing, if a row failed that may not. */
export function pass(
  track: Track,
  { plan, prefix, row, value, absent, cancellation, isTolerant }: Passage,
  done: (output: Output | undefined) => void,
): void {
  const rows: Row[] = []
  const outer = row.scope
  const end: ScopeEnd = {
    emit: (inner) => {
      rows.push(inner)
    },
    done: (scope) => {
      inherit(outer, scope)
      done(outputOf(scope, rows))
    },
  }
  const { defaults } = outer
  const parts = { prefix, base: row.lineage, end, cancellation, isTolerant, defaults }
  const scope = new Scope(plan, parts)
  track.advance({ ...row, scope, value: deepFreeze(value), absent }, 0)
}

function outputOf(scope: Scope, rows: Row[]): Output | undefined {
  // What was called off because of something beside it is not whole, though nothing in it failed.
  if (scope.broken || scope.cancellation.isCancelled) return undefined
  if (!scope.isMany) return rows[0] && { ...rows[0], skipped: originOfNone(rows[0]) }
  if (rows.length === 0 && scope.failures > 0) return undefined
  rows.sort((a, b) => compareLineage(a.lineage, b.lineage))
  const { value, trail } = withTrails(
    rows.map((row) => row.value),
    rows.map((row) => row.trail),
  )
  const absent = missingOfAll(rows)
  return { value: deepFreeze(value), origin: undefined, absent, skipped: undefined, trail }
}

/** What failed in there failed out here, unless it was allowed to. */
export function inherit(outer: Scope, inner: Scope): void {
  if (inner.isTolerant && !outer.isTolerant) return
  outer.failures += inner.failures
  outer.broken ||= inner.broken
}
