import { AFTER } from './dria-import.ts'
import { contentOf, isWhole, sourceOf, taskOf, unsayable, valueOf } from './dria-export-task.ts'
import {
  DEFAULT_MAX_STEPS,
  END,
  type Condition,
  type Edge,
  type Input,
  type PostProcess,
  type Returns,
  type ToolDefinition,
  type WorkflowDocument,
} from '../document/document.ts'
import { isRecord, withoutAbsent } from '../records.ts'
import { planReturns } from '../interpret/returns.ts'
import { textOf } from '../template.ts'

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
  const known = { ...document, memory: { ...document.memory, ...input } }
  const memory = memoryOf(document, known.memory)
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
    tasks: [...document.steps.map((step) => taskOf(step, known)), END_TASK],
    steps: edgesOf(known),
    return_value: returnValueOf(document.returns, known),
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
  document: WorkflowDocument,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { input: inputs, optionalInputs = [] } = document
  const missing = Object.keys(inputs).find(
    (key) =>
      !Object.hasOwn(values, key) && !optionalInputs.includes(key) && !isWhole(key, document),
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

function edgesOf(document: WorkflowDocument): readonly unknown[] {
  const { steps, edges = [], start } = document
  const order = steps.map(({ id }) => id)
  const first = start ?? order[0] ?? END
  const sources = [first, ...order.filter((id) => id !== first)]
  return sources.map((id) => {
    const otherwise: Edge = { from: id, to: order[order.indexOf(id) + 1] ?? END }
    const [edge = otherwise, next] = edges.filter(({ from }) => from === id)
    return edgeOf(edge, next, document)
  })
}

/** One edge for each step: theirs looks at no second one. */
function edgeOf(
  edge: Edge,
  next: Edge | undefined,
  document: WorkflowDocument,
): Readonly<Record<string, unknown>> {
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
      condition === undefined
        ? undefined
        : conditionOf(condition, otherwise ?? next?.to ?? END, document),
    fallback,
  })
}

function conditionOf(
  { input, expression, expected }: Condition,
  otherwise: string,
  document: WorkflowDocument,
): unknown {
  if (expression === 'HaveSimilar' && typeof expected === 'number') {
    throw unsayable('HaveSimilar looks up a text, and has no similarity of its own')
  }
  return {
    input: valueOf(input, document),
    expected: String(expected),
    expression,
    target_if_not: otherwise,
  }
}

function returnValueOf(
  returns: Returns,
  document: WorkflowDocument,
): Readonly<Record<string, unknown>> {
  const plan = planReturns(returns)
  const { form, values, after, process } = plan
  const inputs = values.map(({ input }) =>
    typeof input === 'string' ? sourceOf(input, document) : input,
  )
  const lists = values.some(({ input }, index) => isList(input, inputs[index]))
  const said = inputs.map((input) => valueOf(input, document))
  return withoutAbsent({
    input: form === 'value' && after === undefined ? said[0] : said,
    to_json: isJson(plan, lists) ? true : undefined,
    post_process: process.length === 0 ? undefined : process.map(processOf),
  })
}

/** Whether a value is returned as JSON: theirs makes one text of all that is not. */
function isJson(plan: ReturnType<typeof planReturns>, lists: boolean): boolean {
  const { form, values, json, decode, after } = plan
  const texts = values.some(({ input }) => isText(input))
  if (after !== undefined) refuseJson(after !== AFTER || lists || json)
  else if (texts) refuseJson(lists || json || form === 'object')
  else return form !== 'value' || json || decode || lists
  return false
}

function refuseJson(isMixed: boolean): void {
  if (!isMixed) return
  throw unsayable(
    'it returns JSON with lists as lists, or one text with a space and a line break after each value',
  )
}

/** Whether an input gives a list, not the text of one. */
function isList(said: Input, read: Input | undefined): boolean {
  if (typeof read !== 'object' || read.type !== 'get_all') return false
  return typeof said === 'string' || !isText(read)
}

/** Whether an input gives the text of a list. */
function isText(input: Input): boolean {
  if (typeof input !== 'object' || input.type !== 'get_all') return false
  return input.join !== undefined || input.after !== undefined
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
