import { ClientError } from '../errors.ts'
import { isFunction } from '../guards.ts'
import { insistOnKnown } from '../known-options.ts'
import { insistOnSound } from '../plan/check-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { RunContext } from '../run/run-context.ts'
import { checkRunOptions, RUN_OPTIONS, type RunOptions } from '../run/run-options.ts'
import type { CatchUp, FiringRules, Overlap } from './firings.ts'
import { timetableOf, type Timing } from './timetable.ts'

/** How a schedule fires. */
export type ScheduleOptions = Timing & {
  /** Schedules of one name in one store are one schedule, whoever looks after it. Runs are named after it. */
  readonly name: string
  /** What becomes of a firing while the one before still runs. @default 'skip' */
  readonly overlap?: Overlap
  /** What becomes of firings that nobody was there for. @default 'none' */
  readonly catchUp?: CatchUp
  /** Of each run. */
  readonly run?: Omit<RunOptions, 'id' | 'signal'>
  /**
   * Told of runs that failed, and, without a run, when the store cannot be used; the schedule goes on, also when this
   * throws: that is a warning.
   *
   * @default nobody is told
   */
  readonly onError?: (error: ClientError, run: string | undefined) => void
}

/** The values that the steps of the plan need: these can be left out where nothing is needed. */
export type ScheduleContext<Needs> = object extends Needs
  ? unknown
  : { readonly run: { readonly context: Needs } }

const KNOWN: readonly string[] = [
  'name',
  'cron',
  'every',
  'daily',
  'timeZone',
  'overlap',
  'catchUp',
  'run',
  'onError',
]
const KNOWN_OF_RUN = RUN_OPTIONS.filter((name) => name !== 'id' && name !== 'signal')
const OVERLAPS: ReadonlySet<unknown> = new Set<Overlap>(['skip', 'queue', 'allow'])
const CATCH_UPS: ReadonlySet<unknown> = new Set<CatchUp>(['none', 'latest', 'all'])
const TIMINGS = ['cron', 'every', 'daily'] as const

/**
 * Checks what a caller wrote.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option
 */
export function checkSchedule(options: ScheduleOptions): Omit<FiringRules, 'watchedSince'> {
  insistOnKnown('a schedule', options, KNOWN)
  const { name, overlap = 'skip', catchUp = 'none', onError } = options
  checkName(name)
  if (!OVERLAPS.has(overlap)) throw invalid("overlap must be 'skip', 'queue' or 'allow'")
  if (!CATCH_UPS.has(catchUp)) throw invalid("catchUp must be 'none', 'latest' or 'all'")
  if (onError !== undefined && !isFunction(onError)) throw invalid('onError must be a function')
  if (TIMINGS.filter((timing) => timing in options).length !== 1) {
    throw invalid(`schedule '${name}' needs one of cron, every, daily`)
  }
  return { timetable: timetableOf(options), overlap, catchUp }
}

/**
 * Checks what each run will be told: nobody may be there to hear of it when they fail.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option, or the step that lacks what it needs; `INVALID_PLAN`
 */
export function checkRuns(plan: Plan, { run = {} }: ScheduleOptions): void {
  insistOnKnown('run of a schedule', run, KNOWN_OF_RUN)
  const { context } = checkRunOptions(run)
  insistOnSound(plan)
  new RunContext(context).check(plan)
}

function checkName(name: unknown): void {
  if (typeof name !== 'string' || !/^[^\s/>]{1,32}$/.test(name)) {
    throw invalid(
      "name of a schedule must be a text of 1 to 32 characters without '/', '>' and spaces",
    )
  }
}

function invalid(message: string): ClientError {
  return new ClientError('INVALID_INPUT', message)
}
