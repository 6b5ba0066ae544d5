import { outputsOf } from '../compile/compile-keys.ts'
import { RESULT } from './dria-document.ts'
import { DRIA_INPUT, JOINT } from './dria-import.ts'
import {
  DEFAULT_MAX_STEPS,
  END,
  type Condition,
  type Edge,
  type GenerativeStep,
  type Input,
  type PostProcess,
  type Returns,
  type SampleStep,
  type SearchStep,
  type Step,
  type ToolDefinition,
  type WorkflowDocument,
} from '../document/document.ts'
import { blame, WorkflowError } from '../errors.ts'
import { isRecord, withoutAbsent } from '../records.ts'
import { planReturns } from '../interpret/returns.ts'
import { segmentsOf, textOf, type Segment } from '../template.ts'

/** Seconds that Dria's own builder allows where nothing is said. */
const DEFAULT_SECONDS = 200

/**
 * Writes a workflow as one of Dria's. Their JSON holds its input: what has no value in the document is taken from
 * `input`.
 *
 * @throws {WorkflowError} naming what theirs cannot say
 */
export function toDria(
  document: WorkflowDocument,
  input: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const memory = memoryOf(document, input)
  const tools = document.tools ?? []
  const custom = tools.filter((tool) => typeof tool !== 'string').map(toolOf)
  return withoutAbsent({
    name: document.name,
    description: document.description,
    config: withoutAbsent({
      max_steps: document.limits?.maxSteps ?? DEFAULT_MAX_STEPS,
      max_time: (document.limits?.maxTimeMs ?? DEFAULT_SECONDS * 1000) / 1000,
      tools: tools.filter((tool) => typeof tool === 'string'),
      custom_tools: custom.length === 0 ? undefined : custom,
      max_tokens: document.limits?.maxTokens,
    }),
    external_memory: memory,
    tasks: [...document.steps.map((step) => taskOf(step, document)), END_TASK],
    steps: edgesOf(document),
    return_value: returnValueOf(document.returns, document),
  })
}

const END_TASK = {
  id: END,
  name: 'end',
  description: 'End of the task',
  messages: [{ role: 'user', content: 'End of the task' }],
  inputs: [],
  operator: 'end',
  outputs: [],
} as const

function memoryOf(
  { input: inputs, optionalInputs = [], memory = {} }: WorkflowDocument,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const values = { ...memory, ...given }
  const missing = Object.keys(inputs).find(
    (key) => !Object.hasOwn(values, key) && !optionalInputs.includes(key) && key !== DRIA_INPUT,
  )
  if (missing !== undefined) {
    throw unsayable(`its JSON holds the input, and '${missing}' has no value: give one`)
  }
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, storable(value)]))
}

/** Texts, objects, and lists of both: other values as text. */
function storable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (isRecord(item) ? item : textOf(item)))
  return isRecord(value) ? value : textOf(value)
}

function taskOf(step: Step, document: WorkflowDocument): Readonly<Record<string, unknown>> {
  try {
    if (step.when !== undefined || step.optional === true) throw unsayable('it may be skipped')
    const { messages, inputs, ...rest } = bodyOf(step, document)
    return withoutAbsent({
      id: step.id,
      name: step.title ?? step.id,
      description: step.description ?? '',
      messages,
      inputs,
      operator: step.operator,
      outputs: writtenOutputs(step),
      ...rest,
    })
  } catch (error) {
    throw blame(error, `step '${step.id}'`, step.id)
  }
}

interface TaskBody {
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly inputs: readonly unknown[]
  readonly schema?: string | undefined
}

function bodyOf(step: Step, document: WorkflowDocument): TaskBody {
  if (step.operator === 'search') return searchBody(step, document)
  if (step.operator === 'sample') return sampleBody(step, document)
  if (step.operator === 'parallel' || step.operator === 'map') {
    throw unsayable(`it has no steps of the kind '${step.operator}'`)
  }
  return conversationBody(step, document)
}

