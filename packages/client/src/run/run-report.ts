import { ENDED, type ClientError, type ClientErrorCode } from '../errors.ts'
import { EventLog } from './event-log.ts'
import { expectedRows } from '../plan/expected-rows.ts'
import type { CallOutcome } from './outcomes.ts'
import { Ancestries, type Traced } from './ancestry.ts'
import { compareLineage, type Lineage } from './lineage.ts'
import { PackedEvents } from './packed-events.ts'
import type { Plan, PlanNode } from '../plan/plan.ts'
import type { RunEvent, TaskEvent } from './run-events.ts'
import { RunOutcome } from './run-outcome.ts'
import type { Failure, RunResult, RunStats, TaskReport } from './run-result.ts'
import type { RunStatus } from './run-status.ts'
import type { Row, RowOrigin } from './scope.ts'
import { Troubles, type Shortfall } from './shortfall.ts'
import { Tally, type StepTally } from './tally.ts'
import { joined, untraced, type Trail } from './trail.ts'
import type { RowFailure } from './track.ts'

/** Time between two tellings of the same step's progress. */
const PROGRESS_MS = 200

/** Tasks that a result lists. More are counted only: a long run must not fill the memory. */
const MOST_TASKS = 1000

/** What a report must know of the run as it goes on. */
export interface Course {
  now(): number
  /** No more rows will enter the plan than those that did. */
  isFed(): boolean
}

/** A call, as the report speaks of it. */
export interface ReportedCall {
  readonly step: string
  readonly task: string
  readonly lineage: Lineage
  /** What its input came through. */
  readonly from: Trail | undefined
  readonly input: unknown
}

/** Why a run is not done. */
export interface Problem {
  readonly code: ClientErrorCode
  readonly message: string
  readonly cause: unknown
}

/** What a result must know of its run. */
interface ResultParts {
  readonly id: string
  /** Of the plan. */
  readonly name: string
  readonly seed: number
  readonly isMany: boolean
  readonly problem: Problem | undefined
}

function stateOf(code: ClientErrorCode | undefined): RunResult<unknown>['state'] {
  if (code === undefined) return 'done'
  return ENDED.has(code) ? 'cancelled' : 'failed'
}

