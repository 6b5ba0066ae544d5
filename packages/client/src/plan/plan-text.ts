import {
  isBarrier,
  isRowNode,
  plansIn,
  type AggregateNode,
  type CallbackNode,
  type Plan,
  type PlanNode,
  type RowNode,
  type StepNode,
} from './plan.ts'

/** A plan as JSON. Local functions are named, not contained: only their place is data. */
export function planToJson(plan: Plan): Record<string, unknown> {
  return {
    pipeline: plan.name,
    ...(plan.inputNames && { input: plan.inputNames }),
    nodes: plan.nodes.map(nodeToJson),
  }
}

function nodeToJson(node: PlanNode): Record<string, unknown> {
  const { kind, label } = node
  if (isRowNode(node)) return { kind, label, ...rowDetailsOf(node) }
  if (isBarrier(node)) return { kind, label, ...barrierDetailsOf(node) }
  if (node.kind === 'step') return { kind, label, ...workToJson(node), ...settingsOf(node) }
  if (node.kind === 'nest') {
    return { kind: 'step', label, ...planToJson(node.plan), ...columnOf(node.as) }
  }
  return { kind: node.kind === 'branch' ? node.verb : kind, label, plans: plansToJson(node) }
}

function rowDetailsOf(node: RowNode): Record<string, unknown> {
  if (node.kind === 'scatter') return node.column === undefined ? {} : { column: node.column }
  if (node.kind === 'broadcast') {
    if (node.as === undefined) return { copies: node.values.length }
    return { values: node.values, ...columnOf(node.as) }
  }
  return { function: nameOf(node.kind === 'filter' ? node.test : node.run) }
}

function barrierDetailsOf(node: AggregateNode | CallbackNode): Record<string, unknown> {
  if (node.kind === 'callback') return { function: nameOf(node.make) }
  if (node.size !== undefined) return { size: node.size }
  return node.by ? { by: nameOf(node.by) } : {}
}

function plansToJson(node: PlanNode): Record<string, unknown> {
  return Object.fromEntries(plansIn(node).map(([name, plan]) => [name, planToJson(plan)]))
}

function workToJson({ work }: StepNode): Record<string, unknown> {
  if (work.kind === 'workflow') return { workflow: work.workflow.document }
  return { step: work.step.name, version: work.step.version }
}

function settingsOf({ policy, models, with: mapping, as }: StepNode): Record<string, unknown> {
  const { concurrency, attempts, timeoutMs, minSuccessRatio } = policy
  return {
    ...(models !== undefined && {
      models: typeof models === 'function' ? { function: nameOf(models) } : models,
    }),
    ...(mapping && { with: nameOf(mapping) }),
    ...columnOf(as),
    ...(concurrency !== Infinity && { concurrency }),
    ...(attempts > 1 && { attempts }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(minSuccessRatio < 1 && { minSuccessRatio }),
  }
}

function columnOf(as: string | undefined): Record<string, unknown> {
  return as === undefined ? {} : { as }
}

function nameOf(run: { readonly name: string }): string {
  return run.name === '' ? 'anonymous' : run.name
}

/** A plan in words, a line for each verb. */
export function describePlan(plan: Plan): string {
  const input = plan.inputNames ? ` ← ${plan.inputNames.join(', ')}` : ''
  return [`${plan.name}${input}`, ...linesOf(plan, '  ')].join('\n')
}

function linesOf(plan: Plan, indent: string): string[] {
  const lines: string[] = []
  for (const node of plan.nodes) {
    lines.push(`${indent}${caption(node)}`)
    for (const [name, inner] of plansIn(node)) {
      if (node.kind !== 'nest') lines.push(`${indent}  ${name}`)
      lines.push(...linesOf(inner, `${indent}    `))
    }
  }
  return lines
}

/** What a node does, in a few words. */
function caption(node: PlanNode): string {
  if (isRowNode(node)) return rowCaption(node)
  if (node.kind === 'aggregate') {
    return `aggregate${suffix('by', node.size?.toString() ?? (node.by && 'group'))}`
  }
  if (node.kind === 'branch') return node.verb
  if (node.kind === 'step') return `step ${node.label}${suffix('as', node.as)}`
  if (node.kind === 'nest') return `pipeline ${node.label}${suffix('as', node.as)}`
  return node.kind
}

function rowCaption(node: RowNode): string {
  if (node.kind === 'scatter') return `scatter${suffix('', node.column)}`
  if (node.kind !== 'broadcast') return node.kind
  return `broadcast ${node.values.length}${suffix('as', node.as)}`
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

function quote(text: string): string {
  return `"${text.replaceAll('"', '#quot;')}"`
}
