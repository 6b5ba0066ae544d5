import type { Cancellation } from '../cancellation.ts'
import { ClientError } from '../errors.ts'
import { fitterOfPlan } from '../plan/fit-input.ts'
import { deepFreeze } from '../freeze.ts'
import { compareLineage } from './lineage.ts'
import {
  prefixOf,
  type BranchNode,
  type NestNode,
  type ParallelNode,
  type Plan,
} from '../plan/plan.ts'
import { requireColumns, withColumn } from './row-verbs.ts'
import { Scope, type Row, type RowOrigin, type ScopeEnd } from './scope.ts'
import { withValue, type Track } from './track.ts'

/** What a plan inside a plan gave for one row. */
interface Output {
  readonly value: unknown
  readonly origin: RowOrigin | undefined
}

/** `when`, `choose` and `pipe`: the row goes through one of several plans, whose rows go on here. */
export function branch(
  track: Track,
  row: Row,
  { node, place }: { node: BranchNode; place: number },
): Row | undefined {
  const plan = node.route(row.value)
  if (!plan) return row
  const outer = row.scope
  const value = node.verb === 'pipe' ? fitterOfPlan(plan)(row.value) : row.value
  const end: ScopeEnd = {
    emit: (inner) => {
      outer.live++
      track.advance({ ...inner, scope: outer }, place + 1)
    },
    done: (scope) => {
      outer.many ||= scope.isMany
      inherit(outer, scope)
      track.release(outer)
    },
  }
  const prefix = prefixOf(outer.prefix, node, plan.name)
  const { cancellation } = outer
  const scope = new Scope(plan, { prefix, base: row.lineage, end, cancellation })
  track.advance({ ...row, scope, value: deepFreeze(value) }, 0)
  return undefined
}

/** A pipeline as a step: its whole output becomes the row, or a column. */
export function nest(
  track: Track,
  row: Row,
  { node, place }: { node: NestNode; place: number },
): undefined {
  const outer = row.scope
  const value: unknown = node.fit(node.with ? node.with(row.value) : row.value)
  const prefix = prefixOf(outer.prefix, node, node.plan.name)
  const passage = { plan: node.plan, prefix, row, value, cancellation: outer.cancellation }
  collect(track, passage, (scope, output) => {
    inherit(outer, scope)
    if (!output) {
      track.release(outer)
      return
    }
    try {
      const next = withColumn(row, { label: node.label, column: node.as }, output.value)
      track.advance({ ...row, value: next, origin: output.origin ?? row.origin }, place + 1)
    } catch (thrown) {
      track.fail({ row, node, place }, thrown)
    }
  })
}

/** Several plans at once on the same row; each output becomes a column. One that fails stops the others. */
export function parallel(
  track: Track,
  row: Row,
  { node, place }: { node: ParallelNode; place: number },
): undefined {
  const outer = row.scope
  const columns = { ...requireColumns(row.value, node.label) }
  const { cancellation, leave } = outer.cancellation.branch()
  let left = Object.keys(node.plans).length
  let failed = false
  for (const [name, plan] of Object.entries(node.plans)) {
    const prefix = prefixOf(outer.prefix, node, name)
    collect(track, { plan, prefix, row, value: row.value, cancellation }, (scope, output) => {
      inherit(outer, scope)
      columns[name] = output?.value
      if (!output && !failed) {
        failed = true
        cancellation.cancel(new ClientError('CANCELLED', 'a branch beside it failed'))
      }
      left--
      if (left > 0) return
      leave()
      if (failed) track.release(outer)
      else track.advance(withValue(row, columns), place + 1)
    })
  }
}

interface Passage {
  readonly plan: Plan
  readonly prefix: string
  readonly row: Row
  readonly value: unknown
  readonly cancellation: Cancellation
}

/** Takes a value through a plan and gathers what comes out: nothing, if a row failed that may not. */
function collect(
  track: Track,
  { plan, prefix, row, value, cancellation }: Passage,
  done: (scope: Scope, output: Output | undefined) => void,
): void {
  const rows: Row[] = []
  const end: ScopeEnd = {
    emit: (inner) => {
      rows.push(inner)
    },
    done: (scope) => {
      done(scope, outputOf(scope, rows))
    },
  }
  const scope = new Scope(plan, { prefix, base: row.lineage, end, cancellation })
  track.advance({ ...row, scope, value: deepFreeze(value) }, 0)
}

function outputOf(scope: Scope, rows: Row[]): Output | undefined {
  if (scope.broken) return undefined
  if (!scope.isMany) return rows[0]
  if (rows.length === 0 && scope.failures > 0) return undefined
  rows.sort((a, b) => compareLineage(a.lineage, b.lineage))
  return { value: deepFreeze(rows.map((row) => row.value)), origin: undefined }
}

function inherit(outer: Scope, inner: Scope): void {
  outer.failures += inner.failures
  outer.broken ||= inner.broken
}
