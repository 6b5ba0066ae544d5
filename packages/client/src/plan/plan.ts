import type { Workflow } from '@skein/workflows'
import type { z } from 'zod'
import type { ClientError } from '../errors.ts'
import type { Policy } from './policy.ts'
import type { Step } from './step.ts'
import type { TaskResult } from '../run/task-result.ts'

/** A plan as the runner reads it: a list of nodes. Rows enter at the first and leave after the last. */
export interface Plan {
  readonly name: string
  /** As its author counts. */
  readonly version?: string
  /** What an input must be; absent in branches, whose rows come from the plan around them. */
  readonly input: z.ZodType | undefined
  /** Names of the inputs, where they have names. */
  readonly inputNames: readonly string[] | undefined
  /** The input is looked at and goes on as it came: the schema is that of the first step, which makes its own of it. */
  readonly keepsInput?: true
  readonly nodes: readonly PlanNode[]
  /** Whether one input leads to any number of rows; `'dynamic'`: a function of the plan decides when it runs. */
  readonly many: boolean | 'dynamic'
  /** Values for its steps where a run gives none. */
  readonly context?: Defaults
}

/** Values of a context, by name. */
export type Defaults = Readonly<Record<string, unknown>>

export type AnyWorkflow = Workflow<never, unknown>
export type AnyStep = Step<unknown, unknown>

/** What a step runs: at a node of the network, or here. */
export type Work =
  | { readonly kind: 'workflow'; readonly workflow: AnyWorkflow }
  | { readonly kind: 'local'; readonly step: AnyStep }

/** Models for a row, best first; `'all'`: every model there is, each for itself. */
export type ModelChoice = 'all' | readonly string[] | ((row: unknown) => readonly string[])

interface Labelled {
  /** Unique in its plan: names it in keys, events and failures. */
  readonly label: string
}

/** One call for each row: a workflow or a local function with a schema. */
export interface StepNode extends Labelled {
  readonly kind: 'step'
  readonly work: Work
  /** The step's input made of a row, or of what `with` made of it; throws where it does not fit. */
  readonly fit: (row: unknown) => unknown
  readonly policy: Policy
  readonly models: ModelChoice | undefined
  readonly with: ((row: unknown) => unknown) | undefined
  /** Where it says no, the step is skipped. */
  readonly when: ((row: unknown) => unknown) | undefined
  readonly as: string | undefined
  readonly fallback: ((error: ClientError, input: unknown) => unknown) | undefined
  /** Name of the route that takes its answers; undefined: the one of their kind, if there is one. */
  readonly route: string | undefined
}

export interface MapNode extends Labelled {
  readonly kind: 'map' | 'tap'
  readonly run: (row: unknown, index: number) => unknown
}

export interface FilterNode extends Labelled {
  readonly kind: 'filter'
  readonly test: (row: unknown) => unknown
}

export interface ScatterNode extends Labelled {
  readonly kind: 'scatter'
  readonly column: string | undefined
}

export interface BroadcastNode extends Labelled {
  readonly kind: 'broadcast'
  readonly copies: number
  /** One for each copy; none where they gain no column. */
  readonly values: readonly unknown[]
  readonly as: string | undefined
}

/** All rows of one input as one row; or by group; or so many at a time. */
export interface AggregateNode extends Labelled {
  readonly kind: 'aggregate'
  readonly by: ((row: unknown) => unknown) | undefined
  /** What `by` looks at, where that is a column. */
  readonly column: string | number | undefined
  readonly size: number | undefined
}

export interface CallbackNode extends Labelled {
  readonly kind: 'callback'
  readonly make: (results: readonly TaskResult<unknown>[]) => unknown
}

/** The row goes through one of several plans; its rows go on here. */
export interface BranchNode extends Labelled {
  readonly kind: 'branch'
  readonly verb: 'when' | 'choose' | 'pipe'
  /** The plan for a row; none: the row goes on as it is. */
  readonly route: (row: unknown) => Plan | undefined
  /** The function of the program that decides; none where there is one plan. */
  readonly by: ((row: unknown) => unknown) | undefined
  /** Those that are known beforehand, by name. */
  readonly plans: Readonly<Record<string, Plan>>
}

/** The row goes through a whole plan whose output becomes the row, or a column. */
export interface NestNode extends Labelled {
  readonly kind: 'nest'
  readonly plan: Plan
  readonly fit: (row: unknown) => unknown
  readonly with: ((row: unknown) => unknown) | undefined
  /** Where it says no, the plan is skipped. */
  readonly when: ((row: unknown) => unknown) | undefined
  readonly as: string | undefined
}

