import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Duration } from '../duration.ts'
import { ClientError } from '../errors.ts'
import type { Runnable } from './fits.ts'
import { isFunction, isSchema } from '../guards.ts'
import { isPolicyOption } from './policy.ts'
import { beyondJsonSchema } from './beyond-json-schema.ts'
import {
  meansOf,
  type BatchContext,
  type CoalesceOptions,
  type ExternalMeans,
  type Means,
} from './means.ts'

/** How `map` of a step's context goes over its items. */
export interface MapOptions {
  /** Calls under way at the same time, at most. @default 64 */
  readonly concurrency?: number
}

/**
 * What a local function is given besides its input. What it asks through `call`, `map` and `sleep` is recorded:
 * when the run is resumed after a crash, the function begins anew and gets the same answers, so it must ask
 * the same.
 */
export interface StepContext<Values = unknown> {
  /** What the run was given for the step's `context`. Frozen. */
  readonly context: Values
  /** Aborted when the run is cancelled or the step's time is over. What the step answers after that is dropped. */
  readonly signal: AbortSignal
  /** 1 at first. */
  readonly attempt: number
  /** Id of this call: the same for every attempt and after a restart. */
  readonly key: string
  /** Runs a step, a workflow or a pipeline, once and for all. Rejects with what it failed with. */
  readonly call: <In, Out>(work: Runnable<In, Out, Values>, input: NoInfer<In>) => Promise<Out>
  /** Runs it on each item; answers in the order of the items. The first failure calls off the rest. */
  readonly map: <In, Out>(
    items: Iterable<NoInfer<In>>,
    work: Runnable<In, Out, Values>,
    options?: MapOptions,
  ) => Promise<Out[]>
  /** Waits; a restart does not begin the wait anew, a try after one that has failed does. */
  readonly sleep: (duration: Duration) => Promise<void>
  /** Milliseconds since 1970: when it was first asked. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  readonly uuid: () => string
  /** Notes a number of this run, to compare runs by. */
  readonly metric: (name: string, value: number) => void
}

/** A local function with the schemas of what goes in and what comes out. */
export interface Step<in In, out Out, in Needs = unknown> extends Runnable<In, Out, Needs> {
  readonly kind: 'step'
  readonly version: string
  readonly input: z.ZodType
  readonly output: z.ZodType
  /** Values that runs must be given for it. */
  readonly context: z.ZodObject | undefined
  readonly run: (input: In, context: StepContext) => Out | Promise<Out>
  /** Where it is not `run` on one row after the other. */
  readonly means: Means | undefined
}

/** A local step as it is written. */
export interface StepDefinition<
  I extends z.ZodType,
  O extends z.ZodType,
  C extends z.ZodObject = z.ZodObject,
  K extends CoalesceOptions | undefined = undefined,
> {
  readonly name: string
  /** To be changed with what `run` uses but does not contain: answers of another version are not reused. @default '1' */
  readonly version?: string
  readonly input: I
  readonly output: O
  /** Values that it needs besides its input; every run is given them as `context`. Not with `coalesce`. @default none */
  readonly context?: C
  /** Rows that come at about the same time are answered together: `run` takes a list, and gives one. @default each by itself */
  readonly coalesce?: K
  /** Values are frozen: they are shared with other rows. */
  readonly run: (
    input: K extends CoalesceOptions ? readonly z.output<I>[] : z.output<I>,
    context: K extends CoalesceOptions ? BatchContext : StepContext<z.output<C>>,
  ) => Answer<K, z.input<O>> | Promise<Answer<K, z.input<O>>>
}

/** An answer for each row, in their order, where rows are answered together. */
type Answer<K, T> = K extends CoalesceOptions ? readonly T[] : T

/** Rows that are answered together have no context: their function is not given one. */
type Alone<K> = K extends CoalesceOptions ? { readonly context?: never } : unknown

/** A step whose function runs in a thread, as it is written. */
export interface WorkerStepDefinition<I extends z.ZodType, O extends z.ZodType> extends Omit<
  StepDefinition<I, O>,
  'run' | 'context' | 'coalesce'
> {
  /** The file that exports `run`, or another name after `#`: `import.meta.resolve('./heavy.ts')`. */
  readonly worker: string
}

function unknownOption(name: string, option: string): ClientError {
  const mend = isPolicyOption(option)
    ? `say it where the step is used: .step(${name}, { ${option}: … })`
    : `its options are ${[...KNOWN].join(', ')}`
  return invalid(`step '${name}' has an unknown option '${option}'; ${mend}`)
}

/** What runs must be given for a context: nothing where there is none. */
export type Given<C extends z.ZodObject> = string extends keyof z.input<C> ? unknown : z.input<C>

