import { inputNamesOf } from '../plan/fit-input.ts'
import { isRecord, ownMember } from '../guards.ts'
import {
  missingOf,
  originAt,
  originIn,
  originOfNone,
  originWithin,
  type Lacking,
} from './missing.ts'
import { Misfit } from '../plan/misfit.ts'
import type { NestNode, Plan, StepNode } from '../plan/plan.ts'
import { withColumn } from './row-verbs.ts'
import type { Absences, Row } from './scope.ts'
import { withValue, type Track } from './track.ts'
import { lackInside } from '../plan/workflow-lack.ts'

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

/** The skipped step because of which there is no row that could gain the node's column. */
export function originOfNothing({ as }: StepNode | NestNode, row: Row): string | undefined {
  return as === undefined ? undefined : originOfNone(row)
}

/** What is missing of the row once it has an answer of which that is missing. */
export function absentAfter(
  { as }: StepNode | NestNode,
  row: Row,
  answer: Lacking,
): Absences | undefined {
  if (as === undefined) return answer.absent
  const missing = missingOf(answer)
  if (missing !== undefined) return { ...row.absent, [as]: missing }
  if (ownMember(row.absent, as) === undefined) return row.absent
  // The column has an answer now, be it undefined.
  const { [as]: _, ...others } = row.absent ?? {}
  return others
}

/** What is missing of a row in a plan: there is its only input what was the whole row. */
export function absentInside(row: Lacking, { inputNames: names = [] }: Plan): Absences | undefined {
  const [only] = names
  const origin = originOfNone(row)
  if (origin === undefined || only === undefined || names.length > 1) return row.absent
  return { [only]: origin }
}

/** A row, and the plan whose inputs may be among its columns. */
export interface Lacker extends Lacking {
  readonly scope: { readonly plan: Plan }
}

/** The skipped step because of which the row does not fit; none if it would not fit anyway. */
export function originOfAbsence(
  node: StepNode | NestNode,
  row: Lacker,
  misfit: unknown,
): string | undefined {
  if (!(misfit instanceof Misfit) || misfit.places.length === 0) return undefined
  const { absent, value } = row
  if (value === undefined) return originIn(absent, '')
  if (node.with) return originWithin(absent, value)
  return originOfColumn(node, row, misfit) ?? originInside(absent, misfit)
}

/** The same for a row that fits: of a workflow's input, nodes alone see what is inside. */
export function originOfGap(
  node: StepNode | NestNode,
  row: Lacker,
  fitted: { readonly given: unknown; readonly input: unknown },
): string | undefined {
  if (node.kind === 'nest' || node.work.kind === 'local') return undefined
  const misfit = lackInside(node.work.workflow, fitted.given, fitted.input)
  return misfit && originOfAbsence(node, row, misfit)
}

function originOfColumn(
  node: StepNode | NestNode,
  { absent = {}, value, scope }: Lacker,
  misfit: Misfit,
): string | undefined {
  if (!isRecord(value)) return undefined
  const names = node.kind === 'nest' ? node.plan.inputNames : inputNamesOf(node.work)
  const isMissing = (name: string) =>
    ownMember(value, name) === undefined &&
    (names === undefined || names.includes(name)) &&
    misfit.mayBeOf(name)
  const column = Object.keys(absent).find(
    (name) => isMissing(name) && typeof absent[name] === 'string',
  )
  if (column !== undefined) return originIn(absent, column)
  // An optional input that was not given is as absent as what a step left out.
  const input = scope.plan.inputNames?.find(isMissing)
  return input === undefined ? undefined : `input '${input}'`
}

function originInside(absent: Absences | undefined, { places }: Misfit): string | undefined {
  return places.map((place) => originAt(absent, place)).find((origin) => origin !== undefined)
}
