import { z } from 'zod'
import type { JsonSchema } from '../needs.ts'

/**
 * The workflow document: plain JSON, the one source of truth. Types, validation and the published JSON Schema
 * come from the schemas below. What a schema cannot say (ids that exist, prompts that parse) is checked where a
 * document is compiled.
 */
export const DOCUMENT_LIMITS = {
  /** Steps of one body. */
  steps: 10_000,
  /** Tools of one document: no model can choose among more. */
  tools: 256,
  /** Characters of one prompt. */
  promptChars: 1024 * 1024,
  /** Characters of all texts and keys together: fits a frame of the protocol. */
  totalChars: 3 * 1024 * 1024,
  /** Nesting of the JSON, schemas and branches included. */
  depth: 48,
  /** `{{…}}` in all texts together: each takes the parser some 20 µs. */
  names: 50_000,
  /** Patterns in all schemas together: each may take 1,000 states of memory. */
  patterns: 1000,
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

/** What is wrong with a name. */
export const BAD_NAME = 'a name has no brackets, slashes or line breaks'
export const RESERVED_NAME = 'this name is reserved'

const name = z.string().min(1).max(DOCUMENT_LIMITS.nameChars)
const prompt = z.string().max(DOCUMENT_LIMITS.promptChars)

/** A key of memory: what `{{key}}` can name, or `{{[some key]}}` where it has spaces. */
export type Key = z.infer<typeof Key>
export const Key = name
  .regex(/^[^\s[\]{}/\\\p{C}]+( [^\s[\]{}/\\\p{C}]+)*$/u, BAD_NAME)
  .refine((key) => !RESERVED.has(key), RESERVED_NAME)

/** A step's id. */
export const StepId = Key

const JsonSchemaValue = z.custom<JsonSchema>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected a JSON Schema, which is an object',
)

/** Whether the step fails without it. @default true */
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
    /**
     * All pushed values; an empty list when there are none. One text of them where either is said: `join` stands
     * between the values, `after` stands after each, the last one too.
     */
    z.strictObject({
      type: z.literal('get_all'),
      key: Key,
      join: z.string().exactOptional(),
      after: z.string().exactOptional(),
      required,
    }),
    /** How many values were pushed; 0 when none were. */
    z.strictObject({ type: z.literal('size'), key: Key, required }),
    /** This very text. */
    z.strictObject({ type: z.literal('string'), value: prompt, required }),
    /** The whole input of the workflow, as an object. */
    z.strictObject({ type: z.literal('input'), required }),
  ]),
])

/** Where a step's result goes: `write` replaces, `push` appends, `insert` stores its text for `HaveSimilar`. */
export type Output = z.infer<typeof Output>
export const Output = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('write'), key: Key, value: z.string().exactOptional() }),
  z.strictObject({ type: z.literal('push'), key: Key, value: z.string().exactOptional() }),
  z.strictObject({
    type: z.literal('insert'),
    key: Key.exactOptional(),
    value: z.string().exactOptional(),
  }),
])

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
  /** For `HaveSimilar`: a text that is looked up, or the least similarity (0 to 1) of the input itself. */
  expected: z.union([z.string(), z.number(), z.boolean()]),
  /** Whether the text of the value is compared: JSON of what is none, an empty one of what need not be there. */
  text: z.boolean().exactOptional(),
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

export const Sampling = z.strictObject({
  temperature: z.number().min(0).max(10).exactOptional(),
  topP: z.number().min(0).max(1).exactOptional(),
  topK: z.int().nonnegative().exactOptional(),
  minP: z.number().min(0).max(1).exactOptional(),
  repeatPenalty: z.number().positive().exactOptional(),
  seed: z.int().exactOptional(),
  stop: z.array(z.string().min(1)).max(16).exactOptional(),
})

/** Pictures: base64 texts, or lists of them, read from memory. */
const images = z.array(Input).max(64).exactOptional()

const MessageValue = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: prompt,
  images,
})

/** What every kind of step has. */
const everyStep = {
  id: StepId,
  /** Its name and what it does, for people. */
  title: z.string().exactOptional(),
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
}

/** Of what a step asks for: it fails when that takes longer. Nodes have limits of their own, which no step can raise. */
const timeoutMs = z.int().positive().exactOptional()

/** A model answers a prompt, and may call tools (`function_calling`) or say which it would call (`…_raw`). */
export type GenerativeStep = z.infer<typeof GenerativeStep>
export const GenerativeStep = z.strictObject({
  ...everyStep,
  operator: z.enum(['generation', 'function_calling', 'function_calling_raw']),
  system: prompt.exactOptional(),
  /** The conversation before the prompt. */
  messages: z.array(MessageValue).exactOptional(),
  prompt: prompt.exactOptional(),
  images,
  /** What the answer must match. */
  schema: JsonSchemaValue.exactOptional(),
  /** Models of this step, best first; absent: those of the task. */
  models: z.array(name).min(1).exactOptional(),
  sampling: Sampling.exactOptional(),
  maxTokens: z.int().positive().exactOptional(),
  timeoutMs,
  /** Tools it may call, by name; absent: all of the document. */
  tools: z.array(name).max(DOCUMENT_LIMITS.tools).exactOptional(),
  /** How often it may call tools before it must answer. @default 8 */
  rounds: z.int().positive().max(100).exactOptional(),
})

