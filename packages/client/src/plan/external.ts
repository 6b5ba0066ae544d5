import { z } from 'zod'
import { toMs, type Duration } from '../duration.ts'
import { isFunction } from '../guards.ts'
import type { ExternalMeans } from './means.ts'
import { invalid } from './runnable.ts'
import { checkSchemas, localStep, type Step } from './step.ts'

/** A step that somebody outside does, as it is written. */
export interface ExternalDefinition<I extends z.ZodType, O extends z.ZodType> {
  readonly name: string
  readonly version?: string
  readonly input: I
  /** What an answer must be; it has to be one that JSON Schema can tell. */
  readonly output: O
  /** How long it is waited for, from the moment when it was first asked for. @default for ever */
  readonly timeout?: Duration
  /** Answers when nobody did in time. @default the row fails with `TIMED_OUT` */
  readonly onTimeout?: (input: z.output<I>) => z.input<O> | Promise<z.input<O>>
}

const KNOWN = new Set(['name', 'version', 'input', 'output', 'timeout', 'onTimeout'])

/**
 * Makes a step that a person does, or another program: each row waits, across restarts, until somebody completes
 * its task with `skein tasks complete` or over HTTP.
 *
 * @throws {ClientError} `INVALID_PLAN` naming what is missing
 */
export function external<I extends z.ZodType, O extends z.ZodType>(
  definition: ExternalDefinition<I, O>,
): Step<z.input<I>, z.output<O>>
export function external(definition: ExternalDefinition<z.ZodType, z.ZodType>): unknown {
  const { name, version = '1', input, output, timeout, onTimeout } = definition
  checkSchemas({ name, input, output })
  const unknown = Object.keys(definition).find((key) => !KNOWN.has(key))
  if (unknown !== undefined) throw invalid(`step '${name}' has an unknown option '${unknown}'`)
  if (onTimeout !== undefined && !isFunction(onTimeout)) {
    throw invalid(`onTimeout of step '${name}' must be a function`)
  }
  const timeoutMs =
    timeout === undefined ? undefined : toMs(timeout, `timeout of '${name}'`, 'INVALID_PLAN')
  const means: ExternalMeans = {
    kind: 'external',
    answer: answerOf(name, output),
    timeoutMs,
    onTimeout,
  }
  return localStep({ name, version, input, output, context: undefined, means })
}

function answerOf(name: string, output: z.ZodType): Readonly<Record<string, unknown>> {
  try {
    return z.toJSONSchema(output, { io: 'input' })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw invalid(`the output of step '${name}' cannot be told to whoever answers: ${why}`)
  }
}
