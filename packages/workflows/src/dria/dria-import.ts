import {
  DRIA_INPUT,
  DriaDocument,
  readsOf,
  RESULT,
  type DriaEdge,
  type DriaInputValue,
  type DriaPostProcess,
  type DriaReturnValue,
  type DriaTask,
  type DriaTool,
} from './dria-document.ts'
import { withKeysApart } from './dria-keys.ts'
import { misfitsInDria } from './dria-places.ts'
import { lastText, tag, templateOf } from './dria-prompt.ts'
import { schemaFromDria } from './dria-schema.ts'
import { searchOf } from './dria-search.ts'
import {
  END,
  type Edge,
  type GenerativeStep,
  type Input,
  type Output,
  type PostProcess,
  type Returns,
  type SampleStep,
  type Step,
  type ToolDefinition,
  WorkflowDocument,
} from '../document/document.ts'
import { blame, WorkflowError } from '../errors.ts'
import type { JsonSchema } from '../needs.ts'
import { flawText, misfitsOf } from '../document/misfit.ts'
import { refuseMonsters } from '../document/monster.ts'
import { parseWorkflow } from '../document/parse.ts'
import { literalTemplate } from '../template.ts'
import { withoutAbsent } from '../records.ts'

/** What stands after each value of a list where Dria makes one text of them. */
export const AFTER = ' \n'

/**
 * Reads one of Dria's workflows. What its memory holds can be given anew as input; a key that is read but never
 * written is an input that may be left out.
 *
 * @throws {WorkflowError} naming the task
 */
export function fromDria(json: unknown): WorkflowDocument {
  refuseMonsters(json)
  const result = DriaDocument.safeParse(json)
  if (!result.success) {
    const [misfit] = misfitsOf(result.error, json)
    throw new WorkflowError(
      'INVALID_DOCUMENT',
      `this is none of Dria's workflows: ${misfit === undefined ? '' : flawText(misfit, 'the document')}`,
      { cause: result.error },
    )
  }
  const made = convert(result.data)
  refuseMisfits(result.data, made)
  return parseWorkflow(made)
}

/** @throws {WorkflowError} with the place in Dria's JSON */
function refuseMisfits(document: DriaDocument, made: unknown): void {
  const { error } = WorkflowDocument.safeParse(made)
  if (error === undefined) return
  const [found] = misfitsInDria(document, misfitsOf(error, made))
  if (found === undefined) return
  const { path, misfit } = found
  throw new WorkflowError('INVALID_DOCUMENT', `${path}: ${misfit.message}. ${misfit.mend}`, {
    cause: error,
  })
}

/**
 * What Dria's workflow is in our words, before anything looks whether it can be run.
 *
 * @throws {WorkflowError} naming the task whose schema cannot be read
 */
export function convert(document: DriaDocument): Record<string, unknown> {
  const source = withKeysApart(document)
  const { config, name = 'dria', description, tasks } = source
  const steps = tasks.flatMap(({ operator, ...task }) =>
    operator === 'end' ? [] : [stepOf(operator, task, config)],
  )
  const tools = [...config.tools, ...(config.custom_tools ?? []).map(toolOf)]
  const start = source.steps[0]?.source
  const memory = source.external_memory ?? {}
  return withoutAbsent({
    version: 1,
    name,
    description,
    ...inputsOf(source, steps),
    memory: Object.keys(memory).length === 0 ? undefined : memory,
    tools: tools.length === 0 ? undefined : tools,
    steps,
    start: start === steps[0]?.id ? undefined : start,
    edges: edgesOf(source.steps, new Set(steps.map(({ id }) => id))),
    returns: returnsOf(source.return_value),
    limits: limitsOf(config),
  })
}

function limitsOf({
  max_steps: steps,
  max_time: seconds,
  max_tokens: tokens,
}: DriaDocument['config']): object {
  return withoutAbsent({
    maxSteps: Math.max(1, steps),
    maxTimeMs: Math.max(1, Math.ceil(seconds * 1000)),
    maxTokens: tokens ?? undefined,
  })
}

