import { ClientError } from '../errors.ts'
import { prefixOf, type ParallelNode } from '../plan/plan.ts'
import { describeIssues } from '../schema-issues.ts'
import { missingOf, originOfNone } from './missing.ts'
import { pass, type Output } from './passage.ts'
import { requireColumns, withColumn } from './row-verbs.ts'
import type { Absences, Row } from './scope.ts'
import { withValue, type Track } from './track.ts'
import { joined, type Trail } from './trail.ts'

interface At {
  readonly node: ParallelNode
  readonly place: number
}

/**
 * Several plans at once on the same row. When one fails the others are stopped, and the row has failed once all
 * of them have ended; where failures are collected, the others go on.
 */
export function parallel(track: Track, row: Row, { node, place }: At): Row | undefined {
  const outer = row.scope
  const gainsColumns = node.each || node.as !== undefined
  // What is absent as a whole gains none: it stays so.
  if (gainsColumns && originOfNone(row) !== undefined) return row
  if (gainsColumns) requireColumns(row.value, node.label)
  const { cancellation, leave } = outer.cancellation.branch()
  const outputs: Record<string, Output | undefined> = {}
  const isTolerant = node.isTolerant || outer.isTolerant
  let left = Object.keys(node.plans).length
  let failed = false
  for (const [name, plan] of Object.entries(node.plans)) {
    const prefix = prefixOf(outer.prefix, node, name)
    const { value, absent } = row
    pass(track, { plan, prefix, row, value, absent, cancellation, isTolerant }, (output) => {
      outputs[name] = output
      if (!output && !node.isTolerant && !failed) {
        failed = true
        cancellation.cancel(new ClientError('CANCELLED', 'a branch beside it failed'))
      }
      left--
      if (left > 0) return
      leave()
      if (failed) track.release(outer)
      else goOn(track, { row, outputs }, { node, place })
    })
  }
  return undefined
}

interface Ended {
  readonly row: Row
  readonly outputs: Readonly<Record<string, Output | undefined>>
}

function goOn(track: Track, { row, outputs }: Ended, { node, place }: At): void {
  try {
    track.advance(together(node, row, outputs), place + 1)
  } catch (thrown) {
    track.fail({ row, node, place }, thrown)
  }
}

/** The row with what the branches gave. */
function together(node: ParallelNode, before: Row, outputs: Ended['outputs']): Row {
  const { combined, label, as } = node
  const row = { ...before, trail: trailOf(before, outputs) }
  const columns: Record<string, unknown> = {}
  // In the order of the plan, whoever was first.
  for (const name of Object.keys(node.plans)) columns[name] = outputs[name]?.value
  const absent = missingIn(node, outputs)
  const whole = combined && combine(node, columns)
  if (combined && as === undefined) return { ...withValue(row, whole), absent }
  const kept = node.each ? { ...requireColumns(row.value, label), ...columns } : row.value
  const value =
    as === undefined ? kept : withColumn({ ...row, value: kept }, { label, column: as }, whole)
  return { ...withValue(row, value), absent: absent ? { ...row.absent, ...absent } : row.absent }
}

/** What is missing of what the branches gave, by branch. */
function missingIn(
  { plans, label }: ParallelNode,
  outputs: Ended['outputs'],
): Absences | undefined {
  let absent: Record<string, string | Absences> | undefined
  for (const name of Object.keys(plans)) {
    const output = outputs[name]
    const missing = output ? missingOf(output) : `${label}.${name}`
    if (missing !== undefined) (absent ??= {})[name] = missing
  }
  return absent
}

function trailOf({ trail }: Row, outputs: Ended['outputs']): Trail | undefined {
  const trails = Object.values(outputs).map((output) => output?.trail ?? trail)
  return joined(trails)
}

function combine({ combined, label }: ParallelNode, columns: Record<string, unknown>): unknown {
  const parsed = combined?.safeParse(columns)
  if (parsed?.success !== false) return parsed?.data
  const message = `${label}: what the branches gave does not combine: ${describeIssues(parsed.error)}`
  throw new ClientError('STEP_FAILED', message, { retryable: false })
}
