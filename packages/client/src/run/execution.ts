import type { Clock } from '@skein/protocol'
import { Cancellation } from '../cancellation.ts'
import { about, ClientError, messageOf, toClientError, troubleIn } from '../errors.ts'
import { Flow, type FlowHost } from './flow.ts'
import { Gates } from './gates.ts'
import { InputSource, type Reading } from './input-source.ts'
import { Kernel, type KernelComponents } from './kernel.ts'
import { describeLineage, keyOf, type Lineage } from './lineage.ts'
import { checkRoutes, LocalSteps, type LocalParts } from './local-step.ts'
import type { Network } from '../network/network.ts'
import type { ModelGroups } from '../scheduler/model-groups.ts'
import type { Plan } from '../plan/plan.ts'
import { inputFor } from '../plan/run-input.ts'
import { openRun, type OpenRun, type RunStart } from './open-run.ts'
import type { RecordedInputs } from './recorded-inputs.ts'
import { RunCaller } from './run-caller.ts'
import { TaskDesk } from '../tasks/task-desk.ts'
import { WaitingRoom } from '../tasks/waiting-room.ts'
import { RunContext } from './run-context.ts'
import { checkRunOptions, type CheckedRunOptions, type RunOptions } from './run-options.ts'
import { RunRecorder } from './run-recorder.ts'
import { RunReport, type Problem } from './run-report.ts'
import { describeShortfall, endsAll } from './shortfall.ts'
import { RunError, type RunResult } from './run-result.ts'
import type { Row, Scope } from './scope.ts'
import type { Caller, CallResult, StepCall } from './step-calls.ts'
import { Standstill } from './standstill.ts'
import type { Store } from '../store/store.ts'
import { FAREWELL_MS } from './time-limit.ts'
import { Tolerances } from './tolerated.ts'
import type { RowFailure } from './track.ts'

export interface ExecutionComponents {
  readonly id: string
  readonly network: Network
  readonly store: Store
  /** What local steps share with those of other runs of the client. */
  readonly local: LocalParts
  /** Names that stand for lists of models. */
  readonly groups: ModelGroups
  /** Cached calls under way, of all runs of the client. */
  readonly flights: KernelComponents['flights']
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly wallNow: () => number
  readonly random: () => number
}

/** Rows under way at the same time where nothing is said. */
const LEAST_WINDOW = 1024