/** Every key that is there from outside: what memory holds, the input, and what is read but never written. */
function inputsOf(
  document: DriaDocument,
  steps: readonly Step[],
): Pick<WorkflowDocument, 'input' | 'optionalInputs'> {
  const { external_memory: memory, tasks } = document
  const written = new Set(steps.flatMap(({ outputs = [] }) => outputs.map(({ key }) => key)))
  const input: Record<string, JsonSchema> = {}
  for (const [key, value] of Object.entries(memory ?? {})) input[key] = kindOf(value)
  for (const value of readsOf(document)) {
    const key = keyRead(value)
    if (key !== undefined && !written.has(key)) input[key] ??= {}
  }
  const demanded = tasks.some(({ inputs }) =>
    inputs.some(({ value, required }) => required && value.type === 'input'),
  )
  const optional = Object.keys(input).filter((key) => key !== DRIA_INPUT || !demanded)
  return optional.length === 0 ? { input } : { input, optionalInputs: optional }
}

function kindOf(value: unknown): JsonSchema {
  if (typeof value === 'string') return { type: 'string' }
  return { type: Array.isArray(value) ? 'array' : 'object' }
}

function keyRead({ type, key }: DriaInputValue): string | undefined {
  if (type === 'string') return undefined
  return type === 'input' ? DRIA_INPUT : key
}

type Task = Omit<DriaTask, 'operator'>
type Operator = Exclude<DriaTask['operator'], 'end'>

function stepOf(operator: Operator, task: Task, config: DriaDocument['config']): Step {
  try {
    return conversionOf(operator, task, config)
  } catch (error) {
    throw blame(error, `task '${task.id}'`, task.id)
  }
}

function conversionOf(operator: Operator, task: Task, config: DriaDocument['config']): Step {
  const { id, name, description } = task
  const inputs = Object.fromEntries(
    task.inputs.map(({ name: input, value, required }) => [input, inputOf(value, required)]),
  )
  const every = {
    id,
    ...(name === undefined ? {} : { title: name }),
    ...(description === undefined ? {} : { description }),
    ...(task.inputs.length === 0 ? {} : { inputs }),
    outputs: task.outputs.map(outputOf),
  }
  if (operator === 'search') return { ...every, operator, ...searchOf(task) }
  if (operator === 'sample') return { ...every, operator, ...sampleOf(task) }
  return {
    ...every,
    operator,
    ...conversationOf(task),
    ...(task.schema == null ? {} : { schema: schemaFromDria(task.schema) }),
    ...(operator === 'function_calling' ? runnableTools(config) : {}),
  }
}

/** Tools that a node can run: not those whose calls are for the client. */
function runnableTools({ tools, custom_tools: custom }: DriaDocument['config']): {
  tools?: string[]
} {
  const runnable = (custom ?? []).filter(({ mode }) => mode === 'http_request')
  if (runnable.length === (custom ?? []).length) return {}
  return { tools: [...tools, ...runnable.map(({ name }) => name)] }
}

function inputOf({ type, key, index }: DriaInputValue, required: boolean): Input {
  const optional = required ? {} : { required: false }
  if (type === 'string') return { type, value: key }
  if (type === 'input') return { type: 'read', key: DRIA_INPUT, ...optional }
  if (type === 'peek') return { type, key, index: index ?? 0, ...optional }
  if (type === 'get_all') return { type, key, after: AFTER, ...optional }
  return { type, key, ...optional }
}

function outputOf({ type, key, value }: DriaTask['outputs'][number]): Output {
  const literal = value === RESULT ? {} : { value }
  if (type === 'insert') return { type, ...(key === '' ? {} : { key }), ...literal }
  return { type, key, ...literal }
}

const ROLES = ['system', 'user', 'assistant', 'tool'] as const

