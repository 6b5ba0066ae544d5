import type { z } from 'zod'
import {
  isRowNode,
  wholePlanOf,
  type AggregateNode,
  type BranchNode,
  type GraphNode,
  type NestNode,
  type ParallelNode,
  type Plan,
  type PlanNode,
  type RowNode,
  type StepNode,
} from './plan.ts'
import { GivenNames } from './given-names.ts'
import { policyToJson } from './policy-json.ts'
import { schemaToJson, shapeToJson } from './schema-text.ts'
import { wiringToJson } from './wire-text.ts'

type Json = Readonly<Record<string, unknown>>

/** How the parts of a plan that are no data are put. */
export interface JsonStyle {
  /** A function of the program. */
  function(run: (...values: never[]) => unknown): unknown
  /** A local step. */
  local(work: Extract<StepNode['work'], { kind: 'local' }>): Json
  /** What is told of a schema beside its JSON. */
  beyond?(name: string, schema: z.ZodType): Json
  /** What is said about a step. */
  policy(node: StepNode): Json
}

/** Functions and local steps are named, not contained: a program that reads the plan brings them. */
function asData(): JsonStyle {
  const names = new GivenNames()
  return {
    function: (run) => names.function(run),
    local: ({ step }) => ({ step: names.step(step), version: step.version }),
    policy: (node) => policyToJson(node, names),
  }
}

/** A plan as JSON. */
export function planToJson(plan: Plan, style: JsonStyle = asData()): Json {
  return {
    pipeline: plan.name,
    ...(plan.version !== undefined && { version: plan.version }),
    ...(plan.input && { input: shapeToJson(plan.input), ...style.beyond?.('input', plan.input) }),
    ...(plan.context && { context: plan.context }),
    steps: plan.nodes.map((node) => nodeToJson(node, style)),
  }
}

/** A step of a plan as JSON, with the plans inside it. */
export function nodeToJson(node: PlanNode, style: JsonStyle): Json {
  if (isRowNode(node)) return rowToJson(node, style)
  if (node.kind === 'aggregate') return aggregateToJson(node, style)
  if (node.kind === 'callback') return { callback: style.function(node.make) }
  if (node.kind === 'step' || node.kind === 'nest') return workToJson(node, style)
  if (node.kind === 'branch') return branchToJson(node, style)
  if (node.kind === 'graph') return { graph: graphToJson(node, style) }
  return parallelToJson(node, style)
}

function rowToJson(node: RowNode, style: JsonStyle): Json {
  if (node.kind === 'scatter') return { scatter: node.column ?? true }
  if (node.kind === 'filter') return { filter: style.function(node.test) }
  if (node.kind !== 'broadcast') return { [node.kind]: style.function(node.run) }
  const { copies, values, as } = node
  return as === undefined ? { broadcast: copies } : { broadcast: values, as }
}

function aggregateToJson({ by, column, size }: AggregateNode, style: JsonStyle): Json {
  if (size !== undefined) return { batch: size }
  if (column !== undefined) return { aggregate: true, by: column }
  return by ? { aggregate: true, by: { function: style.function(by) } } : { aggregate: true }
}

function workToJson(node: StepNode | NestNode, style: JsonStyle): Json {
  const { with: mapping, when, as } = node
  const said = {
    ...(mapping && { with: style.function(mapping) }),
    ...(when && { when: style.function(when) }),
    ...(as !== undefined && { as }),
  }
  if (node.kind === 'nest') return { ...planToJson(node.plan, style), ...said }
  const { models, fallback } = node
  return {
    ...workOfStep(node, style),
    ...(models !== undefined && {
      models: typeof models === 'function' ? { function: style.function(models) } : models,
    }),
    ...said,
    ...(fallback && { fallback: style.function(fallback) }),
    ...style.policy(node),
  }
}

function workOfStep(node: StepNode, style: JsonStyle): Json {
  const whole = wholePlanOf(node)
  if (whole) return planToJson(whole, style)
  const { work } = node
  return work.kind === 'local' ? style.local(work) : { workflow: work.workflow.document }
}

function parallelToJson(
  { plans, combined, as, each, isTolerant }: ParallelNode,
  style: JsonStyle,
): Json {
  return {
    parallel: plansToJson(plans, style),
    ...(combined && { combined: shapeToJson(combined), ...style.beyond?.('combined', combined) }),
    ...(as !== undefined && { as }),
    ...(combined && each && { each }),
    ...(isTolerant && { onError: 'collect' }),
  }
}

function branchToJson({ verb, plans, by }: BranchNode, style: JsonStyle): Json {
  if (verb === 'choose')
    return { choose: by && style.function(by), cases: plansToJson(plans, style) }
  if (verb === 'when') {
    const { passed, otherwise } = plans
    return {
      when: by && style.function(by),
      ...(passed && branchPlan(passed, style)),
      ...(otherwise && { otherwise: branchPlan(otherwise, style)['steps'] }),
    }
  }
  if (by) return { pipe: { function: style.function(by) } }
  const [plan] = Object.values(plans)
  return { pipe: plan && planToJson(plan, style) }
}

function plansToJson(plans: Readonly<Record<string, Plan>>, style: JsonStyle): Json {
  const entries = Object.entries(plans)
  return Object.fromEntries(entries.map(([name, plan]) => [name, branchPlan(plan, style)]))
}

function branchPlan(plan: Plan, style: JsonStyle): Json {
  return { steps: plan.nodes.map((node) => nodeToJson(node, style)) }
}

function graphToJson({ parts, output }: GraphNode, style: JsonStyle): Json {
  const names = parts.map(({ plan }) => plan.name)
  const steps = parts.map(({ plan, wiring, condition }) => {
    const [node] = plan.nodes
    const input = condition && wiring.kind === 'object' ? wiring.fields['input'] : wiring
    const json = node ? nodeToJson(node, style) : {}
    if (!condition) return { name: plan.name, ...json, wire: input && wiringToJson(input, names) }
    const { when: _when, with: _with, ...rest } = json
    return {
      name: plan.name,
      ...rest,
      when: style.function(condition.test),
      on: wiringToJson(condition.on, names),
      wire: input && wiringToJson(input, names),
    }
  })
  return { steps, output: wiringToJson(output, names) }
}

/** The schemas of a local step as JSON. */
export function schemasToJson({ step }: Extract<StepNode['work'], { kind: 'local' }>): Json {
  return { input: schemaToJson(step.input), output: schemaToJson(step.output) }
}
