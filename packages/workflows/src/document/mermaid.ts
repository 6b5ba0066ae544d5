import { END, type Body, type Condition, type Edge, type Step } from './document.ts'

/** A document's steps and edges as a Mermaid flowchart; equal documents give equal text. */
export function mermaid(body: Body): string {
  return ['flowchart TD', ...bodyLines(body, 's').map((line) => `  ${line}`)].join('\n')
}

/** The lines of one body; `prefix` makes the names of its nodes its own. */
function bodyLines({ steps, start, edges = [] }: Body, prefix: string): readonly string[] {
  const ids = new Map(steps.map(({ id }, index) => [id, `${prefix}${index}`]))
  const node = (id: string): string => ids.get(id) ?? `${prefix}_end`
  return [
    `${prefix}_start(( )) --> ${node(start ?? steps[0]?.id ?? END)}`,
    ...steps.flatMap((step) => stepLines(step, node(step.id))),
    `${prefix}_end(("end"))`,
    ...steps.flatMap(({ id }, index) => {
      const own = edges.filter(({ from }) => from === id)
      const next = steps[index + 1]?.id ?? END
      return (own.length === 0 ? [{ from: id, to: next }] : own).flatMap((edge) =>
        edgeLines(edge, node),
      )
    }),
  ]
}

function stepLines(step: Step, node: string): readonly string[] {
  const label = quoted(step.operator === 'generation' ? step.id : `${step.id} (${step.operator})`)
  if (step.operator === 'map')
    return [`subgraph ${node} [${label}]`, ...nested(step.body, `${node}m`), 'end']
  if (step.operator !== 'parallel') return [`${node}[${label}]`]
  const lines = [`subgraph ${node} [${label}]`]
  for (const [index, [name, branch]] of Object.entries(step.branches).entries()) {
    const own = `${node}b${index}`
    const inside = nested(branch, `${own}s`).map((line) => `  ${line}`)
    lines.push(`  subgraph ${own} [${quoted(name)}]`, ...inside, '  end')
  }
  return [...lines, 'end']
}

function nested(body: Body, prefix: string): readonly string[] {
  return bodyLines(body, prefix).map((line) => `  ${line}`)
}

function edgeLines(edge: Edge, node: (id: string) => string): readonly string[] {
  const from = node(edge.from)
  const label = edge.if === undefined ? '' : `|${quoted(conditionText(edge.if))}|`
  return [
    `${from} -->${label} ${node(edge.to)}`,
    ...(edge.else === undefined ? [] : [`${from} -->|else| ${node(edge.else)}`]),
    ...(edge.fallback === undefined ? [] : [`${from} -.->|on failure| ${node(edge.fallback)}`]),
  ]
}

const SIGNS: Readonly<Record<Condition['expression'], string>> = {
  Equal: '=',
  NotEqual: '≠',
  Contains: 'contains',
  NotContains: 'lacks',
  GreaterThan: '>',
  LessThan: '<',
  GreaterThanOrEqual: '≥',
  LessThanOrEqual: '≤',
  HaveSimilar: 'is like',
}

/** A condition in words. */
export function conditionText({ input, expression, expected }: Condition): string {
  const subject =
    typeof input === 'string' ? input : 'key' in input ? `${input.type} ${input.key}` : input.type
  return `${subject} ${SIGNS[expression]} ${String(expected)}`
}

/** Mermaid's own characters would end the label. */
function quoted(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ').replaceAll('#', '#35;').replaceAll('"', '#quot;')
  return `"${plain.replaceAll('<', '#lt;').replaceAll('>', '#gt;')}"`
}
