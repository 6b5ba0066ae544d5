import { DEFAULT_MAX_STEPS, type WorkflowDocument } from '../document/document.ts'
import { reach, type Effort, type StepGraph } from './step-graph.ts'
import type { Finding } from './finding.ts'

/** Whether the shortest way to the end has more steps than a run may take. */
export function checkLimits(
  { limits = {}, steps }: WorkflowDocument,
  graph: StepGraph,
  effort: Effort,
): readonly Finding[] {
  const { maxSteps = DEFAULT_MAX_STEPS } = limits
  // Steps that are skipped are not counted.
  if (steps.some(({ when, optional }) => when !== undefined || optional === true)) return []
  const reached = reach(graph.next, { from: [graph.start], effort })
  if (!reached.has(graph.end)) return []
  const least = reached.wayTo(graph.end).filter((place) => place < graph.steps).length
  if (least <= maxSteps) return []
  return [
    {
      severity: 'error',
      code: 'TOO_FEW_STEPS',
      path: limits.maxSteps === undefined ? 'limits' : 'limits.maxSteps',
      message: `the shortest way to the end takes ${least} steps, and ${maxSteps} are allowed`,
      mend: `Set limits.maxSteps to ${least} or more.`,
    },
  ]
}
