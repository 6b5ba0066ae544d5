import { z } from 'zod'
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

/** Gathers what the steps of a plan declare; false where some are chosen only as it runs, or take any name. */
function collect({ nodes, context = {} }: Plan, names: Set<string>): boolean {
  for (const name of Object.keys(context)) names.add(name)
  return nodes.every((node) => {
    if (node.kind === 'step' && node.work.kind === 'local' && node.work.step.context) {
      const { context: shape } = node.work.step
      for (const name of namesOf(shape) ?? []) names.add(name)
      if (takesAnyName(shape)) return false
    }
    return !isOpen(node) && plansIn(node).every(([, inner]) => collect(inner, names))
  })
}

function takesAnyName(shape: z.ZodType): boolean {
  if (!(shape instanceof z.ZodObject)) return true
  const { catchall } = shape.def
  return catchall !== undefined && !(catchall instanceof z.ZodNever)
}

function isOpen(node: PlanNode): boolean {
  return node.kind === 'branch' && node.verb === 'pipe' && node.by !== undefined
}
