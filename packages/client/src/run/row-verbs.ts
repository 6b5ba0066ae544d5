import { ClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { isList, isRecord, isThenable } from '../guards.ts'
import type {
  BroadcastNode,
  FilterNode,
  MapNode,
  PlanNode,
  RowNode,
  ScatterNode,
} from '../plan/plan.ts'
import { missingInColumn, missingOfElement, originOfNone } from './missing.ts'
import type { Absences, Row } from './scope.ts'
import { withValue, type Stop, type Track } from './track.ts'
import { trailsIn, type Trail } from './trail.ts'

/** The row as it goes on; none when it does not, or not now. Throws what the user's function throws. */
export function applyVerb(track: Track, { row, place }: Stop, node: RowNode): Row | undefined {
  if (node.kind === 'filter') return sift(track, row, { node, place })
  if (node.kind === 'scatter') return scatter(track, row, { node, place })
  if (node.kind === 'broadcast') return broadcast(track, row, { node, place })
  return change(track, row, { node, place })
}

interface At<N extends PlanNode> {
  readonly node: N
  readonly place: number
}

function change(track: Track, row: Row, { node, place }: At<MapNode>): Row | undefined {
  const result = node.run(row.value, row.lineage.at(-1) ?? 0)
  const then = (value: unknown) => (node.kind === 'tap' ? row : withValue(row, value))
  if (!isThenable(result)) return then(result)
  track.await(result, { row, node, place }, (value) => {
    track.advance(then(value), place + 1)
  })
  return undefined
}

function sift(track: Track, row: Row, { node, place }: At<FilterNode>): Row | undefined {
  const result = node.test(row.value)
  if (!isThenable(result)) {
    if (result) return row
    track.release(row.scope)
    return undefined
  }
  track.await(result, { row, node, place }, (passes) => {
    if (passes) track.advance(row, place + 1)
    else track.release(row.scope)
  })
  return undefined
}

function scatter(track: Track, row: Row, { node, place }: At<ScatterNode>): undefined {
  const { column, label } = node
  const list = column === undefined ? row.value : isRecord(row.value) && row.value[column]
  if (!isList(list)) {
    const what = column === undefined ? 'the row' : `column '${column}'`
    throw new ClientError('STEP_FAILED', `${label}: ${what} is no list`, { retryable: false })
  }
  const around = column === undefined ? row : spread(row, label)
  const valueOf = (i: number) =>
    column === undefined ? list[i] : withColumn(around, node, list[i])
  // What was gathered is told apart again.
  const trails = trailsIn(list)
  const trailOf = (i: number) => (trails ? trails[i] : row.trail)
  const absentOf = (i: number) =>
    column === undefined ? missingOfElement(row.absent, i) : missingInColumn(row.absent, column, i)
  multiply(track, row, { place, count: list.length, valueOf, trailOf, absentOf })
}

function broadcast(track: Track, row: Row, { node, place }: At<BroadcastNode>): undefined {
  const { copies: count, values } = node
  // What is absent as a whole gains no column.
  const as = originOfNone(row) === undefined ? node.as : undefined
  const around = as === undefined ? row : spread(row, node.label)
  const column = { label: node.label, column: as }
  const valueOf = (i: number) =>
    as === undefined ? row.value : withColumn(around, column, values[i])
  const same = { trailOf: () => row.trail, absentOf: () => row.absent }
  multiply(track, row, { place, count, valueOf, ...same })
}

/** The row with its columns as they are now: getters are asked once, and not while copies are under way. */
function spread(row: Row, label: string): Row {
  return { ...row, value: { ...requireColumns(row.value, label) } }
}

/** The rows that a row becomes. */
interface Copies {
  readonly count: number
  readonly valueOf: (index: number) => unknown
  readonly trailOf: (index: number) => Trail | undefined
  readonly absentOf: (index: number) => Absences | undefined
}

/** One row becomes that many, made one by one as there is room for them. */
function multiply(track: Track, row: Row, into: Copies & { readonly place: number }): undefined {
  row.scope.live += into.count
  track.push(into.place + 1, copies(row, into))
  track.release(row.scope)
}

function* copies(row: Row, { count, valueOf, trailOf, absentOf }: Copies): Generator<Row> {
  for (let i = 0; i < count; i++) {
    const { scope, lineage, origin, absent } = row
    const own = { lineage: [...lineage, i], value: valueOf(i), trail: trailOf(i) }
    yield { scope, origin, absent: absent && absentOf(i), ...own }
  }
}

/** The row's value with a column set. Throws where it has no columns. */
export function withColumn(
  row: Row,
  { label, column }: { readonly label: string; readonly column: string | undefined },
  value: unknown,
): unknown {
  if (column === undefined) return value
  return deepFreeze({ ...requireColumns(row.value, label), [column]: value })
}

/** A value that has columns. Throws where it has none. */
export function requireColumns(value: unknown, label: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  const message = `${label}: only a row with columns can gain one`
  throw new ClientError('STEP_FAILED', message, { retryable: false })
}