function conversationBody(step: GenerativeStep, document: WorkflowDocument): TaskBody {
  const { system, messages = [], prompt, schema } = step
  for (const key of ['models', 'sampling', 'images', 'maxTokens', 'retry', 'timeoutMs'] as const) {
    if (step[key] !== undefined) throw unsayable(`a step of its own has no '${key}'`)
  }
  const written: { role: string; content: string }[] = []
  const names: string[] = []
  const say = (role: string, text: string | undefined): void => {
    if (text === undefined) return
    const { content, names: read } = contentOf(text)
    written.push({ role, content })
    names.push(...read)
  }
  say('system', system)
  for (const { role, content } of messages) say(role, content)
  say('user', prompt)
  return {
    messages: written,
    inputs: inputsOf(step, document, names),
    ...(schema === undefined ? {} : { schema: JSON.stringify(schema) }),
  }
}

function searchBody(step: SearchStep, document: WorkflowDocument): TaskBody {
  const { content, names } = contentOf(step.query)
  const asked = {
    query: content,
    search_type: step.type ?? 'search',
    lang: step.language ?? 'en',
    n_results: step.count ?? 5,
  }
  return {
    messages: [{ role: 'user', content: JSON.stringify(asked) }],
    inputs: inputsOf(step, document, names),
  }
}

/** Only what theirs does: one item of the list that each input names, after a colon. */
function sampleBody(step: SampleStep, document: WorkflowDocument): TaskBody {
  const drawn = Object.entries(step.from)
  const named = drawn.map(([, source]) =>
    typeof source === 'object' && source.type === 'named' ? source.input : undefined,
  )
  const names = named.filter((input) => typeof input === 'string')
  const end = drawn.map(([name]) => `: {${name}}`).join('')
  const { content = '' } = step.prompt === undefined ? {} : contentOf(step.prompt)
  if (names.length < drawn.length || !content.endsWith(end)) {
    throw unsayable('it draws from lists that inputs name, and adds the items to the prompt')
  }
  return {
    messages: [{ role: 'user', content: content.slice(0, content.length - end.length) }],
    inputs: inputsOf(step, document, names),
  }
}

/** A prompt in their spelling: `{x}` for a name, every other brace as it is. */
function contentOf(prompt: string): {
  readonly content: string
  readonly names: readonly string[]
} {
  const segments = segmentsOf(prompt)
  if (segments === undefined) throw unsayable('its prompts have names only, no blocks and no paths')
  return {
    content: segments.map(spelt).join(''),
    names: segments.flatMap((segment) => ('name' in segment ? [segment.name] : [])),
  }
}

function spelt(segment: Segment): string {
  return 'name' in segment ? `{${segment.name}}` : segment.text
}

/** The inputs that a step has, and those that its prompt reads from memory. */
function inputsOf(
  step: Step,
  document: WorkflowDocument,
  names: readonly string[],
): readonly unknown[] {
  const own = Object.entries(step.inputs ?? {})
  const read = [...new Set(names)].filter((name) => !own.some(([known]) => known === name))
  return [
    ...own.map(([name, input]) => ({
      name,
      value: valueOf(input),
      required: typeof input === 'string' || input.required !== false,
    })),
    ...read.map((name) => ({ name, value: valueOf(sourceOf(name, document)), required: true })),
  ]
}

/** How theirs reads a key: what was pushed is no value there. */
function sourceOf(key: string, { steps, memory = {} }: WorkflowDocument): Input {
  const pushed = steps.some(({ outputs = [] }) =>
    outputs.some((output) => output.type === 'push' && output.key === key),
  )
  return pushed || Array.isArray(memory[key])
    ? { type: 'get_all', key, join: JOINT }
    : { type: 'read', key }
}

function valueOf(input: Input): Readonly<Record<string, unknown>> {
  if (typeof input === 'string') return { type: 'read', key: input }
  if (input.type === 'input') throw unsayable('its input is one text, not all inputs together')
  if (input.type === 'string') return { type: 'string', key: input.value }
  if (input.type === 'read' && input.key === DRIA_INPUT) return { type: 'input', key: '' }
  if (input.type === 'peek') return { type: 'peek', index: input.index, key: input.key }
  return { type: input.type, key: input.key }
}

