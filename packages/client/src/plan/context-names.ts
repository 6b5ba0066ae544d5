import { ClientError } from '../errors.ts'
import { namesOf } from './fit-input.ts'
import { plansIn, type Defaults, type Plan, type PlanNode } from './plan.ts'

/**
 * Refuses a value that takes the place of none: no step declares its name, and the run that is done again was not given it.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the value and what the steps declare
 */
export function insistOnTaken(plan: Plan, given: Defaults, before: Defaults): void {
  const declared = new Set<string>()
  if (!collect(plan, declared)) return
  const stray = Object.keys(given).find((name) => !declared.has(name) && !(name in before))
  if (stray === undefined) return
  const names = declared.size === 0 ? 'they take none' : `they take ${[...declared].join(', ')}`
  throw new ClientError('INVALID_INPUT', `no step takes the context '${stray}'; ${names}`)
}

/** Gathers what the steps of a plan declare; false where some of its steps are chosen only as it runs. */
function collect({ nodes, context = {} }: Plan, names: Set<string>): boolean {
  for (const name of Object.keys(context)) names.add(name)
  return nodes.every((node) => {
    if (node.kind === 'step' && node.work.kind === 'local' && node.work.step.context) {
      for (const name of namesOf(node.work.step.context) ?? []) names.add(name)
    }
    return !isOpen(node) && plansIn(node).every(([, inner]) => collect(inner, names))
  })
}

function isOpen(node: PlanNode): boolean {
  return node.kind === 'branch' && node.verb === 'pipe' && node.by !== undefined
}
