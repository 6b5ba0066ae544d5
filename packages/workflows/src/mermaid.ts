import { END, type Condition, type WorkflowDocument } from './document.ts'

/** A document's steps and edges as a Mermaid flowchart; equal documents give equal text. */
export function mermaid({ steps, edges = [] }: WorkflowDocument): string {
  const names = new Map(steps.map(({ id }, index) => [id, `s${index}`]))
  const node = (id: string): string => (id === END ? 'finish' : (names.get(id) ?? 'finish'))
  const lines = ['flowchart TD', '  begin(( )) --> s0']
  for (const { id } of steps) lines.push(`  ${node(id)}["${escape(id)}"]`)
  lines.push('  finish((end))')
  for (const [index, { id }] of steps.entries()) {
    const own = edges.filter(({ from }) => from === id)
    if (own.length === 0) lines.push(`  ${node(id)} --> ${node(steps[index + 1]?.id ?? END)}`)
    for (const edge of own) {
      const label = edge.if === undefined ? '' : `|"${escape(conditionText(edge.if))}"|`
      lines.push(`  ${node(id)} -->${label} ${node(edge.to)}`)
      if (edge.else !== undefined) lines.push(`  ${node(id)} -->|else| ${node(edge.else)}`)
      if (edge.fallback !== undefined) {
        lines.push(`  ${node(id)} -.->|on failure| ${node(edge.fallback)}`)
      }
    }
  }
  return lines.join('\n')
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

/** A condition in words, for diagrams and messages. */
export function conditionText({ input, expression, expected }: Condition): string {
  const subject =
    typeof input === 'string' ? input : 'key' in input ? `${input.type} ${input.key}` : input.type
  return `${subject} ${SIGNS[expression]} ${String(expected)}`
}

function escape(text: string): string {
  return text
    .replaceAll('&', '#amp;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll(/\s+/g, ' ')
}