const KNOWN = new Set([
  'name',
  'version',
  'input',
  'output',
  'context',
  'run',
  'coalesce',
  'worker',
])

/**
 * Makes a step of a local function.
 *
 * @throws {ClientError} `INVALID_PLAN` naming what is missing
 */
export function step<
  I extends z.ZodType,
  O extends z.ZodType,
  C extends z.ZodObject = z.ZodObject,
  K extends CoalesceOptions | undefined = undefined,
>(definition: StepDefinition<I, O, C, K> & Alone<K>): Step<z.input<I>, z.output<O>, Given<C>>
export function step<I extends z.ZodType, O extends z.ZodType>(
  definition: WorkerStepDefinition<I, O>,
): Step<z.input<I>, z.output<O>>
export function step(definition: LooseDefinition): unknown {
  const { name, version = '1', input, output, context } = definition
  checkSchemas({ name, input, output })
  checkContext(name, context)
  const means = meansOf(name, definition)
  const run = means ? meansOnly : definition.run
  if (!isFunction(run)) throw invalid(`step '${name}' needs a function 'run'`)
  const unknown = Object.keys(definition).find((key) => !KNOWN.has(key))
  if (unknown !== undefined) throw unknownOption(name, unknown)
  return localStep({ name, version, input, output, context, means, run })
}

/** A step of its checked parts. */
export function localStep(
  parts: Omit<Step<never, unknown>, 'kind' | 'toJSON' | 'run'> & { run?: unknown },
): unknown {
  const { name, version } = parts
  const toJSON = () => ({ step: name, version })
  return Object.freeze({ kind: 'step', run: meansOnly, ...parts, toJSON })
}

/** Throws where a step has no name or lacks a schema. */
export function checkSchemas({
  name,
  input,
  output,
}: Record<'name' | 'input' | 'output', unknown>): void {
  if (typeof name !== 'string' || name === '') throw invalid('a step needs a name')
  if (!isSchema(input)) throw invalid(`step '${name}' needs a Zod schema as its input`)
  if (!isSchema(output)) throw invalid(`step '${name}' needs a Zod schema as its output`)
}

function checkContext(name: string, context: object | undefined): void {
  if (context === undefined || 'shape' in context) return
  throw invalid(`context of step '${name}' must be a Zod object: z.object({ … })`)
}

interface LooseDefinition extends Omit<StepDefinition<z.ZodType, z.ZodType>, 'run' | 'coalesce'> {
  readonly run?: unknown
  readonly coalesce?: unknown
  readonly worker?: unknown
}

/** Stands where a step is not a function of one row. */
function meansOnly(): never {
  throw new ClientError('STEP_FAILED', 'the step has no function of one row')
}

const definitions = new WeakMap<object, string>()

/** Changes with what a step does, as far as it can be seen: its text, its version, what it may answer. */
export function definitionOf(
  local: Pick<Step<never, unknown>, 'name' | 'version' | 'output' | 'run' | 'means'>,
): string {
  let definition = definitions.get(local)
  if (definition === undefined) {
    const { output } = local
    const schemas = schemaText(output, 'output') + schemaText(output, 'input')
    const text = `${bodyOf(local)}\n${schemas}${beyondJsonSchema(output)}`
    definition = `${local.name}@${local.version}#${hash('sha256', text, 'base64url').slice(0, 22)}`
    definitions.set(local, definition)
  }
  return definition
}

function bodyOf({ means, run }: Pick<Step<never, unknown>, 'run' | 'means'>): string {
  if (means?.kind === 'worker') return workerText(means.file)
  if (means?.kind === 'external') return `${run.toString()}${timeoutText(means)}`
  return (means?.kind === 'batch' ? means.run : run).toString()
}

/** What is answered when nobody does, and when that is; a step that then fails is what it was. */
function timeoutText({ onTimeout, timeoutMs }: ExternalMeans): string {
  return onTimeout ? `\n${onTimeout.toString()} after ${timeoutMs}` : ''
}

/** The file and which of its exports; where it lies changes no answer. */
function workerText(address: string): string {
  const [file = '', name = 'run'] = address.split('#')
  try {
    return `${name}\n${readFileSync(new URL(file), 'utf8')}`
  } catch {
    // Its run will say that it cannot be loaded.
    return address
  }
}

function schemaText(schema: z.ZodType, io: 'input' | 'output'): string {
  try {
    return JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any' }))
  } catch {
    // A schema that cannot be said in JSON is told by the version alone.
    return ''
  }
}

function invalid(message: string): ClientError {
  return new ClientError('INVALID_PLAN', message)
}

/** Whether it may ask others: a function that takes no context has nobody to ask. */
export function canAsk({ means, run }: Step<unknown, unknown>): boolean {
  return means ? means.kind === 'plan' : run.length !== 1
}
