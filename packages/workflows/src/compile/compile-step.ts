import { answerReader } from '../answers/answer.ts'
import {
  keysOf,
  Names,
  neededKey,
  outputsOf,
  refuseUnknownKey,
  refuseUnknownNames,
  spreads,
} from './compile-keys.ts'
import { toolsOf, type ToolTable } from './compile-tools.ts'
import {
  DEFAULT_RETRY,
  type Body,
  type GenerativeStep,
  type Input,
  type Step,
} from '../document/document.ts'
import { blame, WorkflowError } from '../errors.ts'
import type { AskPlan, BodyPlan, MessagePlan, Plan, Station } from './station.ts'
import { template, type Template } from '../template.ts'

/** What a step can refer to. */
export interface Scope {
  readonly keys: Names
  readonly tools: ToolTable
  readonly compileBody: (body: Body, scope: Omit<Scope, 'compileBody'>) => BodyPlan
}

/** What a step's plan reads. */
interface Reads {
  readonly templates: readonly Template[]
  readonly inputs: readonly Input[]
}

const DEFAULT_ROUNDS = 8
const DEFAULT_CONCURRENCY = 16
const DEFAULT_RESULTS = 5

/** @throws {WorkflowError} naming the step */
export function compileStep(step: Step, scope: Scope): Station {
  try {
    const inputs = Object.entries(step.inputs ?? {})
    const own = inputs.map(([name]) => name)
    const inner = { ...scope, keys: own.length === 0 ? scope.keys : new Names(own, scope.keys) }
    const [plan, reads] = planOf(step, inner)
    for (const [, input] of inputs) refuseUnknownKey(input, scope.keys)
    if (step.when !== undefined) refuseUnknownKey(step.when.input, scope.keys)
    for (const input of reads.inputs) refuseUnknownKey(input, inner.keys)
    for (const used of reads.templates) refuseUnknownNames(used, inner.keys)
    return {
      id: step.id,
      inputs,
      required: requiredNames(inputs, reads),
      when: step.when,
      optional: step.optional ?? false,
      retries: step.retry ?? 0,
      plan,
      outputs: outputsOf(step),
      ways: [],
      fallback: undefined,
    }
  } catch (error) {
    throw blame(error, `step '${step.id}'`, step.id)
  }
}

/** Names of memory without which the step cannot run. */
function requiredNames(
  inputs: readonly (readonly [string, Input])[],
  reads: Reads,
): readonly string[] {
  const own = new Set(inputs.map(([name]) => name))
  const read = [
    ...reads.templates.flatMap(({ required }) => required),
    ...reads.inputs.map(neededKey),
  ].filter((name) => name !== undefined && !own.has(name))
  const taken = inputs.map(([, input]) => neededKey(input))
  return [...new Set([...read, ...taken])].filter((name) => name !== undefined)
}

function planOf(step: Step, scope: Scope): readonly [Plan, Reads] {
  if (step.operator === 'search') return planSearch(step)
  if (step.operator === 'sample') return planSample(step)
  if (step.operator === 'parallel') return planParallel(step, scope)
  if (step.operator === 'map') return planMap(step, scope)
  return planAsk(step, scope)
}

const MODES: Readonly<Record<GenerativeStep['operator'], AskPlan['mode']>> = {
  generation: 'text',
  function_calling: 'tools',
  function_calling_raw: 'calls',
}

function planAsk(step: GenerativeStep, { tools }: Scope): readonly [Plan, Reads] {
  const messages = planMessages(step)
  const plan: AskPlan = {
    kind: 'ask',
    mode: MODES[step.operator],
    messages,
    reader: answerReader(step.schema),
    attempts: 1 + (step.retry ?? DEFAULT_RETRY),
    rounds: step.rounds ?? DEFAULT_ROUNDS,
    ...toolsOf(step, tools),
    models: step.models,
    sampling: step.sampling,
    maxTokens: step.maxTokens,
    timeoutMs: step.timeoutMs,
  }
  const templates = messages.map(({ content }) => content)
  return [plan, { templates, inputs: messages.flatMap(({ images }) => images) }]
}

function planMessages({
  system,
  messages = [],
  prompt,
  images = [],
}: GenerativeStep): readonly MessagePlan[] {
  const plans: MessagePlan[] = messages.map(({ role, content, images: pictures = [] }) => ({
    role,
    content: template(content),
    images: pictures,
  }))
  if (system !== undefined) plans.unshift({ role: 'system', content: template(system), images: [] })
  if (prompt !== undefined) plans.push({ role: 'user', content: template(prompt), images })
  if (plans.length > 0) return plans
  throw new WorkflowError(
    'INVALID_DOCUMENT',
    `it has no prompt: write one under 'prompt', or a conversation under 'messages'`,
  )
}

function planSearch(step: Extract<Step, { operator: 'search' }>): readonly [Plan, Reads] {
  const query = template(step.query)
  const plan = {
    kind: 'search',
    query,
    type: step.type ?? 'search',
    language: step.language ?? 'en',
    count: step.count ?? DEFAULT_RESULTS,
    timeoutMs: step.timeoutMs,
  } as const
  return [plan, { templates: [query], inputs: [] }]
}

function planSample({
  from,
  prompt,
}: Extract<Step, { operator: 'sample' }>): readonly [Plan, Reads] {
  const sources = Object.entries(from).map(([name, source]) =>
    typeof source === 'object' && source.type === 'named'
      ? { name, input: source.input, named: true }
      : { name, input: source, named: false },
  )
  if (sources.length === 0 && prompt === undefined) {
    throw new WorkflowError('INVALID_DOCUMENT', `it draws from nothing: name a list in 'from'`)
  }
  const drawn = new Set(sources.map(({ name }) => name))
  const made = prompt === undefined ? undefined : template(prompt)
  // What is drawn is no name of memory: the prompt is checked without it.
  const outside = made === undefined ? [] : [withoutNames(made, drawn)]
  return [
    { kind: 'sample', sources, prompt: made },
    { templates: outside, inputs: sources.map(({ input }) => input) },
  ]
}

function withoutNames(made: Template, names: ReadonlySet<string>): Template {
  const keep = (name: string): boolean => !names.has(name)
  return { ...made, names: made.names.filter(keep), required: made.required.filter(keep) }
}

function planParallel(
  step: Extract<Step, { operator: 'parallel' }>,
  scope: Scope,
): readonly [Plan, Reads] {
  const branches = Object.entries(step.branches).map(([name, body]) => ({
    name,
    body: within(`branch '${name}'`, body, scope),
  }))
  if (branches.length === 0) throw new WorkflowError('INVALID_DOCUMENT', 'it has no branches')
  return [
    { kind: 'parallel', branches, spread: spreads(step) },
    { templates: [], inputs: [] },
  ]
}

function planMap(step: Extract<Step, { operator: 'map' }>, scope: Scope): readonly [Plan, Reads] {
  const added = step.indexAs === undefined ? [step.as] : [step.as, step.indexAs]
  const keys = new Names(added, scope.keys)
  const plan: Plan = {
    kind: 'map',
    over: step.over,
    item: step.as,
    index: step.indexAs,
    concurrency: step.concurrency ?? DEFAULT_CONCURRENCY,
    body: within('its body', step.body, { ...scope, keys }),
  }
  return [plan, { templates: [], inputs: [step.over] }]
}

function within(where: string, body: Body, scope: Scope): BodyPlan {
  try {
    const keys = new Names(keysOf(body), scope.keys)
    return scope.compileBody(body, { keys, tools: scope.tools })
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
    throw new WorkflowError(error.code, `${where}: ${error.message}`, { cause: error })
  }
}
