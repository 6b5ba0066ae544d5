import { inputNamesOf } from '../plan/fit-input.ts'
import { isRecord } from '../guards.ts'
import { Misfit } from '../plan/misfit.ts'
import type { NestNode, StepNode } from '../plan/plan.ts'
import { withColumn } from './row-verbs.ts'
import type { Absences, Row } from './scope.ts'
import { withValue, type Track } from './track.ts'

/** Absence: what a step leaves that was skipped, and what becomes of those that need it. */

interface Skip {
  readonly node: StepNode | NestNode
  /** The step that began it. */
  readonly origin: string
  readonly why: string
}

/** The row without what the step would have given. */
export function skip(track: Track, row: Row, { node, origin, why }: Skip): Row {
  track.skipped(row, node.label, why)
  // What is absent as a whole has no columns, and stays as absent as it was.
  if (originOfNothing(node, row) !== undefined) return row
  const value = withColumn(row, { label: node.label, column: node.as }, undefined)
  const absent = node.as === undefined ? { '': origin } : { ...row.absent, [node.as]: origin }
  return { ...withValue(row, value), absent }
}

/** The skipped step because of which there is nothing at all; none if there is something. */
export function originOfNone({ value, absent }: Pick<Row, 'value' | 'absent'>): string | undefined {
  return value === undefined ? absent?.[''] : undefined
}

/** The skipped step because of which there is no row that could gain the node's column. */
export function originOfNothing({ as }: StepNode | NestNode, row: Row): string | undefined {
  return as === undefined ? undefined : originOfNone(row)
}

/** What is missing of the row once it has an answer of which that is missing. */
export function absentAfter(
  { as }: StepNode | NestNode,
  row: Row,
  answer: Absences | undefined,
): Absences | undefined {
  if (as === undefined) return answer
  const skipped = answer?.['']
  return skipped === undefined ? row.absent : { ...row.absent, [as]: skipped }
}

/** The skipped step because of which the row does not fit; none if it would not fit anyway. */
export function originOfAbsence(
  node: StepNode | NestNode,
  row: Row,
  misfit: unknown,
): string | undefined {
  if (!(misfit instanceof Misfit) || !misfit.isLack) return undefined
  const { absent = {}, value, scope } = row
  if (value === undefined) return absent['']
  if (!isRecord(value)) return undefined
  const names = namesOf(node)
  const isMissing = (name: string) =>
    value[name] === undefined && (names === undefined || names.includes(name))
  const column = Object.keys(absent).find(isMissing)
  if (column !== undefined) return absent[column]
  // An optional input that was not given is as absent as what a step left out.
  const input = node.with ? undefined : scope.plan.inputNames?.find(isMissing)
  return input === undefined ? undefined : `input '${input}'`
}

/** What the node takes of the row, where that is known. */
function namesOf(node: StepNode | NestNode): readonly string[] | undefined {
  if (node.with) return undefined
  return node.kind === 'nest' ? node.plan.inputNames : inputNamesOf(node.work)
}
