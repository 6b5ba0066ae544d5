import { z } from 'zod'
import type { JsonSchema } from './needs.ts'

/**
 * The workflow document: plain JSON, the one source of truth. Types, validation and the published
 * JSON Schema come from the schemas below.
 *
 * Limits are here; what a schema cannot say (ids that exist, prompts that parse) is in `parse.ts`.
 */
export const DOCUMENT_LIMITS = {
  /** Steps of a document, those inside branches included. */
  steps: 10_000,
  /** Characters of one prompt. */
  promptChars: 1024 * 1024,
  /** Characters of all texts and keys together: fits a frame of the protocol. */
  totalChars: 3 * 1024 * 1024,
  /** Nesting of the JSON, schemas included. */
  depth: 48,
  /** Values in the document, of any kind. */
  values: 400_000,
  nameChars: 128,
} as const

/** Where a workflow ends. */
export const END = '_end'

/** What a workflow runs at most where the document does not say: finishing on the last is success. */
export const DEFAULT_MAX_STEPS = 50

/** How often a model is asked again after an unusable answer, where the step does not say. */
export const DEFAULT_RETRY = 2

const RESERVED = new Set(['__proto__', 'constructor', 'prototype'])

const name = z.string().min(1).max(DOCUMENT_LIMITS.nameChars)
const prompt = z.string().max(DOCUMENT_LIMITS.promptChars)

/** A key of memory: what `{{key}}` can name. */
export const Key = name
  .regex(/^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u, 'use letters, digits, _ and -')
  .refine((key) => !RESERVED.has(key), 'this name is reserved')

/** A step's id. */
export const StepId = name
  .regex(/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u, 'use letters, digits, _, - and .')
  .refine((id) => !RESERVED.has(id), 'this name is reserved')

const JsonSchemaValue = z.custom<JsonSchema>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be a JSON Schema object',
)

const required = z.boolean().exactOptional()

/** How a step reads memory. A bare string reads that key. */
export type Input = z.infer<typeof Input>
export const Input = z.union([
  Key,
  z.discriminatedUnion('type', [
    /** The value of a key; a pushed key gives its list. */
    z.strictObject({ type: z.literal('read'), key: Key, required }),
    /** Takes the last pushed value off; absent when there is none. */
    z.strictObject({ type: z.literal('pop'), key: Key, required }),
    /** The pushed value at this index, counted from the first; absent when there is none. */
    z.strictObject({ type: z.literal('peek'), key: Key, index: z.int().nonnegative(), required }),
    /** All pushed values; an empty list when there are none. `join` makes one text of them. */
    z.strictObject({
      type: z.literal('get_all'),
      key: Key,
      join: z.string().exactOptional(),
      required,
    }),
    /** How many values were pushed; 0 when none were. */
    z.strictObject({ type: z.literal('size'), key: Key, required }),
    /** This very text. */
    z.strictObject({ type: z.literal('string'), value: prompt, required }),
    /** The whole input of the workflow. */
    z.strictObject({ type: z.literal('input'), required }),
  ]),
])

/** Where a step's result goes: `write` replaces, `push` appends, `insert` stores it for `HaveSimilar`. */
export type Output = z.infer<typeof Output>
export const Output = z.strictObject({
  type: z.enum(['write', 'push', 'insert']),
  key: Key,
  /** Stored instead of the result. */
  value: z.string().exactOptional(),
})

/** How a value and an expected one are compared. */
export type Expression = z.infer<typeof Expression>
export const Expression = z.enum([
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

/** A condition is data, so that it can travel to a node. */
export type Condition = z.infer<typeof Condition>
export const Condition = z.strictObject({
  input: Input,
  expression: Expression,
  expected: z.union([z.string(), z.number(), z.boolean()]),
})

/** The way from a step to the next. Edges of one step are tried in order. */
export type Edge = z.infer<typeof Edge>
export const Edge = z.strictObject({
  from: StepId,
  to: StepId,
  /** Taken only when this holds. */
  if: Condition.exactOptional(),
  /** Taken when the condition does not hold; absent: the next edge is tried. */
  else: StepId.exactOptional(),
  /** Taken when the step fails. */
  fallback: StepId.exactOptional(),
})

const SamplingValue = z.strictObject({
  temperature: z.number().min(0).max(10).exactOptional(),
  topP: z.number().min(0).max(1).exactOptional(),
  topK: z.int().nonnegative().exactOptional(),
  minP: z.number().min(0).max(1).exactOptional(),
  repeatPenalty: z.number().positive().exactOptional(),
  seed: z.int().exactOptional(),
  stop: z.array(z.string().min(1)).max(16).exactOptional(),
})

const MessageValue = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: prompt,
  /** Base64, or `{{key}}` of memory. */
  images: z.array(z.string()).exactOptional(),
})

