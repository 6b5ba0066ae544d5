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
  const declared = contextNamesOf(plan)
  if (!declared) return
  const stray = Object.keys(given).find(
    (name) => !declared.includes(name) && !Object.hasOwn(before, name),
  )
  if (stray === undefined) return
  const names = declared.length === 0 ? 'they take none' : `they take ${declared.join(', ')}`
  throw new ClientError('INVALID_INPUT', `no step takes the context '${stray}'; ${names}`)
}

/** What the steps of a plan declare; none where some are chosen only as it runs, or take any name. */
export function contextNamesOf(plan: Plan): readonly string[] | undefined {
  const names = new Set<string>()
  return collect(plan, names) ? [...names] : undefined
}

/** Gathers names; false where there may be any. */
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