function conversationOf(task: Task): Pick<GenerativeStep, 'messages' | 'prompt'> {
  const messages = task.messages.map(({ role, content }) => ({
    role: ROLES.find((known) => known === role) ?? 'user',
    content: templateOf(content, task),
  }))
  if (task.prompt !== undefined)
    messages.push({ role: 'user', content: templateOf(task.prompt, task) })
  const last = messages.at(-1)
  if (last?.role !== 'user') return { messages }
  const before = messages.slice(0, -1)
  return { ...(before.length === 0 ? {} : { messages: before }), prompt: last.content }
}

/** Each input names a list; one item of each is added to the prompt after a colon. */
function sampleOf(task: Task): Omit<SampleStep, 'id' | 'operator'> {
  const sources = task.inputs.map(({ name }) => ({ name, drawn: `${name}_sample` }))
  const prompt = templateOf(lastText(task), task)
  return {
    from: Object.fromEntries(
      sources.map(({ name, drawn }) => [drawn, { type: 'named', input: name } as const]),
    ),
    prompt: prompt + sources.map(({ drawn }) => `: ${tag(drawn)}`).join(''),
  }
}

/** All edges; a step without one ends the workflow, as does every target that is no step. */
function edgesOf(edges: readonly DriaEdge[], ids: ReadonlySet<string>): readonly Edge[] {
  const made = edges.filter(({ source }) => ids.has(source)).map((edge) => edgeOf(edge, ids))
  const sources = new Set(made.map(({ from }) => from))
  const last = [...ids].filter((id) => !sources.has(id)).map((from) => ({ from, to: END }))
  return [...made, ...last]
}

function edgeOf({ source, target, condition, fallback }: DriaEdge, ids: ReadonlySet<string>): Edge {
  const place = (id: string): string => (ids.has(id) ? id : END)
  const edge: Edge = { from: source, to: place(target) }
  if (fallback != null) edge.fallback = place(fallback)
  if (condition == null) return edge
  const { input, expression, expected } = condition
  // Their values are texts, and what was never written is an empty one.
  edge.if = { input: inputOf(input, false), expression, expected, text: true }
  edge.else = place(condition.target_if_not)
  return edge
}

function returnsOf({ input, to_json: toJson, post_process: process }: DriaReturnValue): Returns {
  const processed = process == null ? {} : { process: process.flatMap(processOf) }
  const read = (value: DriaInputValue): Input =>
    toJson === true ? asList(inputOf(value, false)) : inputOf(value, false)
  const isText = toJson !== true && (processed.process?.length ?? 0) > 0
  if (Array.isArray(input)) {
    return {
      values: input.map(read),
      ...(isText ? { after: AFTER } : { decode: true }),
      ...processed,
    }
  }
  const isList = toJson === true && input.type === 'get_all'
  return { value: read(input), ...(isList ? { decode: true } : {}), ...processed }
}

/** All values of a list as such, not as one text. */
function asList(input: Input): Input {
  if (typeof input === 'string' || input.type !== 'get_all') return input
  const { after: _, ...list } = input
  return list
}

/** What lacks its texts is passed over, as the executor does. */
function processOf({ process_type: type, lhs, rhs }: DriaPostProcess): readonly PostProcess[] {
  if (type === 'replace')
    return lhs == null || lhs === '' || rhs == null ? [] : [{ type, find: lhs, with: rhs }]
  if (type === 'append') return rhs == null ? [] : [{ type, text: rhs }]
  if (type === 'prepend') return lhs == null ? [] : [{ type, text: lhs }]
  return [{ type }]
}

function toolOf(tool: DriaTool): ToolDefinition {
  const { name, description } = tool
  if (tool.mode === 'custom') return { name, description, parameters: tool.parameters }
  const names = Object.keys(tool.body ?? {})
  const http: NonNullable<ToolDefinition['http']> = {
    method: tool.method,
    url: literalTemplate(tool.url),
  }
  for (const [key, value] of Object.entries(tool.headers ?? {})) {
    http.headers = { ...http.headers, [key]: literalTemplate(value) }
  }
  const properties = names.map(
    (key) => [key, { type: 'string', description: `The value for ${key}` }] as const,
  )
  const parameters = { type: 'object', properties: Object.fromEntries(properties), required: names }
  return { name, description, parameters, http }
}
