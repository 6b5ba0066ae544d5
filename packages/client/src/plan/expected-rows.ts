import type { Plan, PlanNode } from './plan.ts'

/** How many rows each step of the plan will see, where the plan alone tells; inner plans are left out. */
export function expectedRows(plan: Plan, inputs: number): ReadonlyMap<string, number> {
  const expected = new Map<string, number>()
  let rows: number | undefined = inputs
  for (const node of plan.nodes) {
    if (rows !== undefined && node.kind === 'step') expected.set(node.label, rows)
    rows = rowsAfter(node, rows, inputs)
  }
  return expected
}

/** Verbs after which there are as many rows as before, unless some fail. */
const EVEN: ReadonlySet<PlanNode['kind']> = new Set(['map', 'tap', 'nest', 'parallel', 'graph'])

function rowsAfter(node: PlanNode, rows: number | undefined, inputs: number): number | undefined {
  if (node.kind === 'aggregate') return node.by || node.size !== undefined ? undefined : inputs
  if (rows === undefined || EVEN.has(node.kind)) return rows
  if (node.kind === 'broadcast') return rows * node.copies
  const isEven = node.kind === 'step' ? node.models !== 'all' : isChoice(node)
  return isEven ? rows : undefined
}

function isChoice(node: PlanNode): boolean {
  return node.kind === 'branch' && node.verb !== 'pipe'
}
