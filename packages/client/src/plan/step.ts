import type { z } from 'zod'
import { ClientError } from '../errors.ts'
import type { Runnable } from './fits.ts'
import { isFunction, isSchema } from '../guards.ts'

/** What a local function is given besides its input. */
export interface StepContext {
  /** Aborted when the run is cancelled or the step's time is over. */
  readonly signal: AbortSignal
  /** 1 at first. */
  readonly attempt: number
  /** Id of this call: the same for every attempt and after a restart. */
  readonly key: string
}

/** A local function with the schemas of what goes in and what comes out. */
export interface Step<in In, out Out> extends Runnable<In, Out> {
  readonly kind: 'step'
  readonly version: string
  readonly input: z.ZodType
  readonly output: z.ZodType
  readonly run: (input: In, context: StepContext) => Out | Promise<Out>
}

/** A local step as it is written. */
export interface StepDefinition<I extends z.ZodType, O extends z.ZodType> {
  readonly name: string
  /** To be changed with what `run` does: recorded answers of another version are not reused. @default '1' */
  readonly version?: string
  readonly input: I
  readonly output: O
  /** Values are frozen: they are shared with other rows. */
  readonly run: (input: z.output<I>, context: StepContext) => z.input<O> | Promise<z.input<O>>
}

const KNOWN = new Set(['name', 'version', 'input', 'output', 'run'])

/**
 * Makes a step of a local function.
 *
 * @throws {ClientError} `INVALID_PLAN` naming what is missing
 */
export function step<I extends z.ZodType, O extends z.ZodType>(
  definition: StepDefinition<I, O>,
): Step<z.input<I>, z.output<O>>
export function step(definition: StepDefinition<z.ZodType, z.ZodType>): unknown {
  const { name, version = '1', input, output, run } = definition
  if (typeof name !== 'string' || name === '') throw invalid('a step needs a name')
  if (!isSchema(input)) throw invalid(`step '${name}' needs a Zod schema as its input`)
  if (!isSchema(output)) throw invalid(`step '${name}' needs a Zod schema as its output`)
  if (!isFunction(run)) throw invalid(`step '${name}' needs a function 'run'`)
  const unknown = Object.keys(definition).find((key) => !KNOWN.has(key))
  if (unknown !== undefined) throw invalid(`step '${name}' has an unknown option '${unknown}'`)
  const toJSON = () => ({ step: name, version })
  return Object.freeze({ kind: 'step', name, version, input, output, run, toJSON })
}

function invalid(message: string): ClientError {
  return new ClientError('INVALID_PLAN', message)
}
