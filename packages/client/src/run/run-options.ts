import { toMs, type Duration } from '../duration.ts'
import { ClientError } from '../errors.ts'
import { isFunction, isList, isRecord } from '../guards.ts'
import { given, insistOnKnown } from '../known-options.ts'
import { TEXT, TRUTH, WIDTH, type Rule } from '../option-rules.ts'
import type { Stack } from './stack.ts'

/** How a run is run. */
export interface RunOptions {
  /** Its name, by which it is resumed. @default made up */
  readonly id?: string
  /** Runs, cached answers and queues of other projects are another world. @default 'default' */
  readonly project?: string
  /** Values for the `context` of its steps. */
  readonly context?: Readonly<Record<string, unknown>>
  /** Models for steps that name none, best first. @default any */
  readonly models?: readonly string[]
  /** Cancels the run. */
  readonly signal?: AbortSignal
  /** Rows in steps at the same time, at most. @default twice what the nodes take, at least 1024 */
  readonly concurrency?: number
  /** The run is cancelled after this time. */
  readonly deadline?: Duration
  /**
   * Waits for a node with the wanted model, so long or for ever, instead of refusing at once. Without a node at all a
   * client refuses once it has looked for one for `graceMs`.
   *
   * @default false
   */
  readonly waitForNodes?: boolean | Duration
  /** Of sampling: a run with the same seed asks the same. @default another for each run */
  readonly seed?: number
  /** Where the plan is found again, for whoever takes the run up: a file, `#` and its export. @default nowhere */
  readonly source?: string
  /** Whether each task comes with what its steps asked and were answered. @default false */
  readonly trace?: boolean
  /** Where this run happens: other nodes, another store, other routes. They must outlive it. @default where its client's runs do */
  readonly stack?: Stack
}

/** How a run is taken up again. Models, seed and context are those that it was begun with. */
export interface ResumeOptions<In> extends Pick<
  RunOptions,
  'signal' | 'concurrency' | 'deadline' | 'waitForNodes' | 'trace' | 'stack'
> {
  /** The same inputs again, from the first: needed where they were a stream that had not ended. */
  readonly inputs?: Iterable<In> | AsyncIterable<In>
}

/** How a run is done again. What is not said is as it was. */
export interface RerunOptions<In> extends RunOptions {
  /** The step that is done anew, with all that depend on it. @default none but what has changed */
  readonly from?: string
  /** The same inputs again, from the first: needed where they were a stream that had not ended. */
  readonly inputs?: Iterable<In> | AsyncIterable<In>
}

/** The options of a run, with the values that its steps need: these can be left out where nothing is needed. */
export type RunArguments<Needs> = object extends Needs
  ? [options?: RunOptions]
  : [options: RunOptions & { readonly context: Needs }]

/** Names of the options of a run. */
export const RUN_OPTIONS: readonly (keyof RunOptions)[] = [
  'models',
  'signal',
  'concurrency',
  'deadline',
  'waitForNodes',
  'seed',
  'id',
  'project',
  'context',
  'trace',
  'source',
  'stack',
]

const RESUME_OPTIONS: readonly (keyof ResumeOptions<never>)[] = [
  'inputs',
  'signal',
  'concurrency',
  'deadline',
  'waitForNodes',
  'trace',
  'stack',
]

const RERUN_OPTIONS: readonly (keyof RerunOptions<never>)[] = ['from', 'inputs', ...RUN_OPTIONS]

/** The same, checked. */
export interface CheckedRunOptions {
  /** Whether the program gave the run its id. */
  readonly isNamed: boolean
  readonly models: readonly string[] | undefined
  readonly signal: AbortSignal | undefined
  readonly seed: number | undefined
  readonly project: string | undefined
  readonly source: string | undefined
  readonly context: Readonly<Record<string, unknown>> | undefined
  readonly concurrency: number | undefined
  readonly deadlineMs: number | undefined
  /** How long tasks wait for a node with their model. */
  readonly waitMs: number
  readonly trace: boolean
}

/**
 * Checks what a caller wrote.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option
 */
export function checkRunOptions(options: RunOptions): CheckedRunOptions {
  insistOnKnown('a run', options, RUN_OPTIONS)
  const { models, signal, seed, concurrency, deadline, waitForNodes = false } = options
  check('models', models, NAMES)
  check('concurrency', concurrency, WIDTH)
  check('signal', signal, SIGNAL)
  const { id, project, context, source, trace = false } = options
  checkName('id', id)
  checkName('project', project)
  check('seed', seed, SEED)
  check('source', source, TEXT)
  check('trace', trace, TRUTH)
  if (context !== undefined && !isRecord(context)) throw invalid('context must be an object')
  const deadlineMs = deadline === undefined ? undefined : toMs(deadline, 'deadline')
  const waitMs = waitMsOf(waitForNodes)
  const isNamed = id !== undefined
  const said = { isNamed, models, signal, seed, project, context, source, concurrency }
  return { ...said, deadlineMs, waitMs, trace }
}

/**
 * Those that a run which is taken up takes: others are those that it was begun with.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option
 */
export function resumeOptions<T>(options: T): T & object {
  const known = given('a run', options)
  insistOnKnown('resume()', known, RESUME_OPTIONS)
  return known
}

/**
 * Those that a run which is done again takes.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option
 */
export function rerunOptions<T>(options: T): T & object {
  const known = given('a run', options)
  insistOnKnown('rerun()', known, RERUN_OPTIONS)
  return known
}

const NAMES: Rule = {
  fits: (value) => isList(value) && value.every((name) => typeof name === 'string'),
  wanted: 'a list of names',
}
const SEED: Rule = { fits: Number.isFinite, wanted: 'a number' }
const SIGNAL: Rule = {
  fits: (value) => isRecord(value) && 'aborted' in value && isFunction(value['addEventListener']),
  wanted: 'an AbortSignal',
}

function check(option: string, value: unknown, { fits, wanted }: Rule): void {
  if (value !== undefined && !fits(value)) throw invalid(`${option} must be ${wanted}`)
}

/** Ids travel with every task. */
const LONGEST_NAME = 64

function checkName(option: string, name: unknown): void {
  if (name === undefined) return
  const isName = typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME
  if (!isName || !name.isWellFormed() || /[\s/>]/.test(name)) {
    throw invalid(
      `${option} must be a text of 1 to ${LONGEST_NAME} characters without '/', '>' and spaces`,
    )
  }
}

function waitMsOf(waitForNodes: boolean | Duration): number {
  if (typeof waitForNodes === 'boolean') return waitForNodes ? Infinity : 0
  return toMs(waitForNodes, 'waitForNodes')
}

function invalid(message: string): ClientError {
  return new ClientError('INVALID_INPUT', message)
}
