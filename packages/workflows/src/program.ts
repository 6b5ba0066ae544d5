import { answerReader, type AnswerReader } from './answer.ts'
import {
  DEFAULT_MAX_STEPS,
  END,
  type Condition,
  type Edge,
  type Input,
  type Output,
  type Step,
  type WorkflowDocument,
} from './document.ts'
import { WorkflowError } from './errors.ts'
import { planReturns, type ReturnPlan } from './returns.ts'
import type { Check } from './mismatch.ts'
import { compileSchema } from './schema.ts'
import { template, type Template } from './template.ts'

/** A document made ready to run: ids become references, prompts and schemas are compiled. */
export interface Program {
  readonly name: string
  readonly start: Station
  readonly inputs: readonly InputPlan[]
  readonly returns: ReturnPlan
  readonly maxSteps: number
  readonly maxTokens: number | undefined
}

export interface InputPlan {
  readonly key: string
  readonly optional: boolean
  readonly check: Check
}

/** A step with all that running it takes. */
export interface Station {
  readonly id: string
  readonly step: Step
  readonly inputs: readonly (readonly [string, Input])[]
  readonly messages: readonly MessagePlan[]
  readonly reader: AnswerReader
  readonly outputs: readonly Output[]
  /** Filled after all stations are made: edges may lead anywhere. */
  readonly ways: Way[]
  fallback: Place | undefined
}

/** Where a step leads: another step, or the end. */
export type Place = Station | typeof END

export interface Way {
  readonly condition: Condition | undefined
  readonly to: Place
  readonly otherwise: Place | undefined
}

export interface MessagePlan {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: Template
  readonly images: readonly Template[]
}

const programs = new WeakMap<WorkflowDocument, Program>()

/**
 * Compiles a document, once per object.
 *
 * @throws {WorkflowError} `INVALID_DOCUMENT`, `INVALID_TEMPLATE`, `INVALID_SCHEMA`, naming the step
 */
export function programOf(document: WorkflowDocument): Program {
  const known = programs.get(document)
  if (known !== undefined) return known
  const made = compileProgram(document)
  programs.set(document, made)
  return made
}

function compileProgram(document: WorkflowDocument): Program {
  const known = knownKeys(document)
  const stations = new Map<string, Station>()
  for (const step of document.steps) {
    if (step.id === END) throw inStep(step.id, `the id '${END}' is that of the end`)
    if (stations.has(step.id)) throw inStep(step.id, `another step has the same id`)
    stations.set(step.id, compileStep(step, known))
  }
  connect(document, stations)
  const returns = planReturns(document.returns)
  refuseUnknownReturns(returns, known)
  const [start] = stations.values()
  if (start === undefined) throw new WorkflowError('INVALID_DOCUMENT', 'the workflow has no step')
  return {
    name: document.name,
    start,
    inputs: compileInputs(document),
    returns,
    maxSteps: document.limits?.maxSteps ?? DEFAULT_MAX_STEPS,
    maxTokens: document.limits?.maxTokens,
  }
}

/** Every key that an input gives or a step stores. */
function knownKeys(document: WorkflowDocument): ReadonlySet<string> {
  const keys = new Set(Object.keys(document.input))
  for (const step of document.steps) for (const { key } of outputsOf(step)) keys.add(key)
  return keys
}

/** Where a step's result goes; without a word about it, under the step's id. */
export function outputsOf(step: Step): readonly Output[] {
  return step.outputs ?? [{ type: 'write', key: step.id }]
}

function compileInputs(document: WorkflowDocument): readonly InputPlan[] {
  const optional = new Set(document.optionalInputs)
  return Object.entries(document.input).map(([key, schema]) => {
    try {
      return { key, optional: optional.has(key), check: compileSchema(schema) }
    } catch (error) {
      throw blame(error, `input '${key}'`)
    }
  })
}

function compileStep(step: Step, known: ReadonlySet<string>): Station {
  try {
    const inputs = Object.entries(step.inputs ?? {})
    for (const [, input] of inputs) refuseUnknownKey(input, known)
    if (step.when !== undefined) refuseUnknownKey(step.when.input, known)
    const messages = compileMessages(step)
    const names = new Set([...known, ...inputs.map(([name]) => name)])
    for (const { content, images } of messages) {
      for (const used of [content, ...images]) refuseUnknownNames(used, names)
    }
    return {
      id: step.id,
      step,
      inputs,
      messages,
      reader: answerReader(step.schema),
      outputs: outputsOf(step),
      ways: [],
      fallback: undefined,
    }
  } catch (error) {
    throw blame(error, `step '${step.id}'`, step.id)
  }
}

