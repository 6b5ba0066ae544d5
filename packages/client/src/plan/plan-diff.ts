import { canonicalJson } from '@skein/workflows'
import { isRecord } from '../guards.ts'
import { prefixOf, plansIn, type GraphNode, type Plan, type PlanNode } from './plan.ts'
import { nodeToJson } from './plan-json.ts'
import { plainOf, SEALED } from './snapshot.ts'
import { shapeToJson } from './schema-text.ts'
import { wiringToJson } from './wire-text.ts'

/** How a plan differs from another. */
export interface PlanChange {
  readonly kind: 'add' | 'remove' | 'change' | 'move'
  /** The step, with the plans around it; empty for the plan itself. */
  readonly step: string
  /** What of it is another. */
  readonly what?: readonly string[]
}

type Json = Readonly<Record<string, unknown>>

/** What became of a plan: steps that are new, gone, other than they were, or in another place. */
export function diffPlans(before: Plan, after: Plan): PlanChange[] {
  const old = new Map(entriesOf(before))
  const now = new Map(entriesOf(after))
  const kept = [...now.keys()].filter((step) => old.has(step))
  const moved = movedOf(
    [...old.keys()].filter((step) => now.has(step)),
    kept,
  )
  return [
    ...headChanges(before, after),
    ...[...old.keys()].filter((step) => !now.has(step)).map((step) => change('remove', step)),
    ...[...now.keys()].filter((step) => !old.has(step)).map((step) => change('add', step)),
    ...kept.flatMap((step) => {
      const what = differences(old.get(step) ?? {}, now.get(step) ?? {})
      return what.length === 0 ? [] : [{ ...change('change', step), what }]
    }),
    ...kept.filter((step) => moved.has(step)).map((step) => change('move', step)),
  ]
}

function change(kind: PlanChange['kind'], step: string): PlanChange {
  return { kind, step }
}

function headChanges(before: Plan, after: Plan): PlanChange[] {
  const what = differences(headOf(before), headOf(after))
  return what.length === 0 ? [] : [{ kind: 'change', step: '', what }]
}

function headOf({ name, version, input, context }: Plan): Json {
  return plainOf({ name, version, input: input && shapeToJson(input), context })
}

/** Every node by name, without the plans inside it: these have entries of their own. */
function entriesOf(plan: Plan, prefix = ''): [string, Json][] {
  return plan.nodes.flatMap((node) => [
    [prefix + node.label, plainOf(ownOf(node))] as [string, Json],
    ...plansIn(node).flatMap(([name, inner]) => entriesOf(inner, prefixOf(prefix, node, name))),
  ])
}

function ownOf(node: PlanNode): Json {
  const json = nodeToJson(node, SEALED)
  if (node.kind === 'graph') return { wires: wiresOf(node), when: testsOf(node) }
  const { steps: _steps, otherwise: _otherwise, parallel: _parallel, cases: _cases, ...own } = json
  if (node.kind === 'branch' && node.verb === 'pipe' && isRecord(own['pipe'])) {
    return { pipe: { ...own['pipe'], steps: [] } }
  }
  return { ...own, branches: plansIn(node).map(([name]) => name) }
}

/** How the steps of a graph hang together. */
function wiresOf({ parts, output }: GraphNode): Json {
  const names = parts.map(({ plan }) => plan.name)
  const wires = parts.map(({ plan, wiring }) => [plan.name, wiringToJson(wiring, names)])
  return { steps: Object.fromEntries(wires), output: wiringToJson(output, names) }
}

/** What decides whether its steps run. */
function testsOf({ parts }: GraphNode): Json {
  const tests = parts.flatMap(({ plan, condition }) =>
    condition ? [[plan.name, SEALED.function(condition.test)] as const] : [],
  )
  return Object.fromEntries(tests)
}

function differences(before: Json, after: Json): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => textOf(before[name]) !== textOf(after[name]))
}

function textOf(value: unknown): string {
  return value === undefined ? '' : canonicalJson(value)
}

/** The fewest that must change places to make one order of the other. */
function movedOf(before: readonly string[], after: readonly string[]): ReadonlySet<string> {
  const places = new Map(before.map((step, place) => [step, place]))
  const order = after.map((step) => places.get(step) ?? 0)
  const stay = longestRise(order)
  return new Set(after.filter((_, i) => !stay.has(i)))
}

/** Places of the longest part of a list that rises. */
function longestRise(list: readonly number[]): ReadonlySet<number> {
  /** For each place, the longest rise that ends there. */
  const rises: (readonly number[])[] = []
  let longest: readonly number[] = []
  for (const [place, value] of list.entries()) {
    const before = rises.filter((_, i) => (list[i] ?? 0) < value)
    const rise = [
      ...before.reduce((one, other) => (other.length > one.length ? other : one), []),
      place,
    ]
    rises.push(rise)
    if (rise.length > longest.length) longest = rise
  }
  return new Set(longest)
}
