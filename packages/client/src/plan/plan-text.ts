import {
  isRowNode,
  plansIn,
  wholePlanOf,
  type GraphNode,
  type NestNode,
  type Plan,
  type PlanNode,
  type RowNode,
  type StepNode,
} from './plan.ts'

/** A plan in words, a line for each verb. */
export function describePlan(plan: Plan): string {
  const { inputNames = [] } = plan
  const input = inputNames.length > 0 ? ` ← ${inputNames.join(', ')}` : ''
  return [`${plan.name}${input}`, ...linesOf(plan, '  ')].join('\n')
}

function linesOf(plan: Plan, indent: string): string[] {
  const lines: string[] = []
  for (const node of plan.nodes) {
    lines.push(`${indent}${caption(node)}`)
    if (node.kind === 'graph') {
      lines.push(...linesOfGraph(node, `${indent}  `))
      continue
    }
    for (const [name, inner] of plansIn(node)) {
      if (node.kind !== 'nest') lines.push(`${indent}  ${name}`)
      lines.push(...linesOf(inner, `${indent}    `))
    }
  }
  return lines
}

/** Each step with those that it waits for. */
function linesOfGraph({ parts }: GraphNode, indent: string): string[] {
  return parts.flatMap(({ plan, needs }) => {
    const [first = '', ...inner] = linesOf(plan, indent)
    const names = needs.map((need) => parts[need]?.plan.name ?? '')
    return [names.length === 0 ? first : `${first} ← ${names.join(', ')}`, ...inner]
  })
}

function workCaption(node: StepNode | NestNode): string {
  const what = node.kind === 'nest' || wholePlanOf(node) ? 'pipeline' : 'step'
  return `${what} ${node.label}${suffix('as', node.as)}`
}

/** What a node does, in a few words. */
function caption(node: PlanNode): string {
  if (isRowNode(node)) return rowCaption(node)
  if (node.kind === 'aggregate') {
    return `aggregate${suffix('by', node.size?.toString() ?? (node.by && 'group'))}`
  }
  if (node.kind === 'branch') return node.verb
  if (node.kind === 'step' || node.kind === 'nest') return workCaption(node)
  return node.kind
}

function rowCaption(node: RowNode): string {
  if (node.kind === 'scatter') return `scatter${suffix('', node.column)}`
  if (node.kind !== 'broadcast') return node.kind
  return `broadcast ${node.copies}${suffix('as', node.as)}`
}

function suffix(word: string, name: string | undefined): string {
  if (name === undefined) return ''
  return word === '' ? ` ${name}` : ` ${word} ${name}`
}

/** A plan as a Mermaid flowchart. */
export function planToMermaid(plan: Plan): string {
  const lines = ['flowchart TD', `  start([${quote(plan.name)}])`]
  draw(plan, { from: 'start', id: 'n', lines })
  return lines.join('\n')
}

interface Pen {
  readonly from: string
  /** What ids of this plan begin with. */
  readonly id: string
  readonly lines: string[]
}

/** Draws a plan after a box; returns the last box. */
function draw(plan: Plan, { from, id, lines }: Pen): string {
  let last = from
  plan.nodes.forEach((node, place) => {
    const box = `${id}${place}`
    lines.push(`  ${last} --> ${box}[${quote(caption(node))}]`)
    if (node.kind === 'graph') {
      last = drawGraph(node, { from: box, id: `${box}_`, lines })
      return
    }
    const ends = plansIn(node).map(([name, inner], branch) => {
      const start = `${box}_${branch}`
      lines.push(`  ${box} --> ${start}([${quote(name)}])`)
      return draw(inner, { from: start, id: `${start}_`, lines })
    })
    last = box
    if (ends.length === 0) return
    last = `${box}_end`
    lines.push(`  ${last}(( ))`)
    for (const end of ends) lines.push(`  ${end} --> ${last}`)
  })
  return last
}

/** Draws the steps of a graph, each after those that it waits for. */
function drawGraph({ parts }: GraphNode, { from, id, lines }: Pen): string {
  const ends: string[] = []
  parts.forEach(({ plan, needs }, place) => {
    const start = `${id}${place}`
    lines.push(`  ${start}([${quote(plan.name)}])`)
    const before = needs.length === 0 ? [from] : needs.map((need) => ends[need] ?? from)
    for (const box of before) lines.push(`  ${box} --> ${start}`)
    const [node] = plan.nodes
    ends.push(node?.kind === 'nest' ? draw(plan, { from: start, id: `${start}_`, lines }) : start)
  })
  const last = `${id}end`
  lines.push(`  ${last}(( ))`)
  const used = new Set(parts.flatMap(({ needs }) => needs))
  ends.forEach((end, place) => {
    if (!used.has(place)) lines.push(`  ${end} --> ${last}`)
  })
  return last
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '#quot;')}"`
}