function compileMessages(step: Step): readonly MessagePlan[] {
  const { system, messages = [], prompt, images = [] } = step
  const plans = messages.map(({ role, content, images: pictures = [] }) => ({
    role,
    content: template(content),
    images: pictures.map(template),
  }))
  if (system !== undefined) plans.unshift({ role: 'system', content: template(system), images: [] })
  if (prompt !== undefined) {
    plans.push({ role: 'user', content: template(prompt), images: images.map(template) })
  }
  if (plans.length === 0) throw new WorkflowError('INVALID_DOCUMENT', 'it has no prompt')
  return plans
}

function connect(document: WorkflowDocument, stations: ReadonlyMap<string, Station>): void {
  for (const edge of document.edges ?? []) {
    const station = stations.get(edge.from)
    if (station === undefined) {
      throw new WorkflowError(
        'INVALID_DOCUMENT',
        `an edge begins at '${edge.from}', but there is no such step`,
      )
    }
    station.ways.push(compileWay(edge, stations))
    if (edge.if !== undefined) refuseUnknownCondition(edge, knownKeys(document))
    if (edge.fallback !== undefined && station.fallback === undefined) {
      station.fallback = place(edge.fallback, edge, stations)
    }
  }
  const order = [...stations.values()]
  for (const [index, station] of order.entries()) {
    if (station.ways.length > 0) continue
    station.ways.push({ condition: undefined, to: order[index + 1] ?? END, otherwise: undefined })
  }
}

function compileWay(edge: Edge, stations: ReadonlyMap<string, Station>): Way {
  if (edge.else !== undefined && edge.if === undefined) {
    throw new WorkflowError(
      'INVALID_DOCUMENT',
      `the edge from '${edge.from}' to '${edge.to}' has an 'else' without an 'if'`,
    )
  }
  return {
    condition: edge.if,
    to: place(edge.to, edge, stations),
    otherwise: edge.else === undefined ? undefined : place(edge.else, edge, stations),
  }
}

function place(id: string, edge: Edge, stations: ReadonlyMap<string, Station>): Place {
  if (id === END) return END
  const station = stations.get(id)
  if (station !== undefined) return station
  throw new WorkflowError(
    'INVALID_DOCUMENT',
    `an edge from '${edge.from}' leads to '${id}', but there is no such step; there are ${listed(stations.keys())}`,
  )
}

function refuseUnknownCondition(edge: Edge, known: ReadonlySet<string>): void {
  if (edge.if === undefined) return
  try {
    refuseUnknownKey(edge.if.input, known)
  } catch (error) {
    throw blame(error, `the edge from '${edge.from}' to '${edge.to}'`)
  }
}

function refuseUnknownReturns({ values }: ReturnPlan, known: ReadonlySet<string>): void {
  if (values.length === 0) {
    throw new WorkflowError(
      'INVALID_DOCUMENT',
      'the workflow returns nothing: name a key to return',
    )
  }
  for (const { input } of values) {
    try {
      refuseUnknownKey(input, known)
    } catch (error) {
      throw blame(error, 'the return value')
    }
  }
}

function refuseUnknownKey(input: Input, known: ReadonlySet<string>): void {
  const key = typeof input === 'string' ? input : 'key' in input ? input.key : undefined
  if (key === undefined || known.has(key)) return
  throw new WorkflowError(
    'INVALID_DOCUMENT',
    `'${key}' is neither an input nor written by a step; there are ${listed(known)}`,
  )
}

function refuseUnknownNames({ names }: Template, known: ReadonlySet<string>): void {
  const unknown = names.find((name) => !known.has(name))
  if (unknown === undefined) return
  throw new WorkflowError(
    'INVALID_TEMPLATE',
    `{{${unknown}}} is neither an input nor written by a step; there are ${listed(known)}`,
  )
}

/** A few names for a message. */
function listed(names: Iterable<string>): string {
  const all = [...names].map((name) => `'${name}'`)
  if (all.length === 0) return 'none'
  return all.length > 12
    ? `${all.slice(0, 12).join(', ')} and ${all.length - 12} more`
    : all.join(', ')
}

function inStep(id: string, reason: string): WorkflowError {
  return new WorkflowError('INVALID_DOCUMENT', `step '${id}': ${reason}`, { step: id })
}

/** The same error with the place in front. */
export function blame(error: unknown, where: string, step?: string): unknown {
  if (!(error instanceof WorkflowError) || error.step !== undefined) return error
  const { code, message, retryable } = error
  return new WorkflowError(code, `${where}: ${message}`, {
    cause: error,
    retryable,
    ...(step === undefined ? {} : { step }),
  })
}
