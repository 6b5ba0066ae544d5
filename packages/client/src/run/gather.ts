import { deepFreeze } from '../freeze.ts'
import { isList, isThenable } from '../guards.ts'
import type { AggregateNode, CallbackNode } from '../plan/plan.ts'
import type { Row, RowOrigin, Scope } from './scope.ts'
import type { TaskResult } from './task-result.ts'

/** What becomes of the rows of a scope, in order, at a barrier. */
export function gather(
  node: AggregateNode | CallbackNode,
  rows: readonly Row[],
  scope: Scope,
): readonly Row[] | PromiseLike<readonly Row[]> {
  if (node.kind === 'aggregate') {
    scope.many = node.by !== undefined || node.size !== undefined
    return aggregate(node, rows, scope)
  }
  const made = node.make(rows.map(resultOf))
  const rowsOf = (value: unknown): readonly Row[] => {
    scope.many = isList(value)
    return isList(value) ? value.map((one, i) => newRow(scope, one, i)) : [newRow(scope, value)]
  }
  return isThenable(made) ? made.then(rowsOf) : rowsOf(made)
}

function aggregate({ by, size }: AggregateNode, rows: readonly Row[], scope: Scope): Row[] {
  const values = rows.map((row) => row.value)
  if (by) {
    const groups = Map.groupBy(values, by)
    return Array.from(groups.values(), (group, i) => newRow(scope, group, i))
  }
  if (size === undefined) return [newRow(scope, values)]
  const count = Math.ceil(values.length / size)
  return Array.from({ length: count }, (_, i) =>
    newRow(scope, values.slice(i * size, (i + 1) * size), i),
  )
}

/** With an index it is one of several; without, it stands where its scope stands. */
function newRow(scope: Scope, value: unknown, index?: number): Row {
  const lineage = index === undefined ? scope.base : [...scope.base, index]
  return { scope, lineage, value: deepFreeze(value), origin: undefined, absent: undefined }
}

/** The origin of rows that no step made. */
const NOWHERE: RowOrigin = {
  input: undefined,
  task: '',
  step: '',
  node: 'local',
  peer: '',
  model: '',
  tokens: { input: 0, output: 0 },
  ms: 0,
}

function resultOf({ value, origin = NOWHERE }: Row): TaskResult<unknown> {
  return { ...origin, output: value }
}
