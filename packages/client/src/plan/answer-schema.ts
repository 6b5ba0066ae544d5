import type { Input, Returns, Step, WorkflowDocument } from '@skein/workflows'
import { z } from 'zod'
import { isList, isRecord } from '../guards.ts'
import { opened, schemaOfJson } from './json-schema.ts'
import { wholePlanOf, type AnyStep, type AnyWorkflow, type Plan, type PlanNode } from './plan.ts'

/** Schemas of answers, as far as they can be known without asking: for those that are made up. */

/** What a workflow gives; nothing where its document does not say. */
export function answerOfWorkflow({ document }: AnyWorkflow): z.ZodType | undefined {
  const { returns } = document
  if (typeof returns === 'string') return valueAt(returns, document)
  if (isList(returns)) return objectOf(returns.map((key) => [key, valueAt(key, document)]))
  const { json = false, decode = false, after, process = [] } = returns
  if (json || after !== undefined || process.length > 0) return z.string()
  return decode ? undefined : plainAnswer(returns, document)
}

function plainAnswer(
  { value, values }: Exclude<Returns, string | readonly string[]>,
  document: WorkflowDocument,
): z.ZodType | undefined {
  if (value !== undefined) return valueOf(value, document)
  if (!isRecord(values)) return z.array(z.unknown())
  return objectOf(Object.entries(values).map(([name, input]) => [name, valueOf(input, document)]))
}

/** What a local step gives; nothing where it is a pipeline of which that is not known. */
export function answerOfStep({ output, means }: AnyStep): z.ZodType | undefined {
  return means?.kind === 'plan' ? answerOfPlan(means.plan) : output
}

/** The rows of a pipeline are what its last step answers, or nothing where that was skipped. */
function answerOfPlan({ nodes, many }: Plan): z.ZodType | undefined {
  const last = nodes.findLast(({ kind }) => kind !== 'tap' && kind !== 'filter')
  const row = last && many !== 'dynamic' ? answerOfNode(last)?.optional() : undefined
  return row && many ? z.array(row) : row
}

function answerOfNode(node: PlanNode): z.ZodType | undefined {
  if ((node.kind !== 'step' && node.kind !== 'nest') || node.as !== undefined) return undefined
  const plan = node.kind === 'nest' ? node.plan : wholePlanOf(node)
  if (plan) return answerOfPlan(plan)
  if (node.kind === 'nest') return undefined
  const { work } = node
  return work.kind === 'local' ? answerOfStep(work.step) : answerOfWorkflow(work.workflow)
}

function valueOf(input: Input, document: WorkflowDocument): z.ZodType | undefined {
  if (typeof input === 'string') return valueAt(input, document)
  return input.type === 'read' ? valueAt(input.key, document) : undefined
}

/** What memory has under a key in the end, where one step alone writes there. */
function valueAt(key: string, document: WorkflowDocument): z.ZodType | undefined {
  const { input, memory = {}, steps } = document
  if (Object.hasOwn(input, key) || Object.hasOwn(memory, key)) return undefined
  const [written, ...others] = steps.flatMap((step) =>
    writesOf(step).flatMap((write) => (write.key === key ? [writtenBy(step, write)] : [])),
  )
  if (others.length > 0) return undefined
  return mayLeaveOut(document) ? written?.optional() : written
}

/** Whether not every step is run each time. */
function mayLeaveOut({ steps, edges = [] }: WorkflowDocument): boolean {
  return edges.length > 0 || steps.some((step) => step.when !== undefined || step.optional)
}

function writtenBy(step: Step, { type, value }: Written): z.ZodType | undefined {
  const schema = value === undefined ? resultOf(step) : z.string()
  return type === 'push' ? schema && z.array(schema) : schema
}

interface Written {
  readonly type: 'write' | 'push' | 'insert'
  readonly key?: string
  readonly value?: string
}

function writesOf(step: Step): readonly Written[] {
  if (step.outputs) return step.outputs
  const keys = step.operator === 'parallel' ? Object.keys(step.branches) : [step.id]
  return keys.map((key) => ({ type: 'write', key }))
}

function resultOf(step: Step): z.ZodType | undefined {
  if (step.operator !== 'generation') return undefined
  return step.schema ? bothWays(schemaOfJson(opened(step.schema))) : z.string()
}

/** Zod has a transform for `uniqueItems`, `minProperties` and the like, which could not be led back. */
function bothWays(schema: z.ZodType): z.ZodType {
  return z.unknown().check((made) => {
    const { success, data, error } = schema.safeParse(made.value)
    if (success) made.value = data
    else {
      const issues = error.issues.map(({ path, message }) => ({ path: [...path], message }))
      for (const issue of issues) made.issues.push({ ...issue, code: 'custom', input: made.value })
    }
  })
}

function objectOf(fields: readonly (readonly [string, z.ZodType | undefined])[]): z.ZodType {
  const known = fields.flatMap(([name, schema]) => (schema ? [[name, schema] as const] : []))
  return z.looseObject(Object.fromEntries(known))
}
