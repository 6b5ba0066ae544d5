import { deepFreeze } from '../freeze.ts'
import { isList, isThenable } from '../guards.ts'
import type { AggregateNode, CallbackNode } from '../plan/plan.ts'
import { decided } from '../plan/runnable.ts'
import { canonicalText } from '../store/fingerprint.ts'
import { missingOfAll } from './missing.ts'
import type { Row, RowOrigin, Scope } from './scope.ts'
import { joined, withTrails } from './trail.ts'
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
    const trail = joined(rows.map((row) => row.trail))
    const many = isList(value) ? value : [value]
    const parts = { trail, absent: undefined }
    return many.map((one, i) =>
      newRow(scope, { value: one, ...parts }, isList(value) ? i : undefined),
    )
  }
  return isThenable(made) ? made.then(rowsOf) : rowsOf(made)
}

function aggregate({ by, size }: AggregateNode, rows: readonly Row[], scope: Scope): Row[] {
  if (by) {
    const sameAs = equals()
    const groups = Map.groupBy(rows, (row) => sameAs(decided(by(row.value), 'aggregate()')))
    return Array.from(groups.values(), (group, i) => newRow(scope, gathered(group), i))
  }
  if (size === undefined) return [newRow(scope, gathered(rows))]
  const count = Math.ceil(rows.length / size)
  return Array.from({ length: count }, (_, i) =>
    newRow(scope, gathered(rows.slice(i * size, (i + 1) * size)), i),
  )
}

/** Gives for dates, lists and objects the first that was equal to them: two of one day are one group. */
function equals(): (key: unknown) => unknown {
  const first = new Map<string, unknown>()
  return (key) => {
    const text = typeof key === 'object' && key !== null ? textOf(key) : undefined
    if (text === undefined) return key
    if (!first.has(text)) first.set(text, key)
    return first.get(text)
  }
}

/** None for what has no form as a value: it equals itself alone. */
function textOf(key: object): string | undefined {
  try {
    return canonicalText(key)
  } catch {
    return undefined
  }
}

/** Rows as one value. */
function gathered(rows: readonly Row[]): Made {
  const values = rows.map((row) => row.value)
  const trails = rows.map((row) => row.trail)
  return { ...withTrails(values, trails), absent: missingOfAll(rows) }
}

type Made = Pick<Row, 'value' | 'trail' | 'absent'>

/** With an index it is one of several; without, it stands where its scope stands. */
function newRow(scope: Scope, { value, trail, absent }: Made, index?: number): Row {
  const lineage = index === undefined ? scope.base : [...scope.base, index]
  return { scope, lineage, value: deepFreeze(value), trail, origin: undefined, absent }
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