/** Everything that a run has to tell: events as it goes, counts, and the result at its end. */
export class RunReport {
  readonly events = new EventLog<RunEvent<unknown>>({
    pack: (events) => new PackedEvents(events),
    missed: (count) => ({ type: 'missed', count }),
  })
  /** In the order in which they left the plan. */
  readonly rows: Pick<Row, 'lineage' | 'value' | 'trail'>[] = []
  readonly failures: Failure[] = []
  readonly #tally: Tally
  readonly #tasks: {
    readonly lineage: Lineage
    readonly result: TaskReport
    readonly trail: Trail
  }[] = []
  #state: RunStatus['state'] = 'running'
  readonly #troubles = new Troubles()
  #expected: ReadonlyMap<string, number> = new Map()
  readonly #course: Course
  readonly #startedAt: number
  #endedAt: number | undefined

  constructor(plan: Plan, course: Course) {
    this.#tally = new Tally(plan)
    this.#course = course
    this.#startedAt = course.now()
  }

  /** So many inputs will come, where that is known. */
  expect(plan: Plan, inputs: number | undefined): void {
    if (inputs !== undefined) this.#expected = expectedRows(plan, inputs)
  }

  /** How far the run is. */
  status(): RunStatus {
    const { tokens, ms } = this.#stats()
    const bySteps = this.#tally.stepStats.map((step) => {
      const { arrived } = this.#tally.step(step.step)
      return { ...step, running: arrived - step.done - step.failed - step.cancelled }
    })
    const { rows, failures } = this
    return { state: this.#state, ms, rows: rows.length, failures: failures.length, tokens, bySteps }
  }

  queued({ step, task }: ReportedCall): void {
    const tally = this.#tally.step(step)
    tally.arrived++
    tally.startedAt ??= this.#course.now()
    this.#tell({ type: 'task', step, state: 'queued', task })
  }

  sent({ step, task }: ReportedCall, node: string): void {
    this.#tell({ type: 'task', step, state: 'sent', task, node })
  }

  /** It is tried again, elsewhere or anew. */
  retried({ step, task }: ReportedCall, error: ClientError, node?: string): void {
    this.#tally.retries++
    const event: TaskEvent = { type: 'task', step, state: 'retry', task, error }
    this.#tell(node === undefined ? event : { ...event, node })
  }

  done(
    call: ReportedCall,
    outcome: Extract<CallOutcome, { ok: true }>,
  ): { readonly origin: RowOrigin; readonly trail: Trail } {
    const { step, task, input, lineage, from } = call
    const { attempts, replayed: cached, origin } = outcome
    const { node, tokens, tokensPerSecond } = origin
    const tally = this.#tally.step(step)
    this.#tally.credit(tally, origin)
    if (cached) tally.cached++
    const result: TaskReport = {
      output: outcome.output,
      input,
      task,
      step,
      attempts,
      cached,
      ...origin,
    }
    const trail = { task, step, attempts, cached, origin: untraced(origin), from }
    if (this.#tasks.length < MOST_TASKS) this.#tasks.push({ lineage, result, trail })
    const state = cached ? 'cached' : 'done'
    const event: TaskEvent = { type: 'task', step, state, task, node, tokens: tokens.output }
    this.#tell(tokensPerSecond === undefined ? event : { ...event, tokensPerSecond })
    this.#progress(tally)
    return { origin: result, trail }
  }

  failed({ step, task }: ReportedCall, error: ClientError): void {
    const tally = this.#tally.step(step)
    const state = ENDED.has(error.code) ? 'cancelled' : 'failed'
    tally[state]++
    this.#tell({ type: 'task', step, state, task, error })
    this.#progress(tally)
  }

  /** A step is left out for a row. */
  skipped({ step, task }: ReportedCall, why: string): void {
    this.#tally.step(step).skipped++
    this.#tell({ type: 'task', step, state: 'skipped', task, why })
  }

  /** A row goes no further. */
  rowFailed({ step, row, node, error, attempts, nodes, ...said }: RowFailure): void {
    const path = row.lineage
    const [index = 0] = path
    if (said.wasDone) this.#tally.revoke(step)
    const failure = { step, index, path, input: row.value, attempts, nodes, error }
    if (said.isTolerated) this.failures.push(failure)
    else this.#fail(node, failure)
  }

  /** An input does not fit the plan. */
  inputFailed(index: number, input: unknown, error: ClientError): void {
    const told = { step: 'input', index, path: [index], input }
    this.#fail(undefined, { ...told, attempts: 0, nodes: [], error })
  }

  row({ lineage, value, trail }: Row): void {
    this.rows.push({ lineage, value, trail })
    this.events.push({ type: 'row', row: value })
  }

  /** What too many failures there were, if there were. */
  shortfall(): Shortfall | undefined {
    return this.#troubles.shortfall((step) => this.#tally.step(step).done)
  }

  /** The result, once nothing is under way. */
  result(parts: ResultParts): RunResult<unknown> {
    for (const tally of this.#tally.steps) if (tally.arrived > 0) this.#progress(tally, true)
    const rows = this.rows.toSorted((a, b) => compareLineage(a.lineage, b.lineage))
    const tasks = this.#tasks.toSorted((a, b) => compareLineage(a.lineage, b.lineage))
    const { isMany, problem, ...said } = parts
    const output = isMany ? rows.map((row) => row.value) : rows[0]?.value
    const inputs = rows.map(({ lineage: [input = 0] }) => input)
    this.#state = stateOf(problem?.code)
    this.#endedAt = this.#course.now()
    return new RunOutcome({
      ...said,
      state: this.#state,
      error: problem && { code: problem.code, message: problem.message },
      output,
      inputs,
      failures: this.failures.toSorted((a, b) => a.index - b.index),
      stats: this.#stats(),
      tasks: tasks.map((task) => task.result),
      ancestries: new Ancestries(said.id, () => [
        ...(isMany
          ? [{ value: output, trail: joined(rows.map(({ trail }) => trail)), inputs }]
          : []),
        ...rows.map(traced),
        ...tasks.map(({ lineage, trail, result }) =>
          traced({ lineage, trail, value: result.output }),
        ),
      ]),
    })
  }

  #stats(): RunStats {
    const byNode = this.#tally.shares
    const inputTokens = byNode.reduce((sum, share) => sum + share.inputTokens, 0)
    const outputTokens = byNode.reduce((sum, share) => sum + share.outputTokens, 0)
    return {
      tasks: this.#tally.sum((step) => step.arrived),
      done: this.#tally.sum((step) => step.done),
      failed: this.#tally.sum((step) => step.failed),
      cancelled: this.#tally.sum((step) => step.cancelled),
      cached: this.#tally.sum((step) => step.cached),
      retries: this.#tally.retries,
      tokens: inputTokens + outputTokens,
      inputTokens,
      outputTokens,
      ms: (this.#endedAt ?? this.#course.now()) - this.#startedAt,
      nodes: byNode.length,
      byNode,
      bySteps: this.#tally.stepStats,
    }
  }

  #fail(node: PlanNode | undefined, failure: Failure): void {
    this.failures.push(failure)
    this.#troubles.add(failure.step, node, failure)
  }

  #tell(event: TaskEvent): void {
    this.events.push(event)
  }

  #progress(tally: StepTally, isLast = false): void {
    const now = this.#course.now()
    if (!isLast) tally.endedAt = now
    if (!isLast && now - tally.toldAt < PROGRESS_MS) return
    tally.toldAt = now
    const { step, done, failed, outputTokens } = tally
    const ended = done + failed
    const total = this.#totalOf(tally)
    const perSecond = (ended * 1000) / Math.max(1, now - (tally.startedAt ?? now))
    const isMeasured = total !== undefined && perSecond > 0
    const etaMs = isMeasured ? ((total - ended) * 1000) / perSecond : undefined
    const tokens = outputTokens
    this.events.push({ type: 'progress', step, done, failed, total, perSecond, etaMs, tokens })
  }

  /** Known from the plan, or once nothing before the step is under way any more. */
  #totalOf(tally: StepTally): number | undefined {
    let isSettled = this.#course.isFed()
    for (const step of this.#tally.steps) {
      if (step === tally) return isSettled ? tally.arrived : this.#expected.get(tally.step)
      isSettled &&= step.arrived === step.done + step.failed + step.cancelled
    }
    return undefined
  }
}

function traced({ lineage: [input = 0], value, trail }: RunReport['rows'][number]): Traced {
  return { value, trail, inputs: [input] }
}
