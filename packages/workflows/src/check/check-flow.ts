import type { Condition } from '../document/document.ts'
import { keyOfInput } from '../compile/compile-keys.ts'
import { circlesOf } from './circles.ts'
import { popsOf, type BodyFacts } from './facts.ts'
import { quoted, type Finding } from './finding.ts'
import { placeOf } from '../document/place.ts'
import { reach, reversed, type Effort, type Reached, type StepGraph } from './step-graph.ts'

/** Where a body leads: steps that never run, circles without an end, edges that are never tried. */
export function checkFlow(
  { facts, graph, effort }: { facts: BodyFacts; graph: StepGraph; effort: Effort },
  reached: Reached,
): readonly Finding[] {
  const { next, end } = graph
  const ending = reach(reversed(next), { from: [end], effort })
  return [
    ...unreachable(facts, reached),
    ...deadEdges(facts, graph),
    ...endless(facts, { reached, ending }),
    ...openEnds({ facts, graph, reached }),
    ...idleCircles(facts, graph),
  ]
}

function unreachable({ steps }: BodyFacts, reached: Reached): readonly Finding[] {
  return steps.flatMap(({ step, path }, index): Finding[] =>
    reached.has(index)
      ? []
      : [
          {
            severity: 'warning',
            code: 'UNREACHABLE_STEP',
            path: placeOf(path),
            message: `step '${step.id}' never runs: no way leads to it from the first step`,
            mend: `Add an edge to '${step.id}', or remove the step.`,
          },
        ],
  )
}

function deadEdges({ body, path }: BodyFacts, { dead }: StepGraph): readonly Finding[] {
  return dead.map((number) => {
    const { from = '', to = '' } = body.edges?.[number] ?? {}
    return {
      severity: 'warning',
      code: 'UNREACHABLE_EDGE',
      path: placeOf([...path, 'edges', number]),
      message: `the edge from '${from}' to '${to}' is never tried: an edge before it is always taken`,
      mend: `Edges of one step are tried in order: give those before it an 'if' without an 'else', or remove this one.`,
    }
  })
}

/** Steps that run and never come to the end. */
function endless(
  { steps, path }: BodyFacts,
  { reached, ending }: { readonly reached: Reached; readonly ending: Reached },
): readonly Finding[] {
  const lost = steps.filter((_, index) => reached.has(index) && !ending.has(index))
  const [first] = lost
  if (first === undefined) return []
  const ids = lost.map(({ step }) => step.id)
  const subject = ids.length === 1 ? `step ${quoted(ids)} leads` : `steps ${quoted(ids)} lead`
  const where = path.length === 0 ? 'the workflow' : 'this body'
  return [
    {
      severity: 'error',
      code: 'NO_END',
      path: placeOf(first.path),
      message: `${subject} round in a circle and never to the end of ${where}`,
      mend: `Add an edge from one of them to '_end', or to a step that leads there.`,
    },
  ]
}

interface Open {
  readonly facts: BodyFacts
  readonly graph: StepGraph
  readonly reached: Reached
}

/** Steps all of whose edges have a condition: when none holds, the step fails. */
function openEnds({ facts: { body, steps, path }, graph, reached }: Open): readonly Finding[] {
  const edges = body.edges ?? []
  return steps.flatMap(({ step }, index): Finding[] => {
    const last = graph.ways[index]?.at(-1)?.edge
    const edge = last === undefined ? undefined : edges[last]
    const isOpen = edge?.if !== undefined && edge.else === undefined
    if (last === undefined || !isOpen || !reached.has(index)) return []
    return [
      {
        severity: 'warning',
        code: 'NO_WAY_ON',
        path: placeOf([...path, 'edges', last]),
        message: `step '${step.id}' fails when the condition of none of its edges holds`,
        mend: `Give its last edge an 'else', or add an edge without 'if' after it.`,
      },
    ]
  })
}

/** Circles that are left only on conditions which nothing in them can change. */
function idleCircles(facts: BodyFacts, graph: StepGraph): readonly Finding[] {
  const { next, start, steps: count } = graph
  return circlesOf(next, start).flatMap((members): Finding[] => {
    const inside = new Set(members)
    const steps = members.filter((place) => place < count).toSorted((a, b) => a - b)
    if (failureLeaves(graph, { steps, inside })) return []
    const conditions = exitConditions(facts, graph, { steps, inside })
    const first = facts.steps[steps[0] ?? 0]
    if (conditions.length === 0 || first === undefined || changes(facts, steps, conditions))
      return []
    const keys = [...new Set(conditions.map(({ input }) => keyOfInput(input) ?? 'the input'))]
    const ids = steps.map((step) => facts.steps[step]?.step.id ?? '')
    return [
      {
        severity: 'warning',
        code: 'ENDLESS_CIRCLE',
        path: placeOf(first.path),
        message: `the circle of ${quoted(ids)} is left on ${quoted(keys)}, which no step in it writes: it is left at the first try or never`,
        mend: `Let a step of the circle write ${quoted(keys)}, or use what it does write in the condition. limits.maxSteps ends it otherwise.`,
      },
    ]
  })
}

interface Circle {
  /** Its steps, by index. */
  readonly steps: readonly number[]
  /** Its places. */
  readonly inside: ReadonlySet<number>
}

function failureLeaves({ fallbacks }: StepGraph, { steps, inside }: Circle): boolean {
  return steps.some((step) => {
    const fallback = fallbacks[step]
    return fallback !== undefined && !inside.has(fallback)
  })
}

/** The conditions that decide whether the circle is left; empty where something else leaves it, or nothing does. */
function exitConditions(
  { body: { edges = [] } }: BodyFacts,
  { ways }: StepGraph,
  { steps, inside }: Circle,
): readonly Condition[] {
  const leaving = steps.filter((step) => ways[step]?.some(({ to }) => !inside.has(to)))
  return leaving.flatMap((step) =>
    (ways[step] ?? []).flatMap(({ edge }) => {
      const condition = edge === undefined ? undefined : edges[edge]?.if
      return condition === undefined ? [] : [condition]
    }),
  )
}

/** Whether steps of a circle change what conditions look at. */
function changes(
  facts: BodyFacts,
  steps: readonly number[],
  conditions: readonly Condition[],
): boolean {
  const written = new Set(
    steps.flatMap((step) => {
      const { writes = [], pops = [] } = facts.steps[step] ?? {}
      return [...writes.map(({ key }) => key), ...pops]
    }),
  )
  const inserts = steps.some((step) => facts.steps[step]?.inserts !== undefined)
  return conditions.some(({ input, expression }) => {
    if (popsOf(input).length > 0 || (inserts && expression === 'HaveSimilar')) return true
    const key = keyOfInput(input)
    return key !== undefined && written.has(key)
  })
}
