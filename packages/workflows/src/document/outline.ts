import {
  END,
  type Body,
  type Edge,
  type Input,
  type Step,
  type WorkflowDocument,
} from './document.ts'
import { conditionText } from './mermaid.ts'

/** A document in words: a line for each step, and under it where it leads. */
export function outline(document: WorkflowDocument): string {
  const { name, input, optionalInputs = [] } = document
  const inputs = Object.keys(input).map((key) => (optionalInputs.includes(key) ? `${key}?` : key))
  const from = inputs.length === 0 ? '' : ` ← ${inputs.join(', ')}`
  return [`${name}${from}`, ...bodyLines(document, '  ')].join('\n')
}

function bodyLines(body: Body, indent: string): readonly string[] {
  const { steps, start, edges = [] } = body
  const own = new Map<string, Edge[]>()
  for (const edge of edges) {
    const list = own.get(edge.from)
    if (list === undefined) own.set(edge.from, [edge])
    else list.push(edge)
  }
  const lines: string[] = []
  for (const [index, step] of steps.entries()) {
    lines.push(...stepLines(step, indent))
    const ways = waysOf(step, own.get(step.id), steps[index + 1]?.id)
    lines.push(...ways.map((way) => `${indent}  ${way}`))
  }
  const beginning = start === undefined ? [] : [`${indent}begins with ${start}`]
  return [...beginning, ...lines, `${indent}returns ${returnsText(body)}`]
}

function stepLines(step: Step, indent: string): readonly string[] {
  const line = `${indent}${step.id}  ${kindOf(step)}${outputsText(step)}`
  if (step.operator === 'map') return [line, ...bodyLines(step.body, `${indent}    `)]
  if (step.operator !== 'parallel') return [line]
  const lines = [line]
  for (const [name, branch] of Object.entries(step.branches)) {
    lines.push(`${indent}    ${name}`, ...bodyLines(branch, `${indent}      `))
  }
  return lines
}

function kindOf(step: Step): string {
  const kind =
    step.operator === 'map' ? `map over ${inputText(step.over)} as ${step.as}` : step.operator
  const when = step.when === undefined ? '' : `, when ${conditionText(step.when)}`
  return `${kind}${when}${step.optional === true ? ', optional' : ''}`
}

function outputsText({ outputs }: Step): string {
  if (outputs === undefined) return ''
  const texts = outputs.map((output) => `${output.type} ${output.key ?? ''}`.trim())
  return texts.length === 0 ? '' : ` → ${texts.join(', ')}`
}

/** Where a step leads; nothing for one that simply goes on. */
function waysOf(
  { id }: Step,
  edges: readonly Edge[] | undefined,
  next: string | undefined,
): readonly string[] {
  if (edges === undefined) return next === undefined ? [] : [`→ ${next}`]
  return edges.flatMap((edge) => [
    `→ ${placeText(edge.to)}${edge.if === undefined ? '' : ` if ${conditionText(edge.if)}`}`,
    ...(edge.else === undefined ? [] : [`→ ${placeText(edge.else)} else`]),
    ...(edge.fallback === undefined ? [] : [`→ ${placeText(edge.fallback)} if ${id} fails`]),
  ])
}

function placeText(id: string): string {
  return id === END ? 'the end' : id
}

function returnsText({ returns }: Body): string {
  if (typeof returns === 'string') return returns
  if (Array.isArray(returns)) return returns.join(', ')
  const { value, values = [] } = returns
  if (value !== undefined) return inputText(value)
  return Object.values(values).map(inputText).join(', ')
}

/** An input in words: "topic", "all of history", "the size of history". */
function inputText(input: Input): string {
  if (typeof input === 'string') return input
  if (input.type === 'string') return JSON.stringify(input.value)
  if (input.type === 'input') return 'the whole input'
  if (input.type === 'read') return input.key
  if (input.type === 'get_all') return `all of ${input.key}`
  if (input.type === 'peek') return `number ${input.index} of ${input.key}`
  return input.type === 'pop' ? `the last of ${input.key}` : `the size of ${input.key}`
}
