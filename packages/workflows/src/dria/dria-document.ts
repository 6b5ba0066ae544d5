import { z } from 'zod'
import { isRecord } from '../records.ts'

/**
 * The JSON of Dria's workflows, as their builder writes it and their executor reads it. Keys that are not known are
 * passed over, as the executor does.
 */

const InputValue = z.object({
  type: z.enum(['input', 'read', 'pop', 'peek', 'get_all', 'size', 'string']),
  key: z.string().default(''),
  index: z.int().nonnegative().nullish(),
})
export type DriaInputValue = z.infer<typeof InputValue>

const Task = z.object({
  id: z.string().min(1),
  name: z.string().optional(),
  description: z.string().optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).default([]),
  /** Before there were messages. */
  prompt: z.string().optional(),
  inputs: z
    .array(
      z.object({ name: z.string().min(1), value: InputValue, required: z.boolean().default(true) }),
    )
    .default([]),
  operator: z.enum([
    'generation',
    'function_calling',
    'function_calling_raw',
    'search',
    'sample',
    'end',
  ]),
  outputs: z
    .array(
      z.object({
        type: z.enum(['write', 'insert', 'push']),
        key: z.string().default(''),
        value: z.string().default('__result'),
      }),
    )
    .default([]),
  /** JSON Schema, as an object or its text; or a regular expression in base64. */
  schema: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
})
export type DriaTask = z.infer<typeof Task>

const Expression = z.enum([
  'Equal',
  'NotEqual',
  'Contains',
  'NotContains',
  'GreaterThan',
  'LessThan',
  'GreaterThanOrEqual',
  'LessThanOrEqual',
  'HaveSimilar',
])

const Edge = z.object({
  source: z.string(),
  target: z.string(),
  condition: z
    .object({
      input: InputValue,
      expected: z.union([z.string(), z.number()]).transform(String),
      expression: Expression,
      target_if_not: z.string(),
    })
    .nullish(),
  fallback: z.string().nullish(),
})
export type DriaEdge = z.infer<typeof Edge>

const PostProcess = z.object({
  process_type: z.enum([
    'replace',
    'append',
    'prepend',
    'trim',
    'trim_start',
    'trim_end',
    'to_lower',
    'to_upper',
  ]),
  lhs: z.string().nullish(),
  rhs: z.string().nullish(),
})
export type DriaPostProcess = z.infer<typeof PostProcess>

const ReturnValue = z.object({
  input: z.union([InputValue, z.array(InputValue).min(1)]),
  to_json: z.boolean().nullish(),
  post_process: z.array(PostProcess).nullish(),
})
export type DriaReturnValue = z.infer<typeof ReturnValue>

const ToolOfMode = z.discriminatedUnion('mode', [
  z.object({
    mode: z.literal('custom'),
    name: z.string(),
    description: z.string().default(''),
    parameters: z.record(z.string(), z.unknown()).default({ type: 'object' }),
  }),
  z.object({
    mode: z.literal('http_request'),
    name: z.string(),
    description: z.string().default(''),
    url: z.string(),
    method: z
      .string()
      .toUpperCase()
      .pipe(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])),
    headers: z.record(z.string(), z.string()).nullish(),
    body: z.record(z.string(), z.unknown()).nullish(),
  }),
])
export type DriaTool = z.infer<typeof ToolOfMode>

/** Before there were modes, every tool was a request. */
const CustomTool = z.preprocess(
  (tool) => (isRecord(tool) && !('mode' in tool) ? { ...tool, mode: 'http_request' } : tool),
  ToolOfMode,
)

const MemoryValue = z.union([
  z.string(),
  z.record(z.string(), z.unknown()),
  z.array(z.union([z.string(), z.record(z.string(), z.unknown())])),
])

export const DriaDocument = z.object({
  name: z.string().optional(),
  description: z.string().optional(),
  config: z.object({
    max_steps: z.int().nonnegative(),
    max_time: z.number().nonnegative(),
    tools: z.array(z.string()).default([]),
    custom_tools: z.array(CustomTool).nullish(),
    max_tokens: z.int().nullish(),
  }),
  external_memory: z.record(z.string(), MemoryValue).nullish(),
  tasks: z.array(Task).min(1),
  steps: z.array(Edge).default([]),
  return_value: ReturnValue,
})
export type DriaDocument = z.infer<typeof DriaDocument>

/** What stands for a step's result in Dria's outputs. */
export const RESULT = '__result'

/** The key of the single input of a Dria workflow. */
export const DRIA_INPUT = 'input'

/** Everything that is read anywhere in a workflow. */
export function readsOf({
  tasks,
  steps,
  return_value: returned,
}: DriaDocument): readonly DriaInputValue[] {
  return [
    ...tasks.flatMap(({ inputs }) => inputs.map(({ value }) => value)),
    ...steps.flatMap(({ condition }) => (condition == null ? [] : [condition.input])),
    ...[returned.input].flat(),
  ]
}

/** Whether a JSON value is meant to be one of Dria's workflows. */
export function isDria(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'tasks' in json && !('version' in json)
}