/** The row goes through several plans at once; each output becomes a column, or all of them one value. */
export interface ParallelNode extends Labelled {
  readonly kind: 'parallel'
  readonly plans: Readonly<Record<string, Plan>>
  /** What all outputs together must be; absent where they stay apart. */
  readonly combined: z.ZodType | undefined
  /** Column for what they are together; absent: it becomes the row. */
  readonly as: string | undefined
  /** Each output becomes a column. */
  readonly each: boolean
  /** A branch that fails leaves the others alone, and its column empty. */
  readonly isTolerant: boolean
}

/** Steps that are wired to each other: each runs once what it needs is there. */
export interface GraphNode extends Labelled {
  readonly kind: 'graph'
  /** None needs one that comes after it. */
  readonly parts: readonly GraphPart[]
  readonly output: Wiring
}

export interface GraphPart {
  /** A plan of one step, of the same name. */
  readonly plan: Plan
  readonly wiring: Wiring
  /** Places of the parts that it waits for, in order. */
  readonly needs: readonly number[]
  /** What decides whether it runs; it is part of the wiring. */
  readonly condition: GraphCondition | undefined
}

export interface GraphCondition {
  readonly on: Wiring
  readonly test: (value: unknown) => unknown
}

/** How a value is made: of the graph's input, of what parts gave, or as it stands. */
export type Wiring =
  | { readonly kind: 'input'; readonly path: readonly string[] }
  | { readonly kind: 'part'; readonly part: number; readonly path: readonly string[] }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Wiring[] }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Wiring>> }

export type PlanNode =
  | StepNode
  | MapNode
  | FilterNode
  | ScatterNode
  | BroadcastNode
  | AggregateNode
  | CallbackNode
  | BranchNode
  | NestNode
  | ParallelNode
  | GraphNode

/** Whether rows wait here for all others of their input. */
export function isBarrier(node: PlanNode): node is AggregateNode | CallbackNode {
  return node.kind === 'aggregate' || node.kind === 'callback'
}

/** The verbs that work on one row at a time, here. */
export type RowNode = MapNode | FilterNode | ScatterNode | BroadcastNode

const ROW_KINDS: ReadonlySet<string> = new Set(['map', 'tap', 'filter', 'scatter', 'broadcast'])

export function isRowNode(node: PlanNode): node is RowNode {
  return ROW_KINDS.has(node.kind)
}

/** Plans inside a node. */
export function plansIn(node: PlanNode): [name: string, plan: Plan][] {
  if (node.kind === 'branch' || node.kind === 'parallel') return Object.entries(node.plans)
  if (node.kind === 'graph') return node.parts.map(({ plan }) => [plan.name, plan])
  if (node.kind === 'nest') return [[node.label, node.plan]]
  const whole = wholePlanOf(node)
  return whole ? [[node.label, whole]] : []
}

/** The pipeline that a step tries as a whole; none where the step is another. */
export function wholePlanOf(node: PlanNode): Plan | undefined {
  if (node.kind !== 'step' || node.work.kind !== 'local') return undefined
  const { means } = node.work.step
  return means?.kind === 'plan' ? means.plan : undefined
}

/** Whether its plans are made when it runs: nobody knows beforehand what is in them. */
export function isMadeLater(node: PlanNode): boolean {
  return node.kind === 'branch' && Object.keys(node.plans).length === 0
}

/** Names that a node takes in its plan. */
export function labelsIn(node: PlanNode): string[] {
  if (node.kind !== 'graph') return [node.label]
  return [node.label, ...node.parts.map(({ plan }) => plan.name)]
}

/** Every step of a plan and of the plans inside it, in order, with the prefix of its keys. */
export function stepsOf(plan: Plan, prefix = ''): { name: string; node: StepNode }[] {
  return plan.nodes.flatMap((node) => {
    const inside = plansIn(node).flatMap(([name, inner]) =>
      stepsOf(inner, prefixOf(prefix, node, name)),
    )
    return node.kind === 'step' ? [{ name: prefix + node.label, node }, ...inside] : inside
  })
}

/** What names of steps inside a node begin with. */
export function prefixOf(prefix: string, node: PlanNode, name: string): string {
  // Steps of a graph have names of their own in the plan around it.
  if (node.kind === 'graph') return prefix
  const isOne = node.kind === 'nest' || node.kind === 'step'
  return isOne ? `${prefix}${node.label}/` : `${prefix}${node.label}.${name}/`
}