function writtenOutputs(step: Step): readonly unknown[] {
  return outputsOf(step).map(({ type, key = '', value = RESULT }) => ({ type, key, value }))
}

function edgesOf({ steps, edges = [], start }: WorkflowDocument): readonly unknown[] {
  const order = steps.map(({ id }) => id)
  const first = start ?? order[0] ?? END
  const sources = [first, ...order.filter((id) => id !== first)]
  return sources.map((id) => {
    const own = edges.filter(({ from }) => from === id)
    return edgeOf(own.length === 0 ? [{ from: id, to: order[order.indexOf(id) + 1] ?? END }] : own)
  })
}

/** One edge for each step: theirs looks at no second one. */
function edgeOf([edge, next]: readonly Edge[]): Readonly<Record<string, unknown>> {
  if (edge === undefined) throw unsayable('a step leads somewhere')
  const { from, to, if: condition, else: otherwise, fallback } = edge
  const decided = condition === undefined || otherwise !== undefined
  if (!decided && (next === undefined || next.if !== undefined)) {
    throw unsayable(
      `the step '${from}' has one condition at most, and somewhere to go where it does not hold`,
    )
  }
  return withoutAbsent({
    source: from,
    target: to,
    condition:
      condition === undefined ? undefined : conditionOf(condition, otherwise ?? next?.to ?? END),
    fallback,
  })
}

function conditionOf({ input, expression, expected }: Condition, otherwise: string): unknown {
  if (expression === 'HaveSimilar' && typeof expected === 'number') {
    throw unsayable('HaveSimilar looks up a text, and has no similarity of its own')
  }
  return { input: valueOf(input), expected: String(expected), expression, target_if_not: otherwise }
}

function returnValueOf(
  returns: Returns,
  document: WorkflowDocument,
): Readonly<Record<string, unknown>> {
  const { form, values, json, decode, process } = planReturns(returns)
  const inputs = values.map(({ input }) =>
    typeof input === 'string' ? sourceOf(input, document) : input,
  )
  const lists = values.some(({ input }, index) => isList(input, inputs[index]))
  const [first] = inputs.map(valueOf)
  return withoutAbsent({
    input: form === 'value' ? first : inputs.map(valueOf),
    to_json: form !== 'value' || json || decode || lists ? true : undefined,
    post_process: process.length === 0 ? undefined : process.map(processOf),
  })
}

/** Whether an input gives a list, not the text of one. */
function isList(said: Input, read: Input | undefined): boolean {
  if (typeof read !== 'object' || read.type !== 'get_all') return false
  return typeof said === 'string' || read.join === undefined
}

function processOf(step: PostProcess): Readonly<Record<string, unknown>> {
  if (step.type === 'replace') return { process_type: step.type, lhs: step.find, rhs: step.with }
  if (step.type === 'append') return { process_type: step.type, rhs: step.text }
  if (step.type === 'prepend') return { process_type: step.type, lhs: step.text }
  return { process_type: step.type }
}

function toolOf({
  name,
  description,
  parameters,
  http,
}: ToolDefinition): Readonly<Record<string, unknown>> {
  if (http === undefined) {
    return { name, description, mode: 'custom', parameters: parameters ?? { type: 'object' } }
  }
  const { properties } = parameters ?? {}
  const body = Object.fromEntries(
    Object.keys(isRecord(properties) ? properties : {}).map((key) => [key, '']),
  )
  const text = (source: string): string => {
    const { content, names } = contentOf(source)
    if (names.length > 0) throw unsayable(`the tool '${name}' has its arguments in the body only`)
    return content
  }
  return withoutAbsent({
    name,
    description,
    mode: 'http_request',
    url: text(http.url),
    method: http.method,
    headers:
      http.headers === undefined
        ? undefined
        : Object.fromEntries(
            Object.entries(http.headers).map(([key, value]) => [key, text(value)]),
          ),
    body: Object.keys(body).length === 0 ? undefined : body,
  })
}

function unsayable(reason: string): WorkflowError {
  return new WorkflowError(
    'INVALID_DOCUMENT',
    `cannot be written as one of Dria's workflows: ${reason}`,
  )
}