/** What every kind of step has. */
const everyStep = {
  id: StepId,
  /** What this step does, for people. */
  description: z.string().exactOptional(),
  /** Names for the prompt besides those of memory. */
  inputs: z.record(Key, Input).exactOptional(),
  /** Absent: written under the step's id. */
  outputs: z.array(Output).exactOptional(),
  /** Run only when this holds; else its outputs stay absent. */
  when: Condition.exactOptional(),
  /** A failure leaves its outputs absent, and steps that need them are skipped. */
  optional: z.boolean().exactOptional(),
  /** How often it is tried again. @default 2 for unusable answers, 0 for failures */
  retry: z.int().min(0).max(100).exactOptional(),
  timeoutMs: z.int().positive().exactOptional(),
}

/** A model answers a prompt. */
export type GenerativeStep = z.infer<typeof GenerativeStep>
export const GenerativeStep = z.strictObject({
  ...everyStep,
  operator: z.enum(['generation', 'function_calling', 'function_calling_raw']),
  system: prompt.exactOptional(),
  /** The conversation before the prompt. */
  messages: z.array(MessageValue).exactOptional(),
  prompt: prompt.exactOptional(),
  /** Pictures for the prompt: base64, or `{{key}}` of memory. */
  images: z.array(z.string()).exactOptional(),
  /** What the answer must match. */
  schema: JsonSchemaValue.exactOptional(),
  /** Models of this step, best first; absent: those of the task. */
  models: z.array(name).min(1).exactOptional(),
  sampling: SamplingValue.exactOptional(),
  maxTokens: z.int().positive().exactOptional(),
  /** Tools it may call, by name; absent: all of the document. */
  tools: z.array(name).exactOptional(),
})

/** One step of a workflow. */
export type Step = z.infer<typeof Step>
export const Step = z.discriminatedUnion('operator', [GenerativeStep])

/** What is done to the text that a workflow returns, in order. */
export type PostProcess = z.infer<typeof PostProcess>
export const PostProcess = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('replace'), find: z.string().min(1), with: z.string() }),
  z.strictObject({ type: z.literal('append'), text: z.string() }),
  z.strictObject({ type: z.literal('prepend'), text: z.string() }),
  z.strictObject({ type: z.literal('trim') }),
  z.strictObject({ type: z.literal('trim_start') }),
  z.strictObject({ type: z.literal('trim_end') }),
  z.strictObject({ type: z.literal('to_lower') }),
  z.strictObject({ type: z.literal('to_upper') }),
])

/** What a workflow gives back: one key, several keys as an object, or either with more to say. */
export type Returns = z.infer<typeof Returns>
export const Returns = z.union([
  Key,
  z.array(Key).min(1),
  z.strictObject({
    /** One value. */
    value: Input.exactOptional(),
    /** Several, by name. */
    values: z.record(Key, Input).exactOptional(),
    /** As JSON text. */
    json: z.boolean().exactOptional(),
    process: z.array(PostProcess).exactOptional(),
  }),
])

const Limits = z.strictObject({
  /** Steps run at most; finishing on the last is success. @default 50 */
  maxSteps: z.int().positive().max(1_000_000).exactOptional(),
  /** Milliseconds from the first step; a running generation is aborted. */
  maxTimeMs: z.int().positive().exactOptional(),
  /** Tokens of one answer at most, where the step does not say. */
  maxTokens: z.int().positive().exactOptional(),
})

/** A workflow as it travels and is stored. */
export type WorkflowDocument = z.infer<typeof WorkflowDocument>
export const WorkflowDocument = z.strictObject({
  version: z.literal(1),
  name,
  description: z.string().exactOptional(),
  /** JSON Schema of each input. */
  input: z.record(Key, JsonSchemaValue),
  /** Inputs that may be left out. */
  optionalInputs: z.array(Key).exactOptional(),
  /** The first is where it starts. */
  steps: z.array(Step).min(1).max(DOCUMENT_LIMITS.steps),
  /** A step without an edge goes to the next in order, the last to the end. */
  edges: z
    .array(Edge)
    .max(4 * DOCUMENT_LIMITS.steps)
    .exactOptional(),
  returns: Returns,
  limits: Limits.exactOptional(),
})
