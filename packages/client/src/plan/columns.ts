import { namesOf, takesOthers } from './fit-input.ts'
import type { ParallelNode, Plan, PlanNode } from './plan.ts'

type Columns = ReadonlySet<string> | undefined

/** Columns that rows have when they leave the plan, where the plan alone tells. */
export function columnsOf(plan: Plan): Columns {
  let columns: Columns = plan.inputNames && new Set(plan.inputNames)
  for (const node of plan.nodes) columns = columnsAfter(node, columns)
  return columns
}

/** Columns that the last step gives as its answer, where its schema names them all. */
export function columnsGiven({ nodes }: Plan): Columns {
  const last = nodes.at(-1)
  if (last?.kind !== 'step' || last.as !== undefined || last.work.kind !== 'local') return undefined
  const { output } = last.work.step
  const names = takesOthers(output) ? undefined : namesOf(output)
  return names && new Set(names)
}

/** Verbs that make a row of another kind. */
const MAKERS: ReadonlySet<PlanNode['kind']> = new Set(['map', 'aggregate', 'callback', 'branch'])

function columnsAfter(node: PlanNode, before: Columns): Columns {
  if (node.kind === 'parallel') return columnsBeside(node, before)
  if (node.kind === 'scatter' && node.column === undefined) return undefined
  if (MAKERS.has(node.kind)) return undefined
  const column = 'as' in node ? node.as : undefined
  if (column !== undefined) return plus(before, [column])
  return node.kind === 'step' || node.kind === 'nest' || node.kind === 'graph' ? undefined : before
}

function columnsBeside({ combined, as, each, plans }: ParallelNode, before: Columns): Columns {
  if (combined && as === undefined) return new Set(namesOf(combined))
  return plus(before, [...(each ? Object.keys(plans) : []), ...(as === undefined ? [] : [as])])
}

function plus(before: Columns, more: readonly string[]): Columns {
  return before && new Set([...before, ...more])
}
