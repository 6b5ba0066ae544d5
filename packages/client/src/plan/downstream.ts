import { ClientError } from '../errors.ts'
import {
  isMadeLater,
  plansIn,
  prefixOf,
  stepsOf,
  type GraphNode,
  type Plan,
  type PlanNode,
} from './plan.ts'

/**
 * The step of that name and all that come after it: what has to be done again when it is. Steps beside it, in other
 * branches, are not.
 *
 * @throws {ClientError} `INVALID_INPUT` there is no such step
 */
export function stepsAfter(plan: Plan, from: string): readonly string[] {
  const after = find(plan, from, '')
  if (after) return after
  const names = stepsOf(plan).map(({ name }) => `'${name}'`)
  const those = names.length === 0 ? 'none at all' : names.join(', ')
  const message = `'${plan.name}' has no step '${from}'; it has ${those}`
  throw new ClientError('INVALID_INPUT', message)
}

function find(plan: Plan, from: string, prefix: string): string[] | undefined {
  for (const [place, node] of plan.nodes.entries()) {
    const found = findIn(node, from, prefix)
    if (found)
      return [...found, ...plan.nodes.slice(place + 1).flatMap((one) => namesIn(one, prefix))]
  }
  return undefined
}

function findIn(node: PlanNode, from: string, prefix: string): string[] | undefined {
  if (prefix + node.label === from) return namesIn(node, prefix)
  for (const [place, [name, inner]] of plansIn(node).entries()) {
    const found = find(inner, from, prefixOf(prefix, node, name))
    if (!found) continue
    return node.kind === 'graph' ? [...found, ...followersOf(node, place, prefix)] : found
  }
  return undefined
}

/** Steps of the parts of a graph that need this one, near or far. */
function followersOf(node: GraphNode, place: number, prefix: string): string[] {
  const affected = new Set([place])
  // None needs one that comes after it: once through is enough.
  for (const [follower, { needs }] of node.parts.entries()) {
    if (needs.some((need) => affected.has(need))) affected.add(follower)
  }
  affected.delete(place)
  const parts = node.parts.filter((_, index) => affected.has(index))
  return parts.flatMap(({ plan }) => stepsOf(plan, prefixOf(prefix, node, plan.name))).map(nameOf)
}

/** Names of the steps of a node; for plans made at run time, what their names begin with. */
function namesIn(node: PlanNode, prefix: string): string[] {
  if (isMadeLater(node)) return [`${prefix}${node.label}.`]
  return stepsOf({ ...EMPTY, nodes: [node] }, prefix).map(nameOf)
}

const EMPTY: Plan = { name: '', input: undefined, inputNames: undefined, nodes: [], many: false }

function nameOf({ name }: { readonly name: string }): string {
  return name
}

/** Whether a step is one of them, belongs to one, or is a pipeline whose answer is made of one of theirs. */
export function isAmong(names: readonly string[], step: string): boolean {
  return names.some((name) => {
    if (name === step || name.startsWith(`${step}/`)) return true
    return step.startsWith(name.endsWith('.') ? name : `${name}/`)
  })
}