/** One execution of a plan, from its inputs to its result. */
export class Execution implements FlowHost {
  readonly id: string
  readonly report: RunReport
  readonly cancellation = new Cancellation()
  /** No plan is around it. */
  readonly defaults = undefined
  readonly outer = undefined
  readonly gates = new Gates()
  /** Rejects with a `RunError`. */
  readonly outcome: Promise<RunResult<unknown>>
  readonly #plan: Plan
  readonly #options: CheckedRunOptions
  readonly #components: ExecutionComponents
  readonly #settle = Promise.withResolvers<RunResult<unknown>>()
  readonly #flow = new Flow(this)
  readonly #standstill = new Standstill((waiting) =>
    this.#flow.waitsFor(waiting, this.#inputs.isOver),
  )
  readonly #endings: (() => void)[] = []
  #inputs = new InputSource([])
  #recorded: RecordedInputs | undefined
  #recorder: RunRecorder | undefined
  #seed = 0
  #caller: Caller | undefined
  #entered = 0
  #isFeeding = false
  #isOver = false
  #isMany = true
  #fatal: ClientError | undefined

  constructor(
    plan: Plan,
    start: RunStart,
    { options, components }: { options: RunOptions; components: ExecutionComponents },
  ) {
    this.id = components.id
    this.#plan = plan
    this.#options = checkRunOptions(options)
    this.#components = components
    this.report = new RunReport(plan, {
      now: () => components.clock.now(),
      isFed: () => this.#inputs.isOver && this.#flow.isFed,
    })
    this.outcome = this.#settle.promise
    // Whoever only watches the events is not to be killed by a failure that nobody awaits.
    this.outcome.catch(() => {})
    void this.#start(start)
  }

  /** Takes nothing further and stops what runs, here and at the nodes. */
  stop(error: ClientError): void {
    if (this.#isOver || this.#fatal) return
    this.#fatal = error
    this.#inputs.stop()
    this.#flow.stop()
    // Before, it has asked nobody: another run may have its id.
    if (this.#caller) this.#components.network.scheduler.cancelRun(this.id)
    this.cancellation.cancel(error)
    this.#endings.push(
      this.#components.clock.schedule(FAREWELL_MS, () => {
        this.#finish()
      }),
    )
    this.moved()
  }

  call(call: StepCall): CallResult | Promise<CallResult> {
    if (this.#caller) return this.#caller.call(call)
    throw new ClientError('CLOSED', 'the run has not started')
  }

  models(): readonly string[] {
    return this.#caller?.models() ?? []
  }

  window(): number {
    const { credits } = this.#components.network.scheduler.roster
    // What nodes take, and a fourth of that: answers that wait for the disk are under way as well. More costs memory and time.
    return this.#options.concurrency ?? Math.max(LEAST_WINDOW, 1.25 * credits)
  }

  failed(failure: RowFailure): void {
    this.#list(failure)
    if (endsAll(failure)) this.stop(failure.error)
  }

  skipped(row: Row, step: string, why: string): void {
    const task = `${this.id}/${keyOf(row.lineage, step)}`
    const { lineage, value: input, trail: from } = row
    this.report.skipped({ step, task, lineage, input, from }, why)
  }

  deliver(row: Row): void {
    if (this.#isOver) return
    this.report.row(row)
    this.#record(row.lineage, (recorder) => {
      recorder.row(row)
    })
  }

  finished(scope: Scope): void {
    if (this.#inputs.isSingle) this.#isMany = scope.isMany
  }

  moved(): void {
    if (this.#isOver) return
    this.#feed()
    this.#recorder?.moved()
    this.#standstill.look()
    const isDone = this.#flow.isIdle && this.#inputs.isOver && !this.#isFeeding
    if (isDone && this.#caller) this.#finish()
  }

  async #start(start: RunStart): Promise<void> {
    const { store, clock, random, wallNow } = this.#components
    try {
      this.#heed()
      const { seed, models, project, context, source, isNamed } = this.#options
      const newSeed = () => Math.floor(random() * 2 ** 31)
      const given = { id: this.id, isNamed, seed, models, project, context, source }
      const terms = { ...given, newSeed, now: wallNow() }
      const opened = await openRun(store, this.#plan, { start, terms })
      const status = () => this.report.status()
      const { journal, isTakenUp } = opened
      journal.onLost((error) => {
        this.stop(error)
      })
      this.#recorder = new RunRecorder({ journal, isTakenUp, clock, wallNow, status })
      this.#seed = opened.seed
      this.#recorded = opened.inputs
      this.#inputs = opened.inputs.source
      this.report.expect(this.#plan, this.#inputs.size)
      const run = new RunContext(opened.context)
      run.check(this.#plan)
      checkRoutes(this.#plan, this.#components.local.routes ?? {})
      if (this.#fatal) this.#inputs.stop()
      this.#caller = this.#callerOf(opened, run)
      this.moved()
    } catch (thrown) {
      this.stop(toClientError(thrown, 'STORE_FAILED'))
      this.#finish()
    }
  }

  #callerOf(opened: OpenRun, context: RunContext): Caller {
    const { journal, parent, project } = opened
    const { network, store, flights, clock, random, wallNow, groups } = this.#components
    const { report, gates, id: run, cancellation: stopped } = this
    const kernel = new Kernel({ journal, parent, cache: store.cache, flights, clock, random })
    const desk = new TaskDesk(store)
    const waitingRoom = new WaitingRoom(run, { desk, project, clock, wallNow, stopped })
    this.#endings.push(() => {
      waitingRoom.close()
    })
    const standstill = this.#standstill
    const local = new LocalSteps(clock, { ...this.#components.local, waitingRoom, standstill })
    const tolerances = new Tolerances({ journal, parent, list: this.#list })
    const { waitMs, trace } = this.#options
    const at = { run, gates, report, context, clock, wallNow, tolerances }
    return new RunCaller(kernel, { ...opened, ...at, waitMs, trace, network, groups, local })
  }

  /** The caller's signal and deadline cancel the run; without nodes it cannot go on. */
  #heed(): void {
    const { signal, deadlineMs } = this.#options
    const { closing } = this.#components.network
    this.#endings.push(
      closing.listen(() => {
        this.stop(toClientError(closing.reason, 'CLOSED'))
      }),
    )
    if (signal) {
      const cancel = () => {
        this.stop(new ClientError('CANCELLED', `cancelled: ${messageOf(signal.reason)}`))
      }
      if (signal.aborted) cancel()
      signal.addEventListener('abort', cancel, { once: true })
      this.#endings.push(() => {
        signal.removeEventListener('abort', cancel)
      })
    }
    if (deadlineMs === undefined) return
    const stop = () => {
      this.stop(new ClientError('TIMED_OUT', `the run did not finish within ${deadlineMs} ms`))
    }
    this.#endings.push(this.#components.clock.schedule(deadlineMs, stop))
  }

  /** Lets inputs in while there is room. */
  #feed(): void {
    if (this.#isFeeding || !this.#caller) return
    this.#isFeeding = true
    while (this.#inputs.isReady && this.#flow.hasRoom) {
      this.#inputs.read(this.#took)
    }
    this.#isFeeding = false
  }

  readonly #took = (reading: Reading): void => {
    this.#take(reading)
    // Where it came later than it was asked for, nobody else goes on.
    if (!this.#isFeeding) this.moved()
  }

  #take(reading: Reading): void {
    if (reading.kind === 'end') {
      this.#recorded?.ended()
      return
    }
    if (reading.kind === 'trouble') {
      const message = `the inputs ended with an error: ${messageOf(reading.error)}`
      this.stop(new ClientError('INVALID_INPUT', message, { cause: reading.error }))
      return
    }
    const index = this.#entered++
    const parsed = this.#parse(index, reading.value)
    if ('problem' in parsed) this.#refuse(index, reading.value, parsed.problem)
    else this.#flow.enter(this.#plan, parsed, [index])
  }

  /** What an input is for the plan, recorded and frozen; or why it does not fit. */
  #parse(index: number, input: unknown): { value: unknown } | { problem: string } {
    try {
      this.#recorded?.read(index, input)
    } catch (thrown) {
      return { problem: messageOf(thrown) }
    }
    return inputFor(this.#plan, input)
  }

  #refuse(index: number, value: unknown, issues: string): void {
    const which = this.#inputs.isSingle ? 'the input' : `input number ${index + 1}`
    const error = new ClientError('INVALID_INPUT', `${which} of '${this.#plan.name}': ${issues}`)
    this.report.inputFailed(index, value, error)
    if (this.#inputs.isSingle) this.stop(error)
  }

  readonly #list = (failure: RowFailure): void => {
    this.report.rowFailed(failure)
    this.#record(failure.row.lineage, (recorder) => {
      recorder.failure(failure)
    })
  }

  /** What cannot be recorded ends the run. */
  #record(lineage: Lineage, write: (recorder: RunRecorder) => void): void {
    const recorder = this.#recorder
    const trouble = recorder && troubleIn(() => write(recorder))
    if (trouble) this.stop(about(`the row of ${describeLineage(lineage)}`, trouble))
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    // The run comes to its end, whatever is wrong with the store.
    const troubles = this.#endings.map(troubleIn)
    this.#fatal ??= troubles.find((trouble) => trouble !== undefined)
    const problem = this.#problem()
    const told = { id: this.id, name: this.#plan.name, seed: this.#seed, isMany: this.#isMany }
    const result = this.report.result({ ...told, problem })
    const error =
      problem && new RunError(problem.code, problem.message, { result, cause: problem.cause })
    void this.#close(result, error)
  }

  async #close(result: RunResult<unknown>, error: RunError | undefined): Promise<void> {
    let last = error
    const wasStopped = this.#fatal !== undefined
    try {
      await this.#recorder?.close(error, { wasStopped, isMany: this.#isMany })
    } catch (cause) {
      last ??= new RunError('STORE_FAILED', 'the run could not be recorded', { result, cause })
    }
    this.report.events.end()
    if (last) this.#settle.reject(last)
    else this.#settle.resolve(result)
  }

  #problem(): Problem | undefined {
    if (this.#fatal) {
      const { code, message } = this.#fatal
      return { code, message, cause: this.#fatal }
    }
    const shortfall = this.report.shortfall()
    if (shortfall) return { ...describeShortfall(shortfall), cause: shortfall.first.error }
    const [failure] = this.report.failures
    if (this.#isMany || !failure || this.report.rows.length > 0) return undefined
    const message = `nothing is left of the input: ${failure.error.message}`
    return { code: 'RUN_FAILED', message, cause: failure.error }
  }
}
