import { toMs, type Duration } from '../duration.ts'
import type { ClientError } from '../errors.ts'
import { isFunction, isRecord } from '../guards.ts'
import type { Plan } from './plan.ts'
import { invalid, isSize } from './runnable.ts'

/** How a local step is carried out where it is not by calling its function once for each row. */
export type Means = BatchMeans | WorkerMeans | ExternalMeans | PlanMeans

/** A pipeline that is tried, timed and cached as one step: what its steps have answered is found again. */
export interface PlanMeans {
  readonly kind: 'plan'
  readonly plan: Plan
}

/** Rows that come at about the same time are answered together. */
export interface BatchMeans {
  readonly kind: 'batch'
  readonly size: number
  readonly waitMs: number
  readonly run: (inputs: readonly unknown[], context: BatchContext) => unknown
}

/** A function of another file, in a thread of its own. */
interface WorkerMeans {
  readonly kind: 'worker'
  /** Address of the file; what stands after `#` is the name of its export. */
  readonly file: string
}

/** Somebody outside. */
export interface ExternalMeans {
  readonly kind: 'external'
  /** JSON Schema of what an answer must be. */
  readonly answer: Readonly<Record<string, unknown>>
  /** How long it is waited for; undefined: for ever. */
  readonly timeoutMs: number | undefined
  /** Answers when nobody did in time. */
  readonly onTimeout: ((input: unknown) => unknown) | undefined
}

/** What a function of many rows is given besides them. */
export interface BatchContext {
  /** Aborted when none of the rows is wanted any more. */
  readonly signal: AbortSignal
}

/** When rows that wait for each other go on together. */
export interface CoalesceOptions {
  /** As soon as there are so many, or no other can come: the inputs have ended, or no more are let begin. */
  readonly size: number
  /** After that time, however many there are. @default 10 */
  readonly wait?: Duration
}

const DEFAULT_WAIT_MS = 10

/**
 * The means that a step asks for.
 *
 * @throws {ClientError} `INVALID_PLAN` naming the step and the option
 */
export function meansOf(step: string, given: Given): Means | undefined {
  if (given.worker !== undefined) return workerMeans(step, given)
  return given.coalesce === undefined ? undefined : batchMeans(step, given)
}

interface Given {
  readonly coalesce?: unknown
  readonly worker?: unknown
  readonly run?: unknown
  readonly context?: unknown
}

/** Its function is not given one. */
function noContext(step: string, means: 'coalesce' | 'worker'): ClientError {
  return invalid(
    `step '${step}' cannot have both ${means} and context: let what it needs be part of its input`,
  )
}

function batchMeans(step: string, { coalesce, run, context }: Given): BatchMeans {
  if (context !== undefined) throw noContext(step, 'coalesce')
  if (!isRecord(coalesce)) throw invalid(`coalesce of step '${step}' must be { size, wait }`)
  const { size, wait = DEFAULT_WAIT_MS, ...others } = coalesce
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    throw invalid(`coalesce of step '${step}' has an unknown option '${unknown}'`)
  }
  if (!isSize(size)) throw invalid(`coalesce.size of step '${step}' must be a whole number from 1`)
  if (!isFunction(run)) throw invalid(`step '${step}' needs a function 'run'`)
  const said = typeof wait === 'number' ? wait : String(wait)
  const waitMs = toMs(said, `coalesce.wait of '${step}'`, 'INVALID_PLAN')
  return { kind: 'batch', size, waitMs, run }
}

function workerMeans(step: string, { coalesce, worker, run, context }: Given): WorkerMeans {
  if (coalesce !== undefined) throw invalid(`step '${step}' cannot have both coalesce and worker`)
  if (run !== undefined) throw invalid(`step '${step}' cannot have both run and worker`)
  if (context !== undefined) throw noContext(step, 'worker')
  if (typeof worker === 'string' && worker.startsWith('file:'))
    return { kind: 'worker', file: worker }
  throw invalid(
    `worker of step '${step}' must be the address of a file: import.meta.resolve('./x.ts')`,
  )
}