/** The web is searched. */
export type SearchStep = z.infer<typeof SearchStep>
export const SearchStep = z.strictObject({
  ...everyStep,
  operator: z.literal('search'),
  query: prompt,
  /** @default 'search' */
  type: z.enum(['search', 'news', 'scholar']).exactOptional(),
  /** @default 'en' */
  language: z.string().min(1).max(16).exactOptional(),
  /** @default 5 */
  count: z.int().min(1).max(100).exactOptional(),
  timeoutMs,
})

/**
 * One item of a list is drawn, the same for the same seed. Without a prompt the result is the item (an object of
 * items where several lists are named); with one, the prompt with the items under their names.
 */
export type SampleStep = z.infer<typeof SampleStep>
export const SampleStep = z.strictObject({
  ...everyStep,
  operator: z.literal('sample'),
  from: z.record(
    Key,
    z.union([
      Input,
      /** The list whose key is the value of this input. */
      z.strictObject({ type: z.literal('named'), input: Input }),
    ]),
  ),
  prompt: prompt.exactOptional(),
})

/**
 * Branches run side by side, each on its own copy of memory. Without `outputs` each branch's value is written under
 * its name; with them the result is the object of all.
 */
const ParallelStep = z.strictObject({
  ...everyStep,
  operator: z.literal('parallel'),
  branches: z.record(
    Key,
    z.lazy((): z.ZodType<Body> => Body),
  ),
})

/** The body runs once for each item of a list, on its own copy of memory; the result is the list of what they return. */
const MapStep = z.strictObject({
  ...everyStep,
  operator: z.literal('map'),
  over: Input,
  /** The item's name inside. */
  as: Key,
  /** The name of its index, from 0. */
  indexAs: Key.exactOptional(),
  /** Items under way at once. @default 16 */
  concurrency: z.int().positive().max(1000).exactOptional(),
  body: z.lazy((): z.ZodType<Body> => Body),
})

/** One step of a workflow. */
export type Step = z.infer<typeof Step>
export const Step = z.discriminatedUnion('operator', [
  GenerativeStep,
  SearchStep,
  SampleStep,
  ParallelStep,
  MapStep,
])

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

/** What a workflow gives back, with all that can be said about it. */
export const LongReturns = z.strictObject({
  /** One value. */
  value: Input.exactOptional(),
  /** Several: by name as an object, or as a list. */
  values: z.union([z.array(Input).min(1), z.record(Key, Input)]).exactOptional(),
  /** As JSON text, with what is JSON text already not encoded twice. */
  json: z.boolean().exactOptional(),
  /** Texts that hold an array or object in JSON become what they hold. @default false */
  decode: z.boolean().exactOptional(),
  /** One text of the values, with this after each; what is not there is an empty one. */
  after: z.string().exactOptional(),
  process: z.array(PostProcess).exactOptional(),
})

/** What a workflow gives back: one key, several keys as an object, or either with more to say. */
export type Returns = z.infer<typeof Returns>
export const Returns = z.union([Key, z.array(Key).min(1), LongReturns])

/** What a body consists of, the document's own one included. */
export const bodyParts = {
  steps: z.array(Step).min(1).max(DOCUMENT_LIMITS.steps),
  /** @default the first step */
  start: StepId.exactOptional(),
  /** A step without an edge goes to the next in order, the last to the end. */
  edges: z
    .array(Edge)
    .max(4 * DOCUMENT_LIMITS.steps)
    .exactOptional(),
  returns: Returns,
}

/** Steps with their edges and what comes of them: a branch, or what a map repeats. */
export interface Body {
  readonly steps: Step[]
  readonly start?: string
  readonly edges?: Edge[]
  readonly returns: Returns
}
export const Body: z.ZodType<Body> = z.strictObject(bodyParts)

/** A function that a model may call. Without `http` it cannot run on a node: the call is returned to the client. */
export type ToolDefinition = z.infer<typeof ToolDefinition>
export const ToolDefinition = z.strictObject({
  name,
  description: z.string(),
  /** JSON Schema of its arguments. @default what the request's templates name, as texts */
  parameters: JsonSchemaValue.exactOptional(),
  /** A request whose texts may hold `{{argument}}`. */
  http: z
    .strictObject({
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      url: z.string().min(1).max(4096),
      headers: z.record(name, z.string().max(4096)).exactOptional(),
      /** Sent as JSON. @default the arguments, for methods that have a body */
      body: z.record(name, z.unknown()).exactOptional(),
    })
    .exactOptional(),
})

export const Limits = z.strictObject({
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
  /** What memory holds before the inputs come. */
  memory: z.record(Key, z.unknown()).exactOptional(),
  /** Tools that models may call: defined here, or by the name under which a node has them (`ALL`: all it allows). */
  tools: z
    .array(z.union([name, ToolDefinition]))
    .max(DOCUMENT_LIMITS.tools)
    .exactOptional(),
  ...bodyParts,
  limits: Limits.exactOptional(),
})
