import { outputsOf, storedKeys } from '../compile/compile-keys.ts'
import { DRIA_INPUT, RESULT } from './dria-document.ts'
import { AFTER } from './dria-import.ts'
import { tag } from './dria-prompt.ts'
import type {
  GenerativeStep,
  Input,
  SampleStep,
  SearchStep,
  Step,
  WorkflowDocument,
} from '../document/document.ts'
import { blame, WorkflowError } from '../errors.ts'
import { withoutAbsent } from '../records.ts'
import { segmentsOf, type Segment } from '../template.ts'

/**
 * A step as a task of Dria's.
 *
 * @throws {WorkflowError} naming what theirs cannot say
 */
export function taskOf(step: Step, document: WorkflowDocument): Readonly<Record<string, unknown>> {
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
  readonly inputs: readonly TaskInput[]
  readonly schema?: string | undefined
}

interface TaskInput {
  readonly name: string
  readonly value: Readonly<Record<string, unknown>>
  readonly required: boolean
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

/** Only what theirs does: one item of the list that each input names, in the order of the inputs, after a colon. */
function sampleBody(step: SampleStep, document: WorkflowDocument): TaskBody {
  const drawn = Object.entries(step.from)
  const named = drawn.map(([, source]) =>
    typeof source === 'object' && source.type === 'named' ? source.input : undefined,
  )
  const lists = named.filter((input) => typeof input === 'string')
  const inputs = inputsOf(step, document, lists)
  const end = drawn.map(([name]) => `: ${tag(name)}`).join('')
  const { prompt = '' } = step
  const { content, names } = contentOf(prompt.slice(0, prompt.length - end.length))
  const isSame =
    prompt.endsWith(end) &&
    drawn.length === inputs.length &&
    inputs.every(({ name }, index) => name === named[index]) &&
    names.every((name) => lists.includes(name) && !Object.hasOwn(step.from, name))
  if (!isSame) {
    throw unsayable(
      'it draws from the lists that its inputs name, and adds the items to the prompt',
    )
  }
  return { messages: [{ role: 'user', content }], inputs }
}

/** A prompt in their spelling: `{x}` for a name, every other brace as it is. */
export function contentOf(prompt: string): {
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
): readonly TaskInput[] {
  const own = Object.entries(step.inputs ?? {})
  const read = [...new Set(names)].filter((name) => !own.some(([known]) => known === name))
  return [
    ...own.map(([name, input]) => ({
      name,
      value: valueOf(input, document),
      required: typeof input === 'string' || input.required !== false,
    })),
    ...read.map((name) => ({
      name,
      value: valueOf(sourceOf(name, document), document),
      required: true,
    })),
  ]
}

/** How theirs reads a key: what was pushed is no value there. */
export function sourceOf(key: string, { steps, memory = {} }: WorkflowDocument): Input {
  const pushed = steps.some(({ outputs = [] }) =>
    outputs.some((output) => output.type === 'push' && output.key === key),
  )
  return pushed || Array.isArray(memory[key])
    ? { type: 'get_all', key, after: AFTER }
    : { type: 'read', key }
}

export function valueOf(
  input: Input,
  document: WorkflowDocument,
): Readonly<Record<string, unknown>> {
  if (typeof input === 'string') return { type: 'read', key: input }
  if (input.type === 'input') throw unsayable('its input is one text, not all inputs together')
  if (input.type === 'string') return { type: 'string', key: input.value }
  if (input.type === 'get_all' && !isTheirText(input)) {
    throw unsayable('its lists become one text with a space and a line break after each value')
  }
  if (input.type === 'read' && isWhole(input.key, document)) return { type: 'input', key: '' }
  if (input.type === 'peek') return { type: 'peek', index: input.index, key: input.key }
  return { type: input.type, key: input.key }
}

/** Whether a key is the input of their workflow: not where memory holds it or a step writes it. */
export function isWhole(
  key: string,
  { input = {}, memory = {}, steps = [] }: Partial<WorkflowDocument>,
): boolean {
  if (key !== DRIA_INPUT || Object.hasOwn(memory, key) || !Object.hasOwn(input, key)) return false
  return !steps.some((step) => storedKeys(step).includes(key))
}

/** Whether a list is one, or the text that theirs makes of it. */
function isTheirText({ join, after }: Extract<Input, { type: 'get_all' }>): boolean {
  if (after === undefined) return join === undefined || join === AFTER
  return after === AFTER && (join ?? '') === ''
}

function writtenOutputs(step: Step): readonly unknown[] {
  return outputsOf(step).map(({ type, key = '', value = RESULT }) => ({ type, key, value }))
}

/** What Dria's workflows cannot say. */
export function unsayable(reason: string): WorkflowError {
  return new WorkflowError(
    'INVALID_DOCUMENT',
    `cannot be written as one of Dria's workflows: ${reason}`,
  )
}
