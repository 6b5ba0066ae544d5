import { listed } from '../compile/compile-keys.ts'
import { END, type Body, type WorkflowDocument } from '../document/document.ts'
import { brokenParts } from './check-parts.ts'
import { checkFlow } from './check-flow.ts'
import {
  unknownKeys,
  unreadInputs,
  unreadInserts,
  unreadKeys,
  unwrittenKeys,
} from './check-keys.ts'
import { lostPaths } from './check-paths.ts'
import { checkLimits } from './check-limits.ts'
import { freeReads, type FreeRead } from './check-reads.ts'
import { factsOf, type BodyFacts } from './facts.ts'
import type { Finding } from './finding.ts'
import { placeOf } from '../document/place.ts'
import { Effort, graphOf, reach } from './step-graph.ts'

/**
 * Places of graphs that all searches of one check may come to: some 0.3 s. Documents that a person writes take a
 * thousandth of it.
 */
const MOST_PLACES = 30_000_000

/** Checks a document that has the right form. */
export function checkBody(document: WorkflowDocument): readonly Finding[] {
  const facts = factsOf(document, [], [])
  const broken = [
    ...brokenParts(facts, document),
    ...brokenTexts(facts),
    ...brokenLinks(facts),
    ...unknownKeys(facts, document),
  ]
  if (broken.length > 0) return broken
  const effort = new Effort(MOST_PLACES)
  const { findings, free } = walkBodies(facts, effort)
  return [
    ...unwrittenKeys(free, document),
    ...lostPaths(facts, document),
    ...findings,
    ...checkLimits(document, graphOf(document), effort),
    ...unreadKeys(facts),
    ...unreadInserts(facts),
    ...unreadInputs(facts, document),
    ...(effort.isSpent ? [PARTLY_CHECKED] : []),
  ]
}

const PARTLY_CHECKED: Finding = {
  severity: 'warning',
  code: 'PARTLY_CHECKED',
  path: '',
  message: 'the workflow has too many branches to follow all of them: some keys were not checked',
  mend: 'Cut it into several workflows.',
}

function walkBodies(
  facts: BodyFacts,
  effort: Effort,
): { readonly findings: readonly Finding[]; readonly free: readonly FreeRead[] } {
  const inside = facts.steps.map(({ bodies }) => bodies.map((inner) => walkBodies(inner, effort)))
  const graph = graphOf(facts.body)
  const reached = reach(graph.next, { from: [graph.start], effort })
  const inner = inside.map((bodies) => bodies.flatMap(({ free }) => free))
  return {
    findings: [
      ...checkFlow({ facts, graph, effort }, reached),
      ...inside.flat().flatMap(({ findings }) => findings),
    ],
    free: freeReads({ facts, graph, effort, reached, inner }),
  }
}

/** Prompts that cannot be read. */
function brokenTexts({ steps }: BodyFacts): readonly Finding[] {
  return steps.flatMap(({ reads, bodies }) => [
    ...reads.flatMap(({ path, problem }): Finding[] =>
      problem === undefined
        ? []
        : [
            {
              severity: 'error',
              code: 'UNREADABLE',
              path: placeOf(path),
              message: problem,
              mend: HOW_PROMPTS_READ,
            },
          ],
    ),
    ...bodies.flatMap(brokenTexts),
  ])
}

const HOW_PROMPTS_READ =
  'A prompt has {{name}}, {{#each list}}…{{/each}}, {{#if name}}…{{else}}…{{/if}} and {{#unless name}}…{{/unless}}.'

/** Edges to steps that are not there, steps with the id of another. */
function brokenLinks(facts: BodyFacts): readonly Finding[] {
  const { body, path, steps } = facts
  const ids = new Set(body.steps.map(({ id }) => id))
  const unknown = (id: string | undefined): boolean =>
    id !== undefined && id !== END && !ids.has(id)
  const link = (id: string, place: readonly PropertyKey[]): Finding => ({
    severity: 'error',
    code: 'UNKNOWN_STEP',
    path: placeOf([...path, ...place]),
    message: `there is no step '${id}'`,
    mend: `There are ${listed([...ids, END])}.`,
  })
  const edges = (body.edges ?? []).flatMap((edge, index) =>
    targetsOf(edge).flatMap(([member, id]) =>
      unknown(id) || (member === 'from' && id === END)
        ? [link(id ?? '', ['edges', index, member])]
        : [],
    ),
  )
  const loose = (body.edges ?? []).flatMap((edge, index): Finding[] =>
    edge.else === undefined || edge.if !== undefined
      ? []
      : [
          {
            severity: 'error',
            code: 'UNREADABLE',
            path: placeOf([...path, 'edges', index, 'else']),
            message: `it has an 'else' but no 'if'`,
            mend: `Add a condition under 'if', or leave out 'else'.`,
          },
        ],
  )
  const start = unknown(body.start) ? [link(body.start ?? '', ['start'])] : []
  return [
    ...sameIds(facts),
    ...start,
    ...edges,
    ...loose,
    ...steps.flatMap(({ bodies }) => bodies.flatMap(brokenLinks)),
  ]
}

function sameIds({ steps }: BodyFacts): readonly Finding[] {
  const seen = new Set<string>()
  return steps.flatMap(({ step: { id }, path }): Finding[] => {
    if (id !== END && !seen.has(id)) {
      seen.add(id)
      return []
    }
    return [
      {
        severity: 'error',
        code: 'SAME_ID',
        path: placeOf([...path, 'id']),
        message:
          id === END ? `'${END}' is the id of the end` : `another step has the id '${id}', too`,
        mend: 'Give it an id of its own, also in the edges that lead to it.',
      },
    ]
  })
}

function targetsOf(
  edge: NonNullable<Body['edges']>[number],
): readonly (readonly [string, string | undefined])[] {
  return [
    ['from', edge.from],
    ['to', edge.to],
    ['else', edge.else],
    ['fallback', edge.fallback],
  ]
}
