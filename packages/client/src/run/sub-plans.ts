import { ClientError } from '../errors.ts'
import { fitterOfPlan } from '../plan/fit-input.ts'
import { deepFreeze } from '../freeze.ts'
import { isThenable } from '../guards.ts'
import { prefixOf, type BranchNode, type NestNode, type Plan } from '../plan/plan.ts'
import { inherit, pass } from './passage.ts'
import { withColumn } from './row-verbs.ts'
import { absentAfter, absentInside, originOfAbsence, originOfNothing, skip } from './skips.ts'
import { Scope, type Row, type ScopeEnd } from './scope.ts'
import type { Track } from './track.ts'

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
  const goOn = (inner: Row) => {
    outer.live++
    track.advance({ ...inner, scope: outer }, place + 1)
  }
  // Whether there is one row shows at the end.
  const held: Row[] | undefined = isOneOf(node, plan) ? [] : undefined
  const end: ScopeEnd = {
    emit: (inner) => {
      if (held) held.push(inner)
      else goOn(inner)
    },
    done: (scope) => {
      inherit(outer, scope)
      if (held && scope.isMany) {
        track.fail({ row, node, place }, notOne(node, plan))
        return
      }
      outer.many ||= scope.isMany
      held?.forEach(goOn)
      track.release(outer)
    },
  }
  const prefix = prefixOf(outer.prefix, node, plan.name)
  const { cancellation, isTolerant, defaults } = outer
  const parts = { prefix, base: row.lineage, end, cancellation, isTolerant, defaults }
  const scope = new Scope(plan, parts)
  track.advance({ ...row, scope, value: deepFreeze(value) }, 0)
  return undefined
}

/** Ways of `when` lead to one row, also where a function could decide for many. */
function isOneOf({ verb }: BranchNode, { many }: Plan): boolean {
  return verb === 'when' && many === 'dynamic'
}

function notOne({ label }: BranchNode, { name }: Plan): ClientError {
  return new ClientError(
    'INVALID_PLAN',
    `'${name}' of ${label}() must lead to one row, and its function gave a list; aggregate() at its end`,
  )
}

/** A pipeline as a step: its whole output becomes the row, or a column. */
export function nest(
  track: Track,
  row: Row,
  { node, place }: { node: NestNode; place: number },
): Row | undefined {
  const wanted: unknown = node.when ? node.when(row.value) : true
  if (!isThenable(wanted))
    return wanted ? enter(track, row, { node, place }) : leaveOut(track, row, node)
  track.await(wanted, { row, node, place }, (isWanted) => {
    if (!isWanted) {
      track.advance(leaveOut(track, row, node), place + 1)
      return
    }
    try {
      const next = enter(track, row, { node, place })
      if (next) track.advance(next, place + 1)
    } catch (thrown) {
      track.fail({ row, node, place }, thrown)
    }
  })
  return undefined
}

function leaveOut(track: Track, row: Row, node: NestNode): Row {
  return skip(track, row, { node, origin: row.scope.prefix + node.label, why: 'when' })
}

function lack(
  track: Track,
  row: Row,
  { node, origin }: { readonly node: NestNode; readonly origin: string },
): Row {
  return skip(track, row, { node, origin, why: `'${origin}' is absent` })
}

function enter(
  track: Track,
  row: Row,
  { node, place }: { node: NestNode; place: number },
): Row | undefined {
  const { label, as, plan } = node
  const { scope } = row
  const nothing = originOfNothing(node, row)
  if (nothing !== undefined) return lack(track, row, { node, origin: nothing })
  const given: unknown = node.with ? node.with(row.value) : row.value
  let value: unknown
  try {
    value = node.fit(given)
  } catch (thrown) {
    const origin = originOfAbsence(node, row, thrown)
    if (origin === undefined) throw thrown
    return lack(track, row, { node, origin })
  }
  const prefix = prefixOf(scope.prefix, node, plan.name)
  const { cancellation, isTolerant } = scope
  const inside = node.with ? undefined : absentInside(row, plan)
  const passage = { plan, prefix, row, value, absent: inside, cancellation, isTolerant }
  pass(track, passage, (output) => {
    if (!output) {
      track.release(scope)
      return
    }
    try {
      const next = withColumn(row, { label, column: as }, output.value)
      const missing = absentAfter(node, row, output)
      const origin = output.origin ?? row.origin
      const trail = output.trail ?? row.trail
      track.advance({ ...row, value: next, origin, absent: missing, trail }, place + 1)
    } catch (thrown) {
      track.fail({ row, node, place }, thrown)
    }
  })
  return undefined
}
