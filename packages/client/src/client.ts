import path from 'node:path'
import { SlotMap, systemClock, type Clock, type Transport } from '@skein/protocol'
import { Cancellation } from './cancellation.ts'
import { checkClientOptions, checkConnectOptions, type ClientOptions } from './client-options.ts'
import { ClientError } from './errors.ts'
import { given } from './known-options.ts'
import { Execution } from './run/execution.ts'
import type { Flights } from './run/flights.ts'
import type { Route } from './run/local-step.ts'
import type { RunStart } from './run/open-run.ts'
import type { Cardinality, Fits, PlanOutput, Runnable } from './plan/fits.ts'
import { lookAround } from './network/lookout.ts'
import { join, type ConnectOptions } from './network/membership.ts'
import { Network } from './network/network.ts'
import type { Inputs, OneInput, Prompt } from './plan/given-inputs.ts'
import type { Pipeline } from './plan/pipeline.ts'
import { planOfSteps } from './plan/plan-builder.ts'
import type { Plan } from './plan/plan.ts'
import { checkGroups, type ModelGroups } from './scheduler/model-groups.ts'
import type { ModelSummary, NodeSummary } from './scheduler/roster.ts'
import { RecordedRuns } from './run/recorded-runs.ts'
import { planToGenerate, type GenerateOptions } from './run/generate.ts'
import {
  rerunOptions,
  resumeOptions,
  type RerunOptions,
  type ResumeOptions,
  type RunArguments,
  type RunOptions,
} from './run/run-options.ts'
import { RunHandle, type Run } from './run/run.ts'
import { stackOf, type Stack } from './run/stack.ts'
import { TakeOver, type TakeOverOptions } from './run/take-over.ts'
import { Queues } from './tasks/queues.ts'
import { TaskDesk } from './tasks/task-desk.ts'
import { WorkerPool } from './run/worker-pool.ts'
import { createMemoryStore } from './store/memory-store.ts'
import type { Cache } from './store/cache.ts'
import type { ScheduleContext, ScheduleOptions } from './schedule/schedule-options.ts'
import type { Schedule } from './schedule/schedule.ts'
import { Schedules } from './schedule/schedules.ts'
import { createSqliteStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'

const AGENT = 'skein-client/0.1.0'

/** How long the first nodes are waited for. */
const PATIENCE_MS = 3000

/** Runs pipelines and workflows on the nodes of a network. Clients share nothing with each other. */
export class Client implements AsyncDisposable {
  readonly #network: Network
  readonly #transport: Transport
  readonly #store: Store
  readonly #clock: Clock
  readonly #random: () => number
  readonly #runs = new SlotMap<number, Execution>()
  #lastRun = 0
  readonly #schedules: Schedules
  readonly #workers: WorkerPool
  readonly #routes: Readonly<Record<string, Route>>
  readonly #groups: ModelGroups
  /** Cached calls under way, of all runs that share a cache. */
  readonly #flights = new WeakMap<Store, Flights>()
  readonly #closing = new Cancellation()
  #leave: (() => Promise<void>) | undefined
  #started = 0

  /** Use `createClient` or `Client.connect`. */
  constructor(options: ClientOptions) {
    const { transport, clock = systemClock, random = Math.random, name = 'client' } = options
    const { addresses = [], store = createMemoryStore(), graceMs, neighbours } = options
    this.#transport = transport
    this.#routes = options.routes ?? {}
    this.#groups = checkGroups(options.modelGroups ?? {})
    this.#store = store
    this.#clock = clock
    this.#workers = new WorkerPool({ clock })
    this.#random = random
    this.#schedules = new Schedules(store, clock)
    const hello = { role: 'client' as const, name, agent: AGENT }
    this.#network = new Network({ transport, clock, random, hello, graceMs })
    transport.discover((address) => {
      this.#network.reach([address], false)
    })
    for (const address of addresses) this.#network.reach([address], true)
    if (neighbours) {
      void lookAround(neighbours, { network: this.#network, clock, closing: this.#closing })
    }
  }

  /**
   * Joins the network of this machine's settings folder and waits a moment for its nodes: those that run on
   * this machine, those at the given addresses, those that come into sight. What runs have done is kept in a
   * file.
   *
   * @throws {ClientError} `INVALID_INPUT` an address or option is none; `STORE_FAILED` the file cannot be used
   * @throws {ProtocolError} the settings folder or the network's key cannot be used
   */
  static async connect(options: ConnectOptions = {}): Promise<Client> {
    checkConnectOptions(options)
    const { addresses = [], name = 'client', patienceMs = PATIENCE_MS } = options
    const { directory, transport, neighbours, leave } = await join(options)
    let store
    try {
      store = createSqliteStore(options.store ?? path.join(directory, 'runs.db'))
    } catch (error) {
      await transport[Symbol.asyncDispose]()
      await leave()
      throw error
    }
    const client = new Client({ transport, addresses, name, neighbours, store })
    client.#leave = leave
    await client.ready(patienceMs)
    const [mistake] = client.#network.mistakes
    if (mistake === undefined) return client
    await client[Symbol.asyncDispose]()
    throw new ClientError('INVALID_INPUT', mistake)
  }

  /** Runs that are recorded, also those of other programs. */
  get runs(): RecordedRuns {
    return new RecordedRuns(this.#store)
  }

  /** Tasks that wait for somebody outside. */
  get tasks(): TaskDesk {
    return new TaskDesk(this.#store)
  }

  /** Work that waits for whoever takes it, in this program or another. */
  get queues(): Queues {
    return new Queues(this.#store)
  }

  /** Answers that steps with `cache` have given. */
  get cache(): Pick<Cache, 'clear' | 'stats'> {
    return this.#store.cache
  }

  /** Where its runs happen. A run of another client may happen there as well: `{ stack: client.stack }`. */
  get stack(): Required<Stack> {
    return { network: this.#network, store: this.#store, routes: this.#routes }
  }

  /** Id of this client in its network. */
  get peer(): string {
    return this.#transport.peer
  }

  /** Runs a plan on one input, or on many: a list or a stream. */
  run<In, Row, C extends Cardinality, X>(
    plan: Pipeline<In, Row, C, X>,
    input: OneInput<NoInfer<In>>,
    ...options: RunArguments<NoInfer<X>>
  ): Run<PlanOutput<Row, C>, Row>
  run<In, Row, C extends Cardinality, X>(
    plan: Pipeline<In, Row, C, X>,
    inputs: Inputs<NoInfer<In>>,
    ...options: RunArguments<NoInfer<X>>
  ): Run<Row[], Row>
  /** Runs a workflow or a local step by itself. */
  run<In, Out, X>(
    work: Runnable<In, Out, X>,
    input: OneInput<NoInfer<In>>,
    ...options: RunArguments<NoInfer<X>>
  ): Run<Out, Out>
  run<In, Out, X>(
    work: Runnable<In, Out, X>,
    inputs: Inputs<NoInfer<In>>,
    ...options: RunArguments<NoInfer<X>>
  ): Run<Out[], Out>
  run(work: unknown, inputs: unknown, options: RunOptions = {}): unknown {
    return this.#run(planOfSteps([work], {}), { kind: 'new', inputs }, given('a run', options))
  }

  /**
   * Takes a run up where it stopped: what is recorded is not done again, what failed is. Its output is a list where it had
   * many inputs: that is known to its record alone.
   */
  resume<In, Row, C extends Cardinality>(
    id: string,
    plan: Pipeline<In, Row, C, never>,
    options?: ResumeOptions<In>,
  ): Run<PlanOutput<Row, C> | Row[], Row>
  resume<In, Out>(
    id: string,
    work: Runnable<In, Out, never>,
    options?: ResumeOptions<In>,
  ): Run<Out | Out[], Out>
  resume(id: string, work: unknown, options: ResumeOptions<unknown> = {}): unknown {
    const { inputs, ...rest } = resumeOptions(options)
    return this.#run(planOfSteps([work], {}), { kind: 'resume', inputs }, { ...rest, id })
  }

  /**
   * Does a run again, under another id: on its inputs, with its answers where neither step, input nor context
   * has changed, and what comes after it. Its output is a list where that run had many inputs.
   */
  rerun<In, Row, C extends Cardinality>(
    parent: string,
    plan: Pipeline<In, Row, C, never>,
    options?: RerunOptions<In>,
  ): Run<PlanOutput<Row, C> | Row[], Row>
  rerun<In, Out>(
    parent: string,
    work: Runnable<In, Out, never>,
    options?: RerunOptions<In>,
  ): Run<Out | Out[], Out>
  rerun(parent: string, work: unknown, options: RerunOptions<unknown> = {}): unknown {
    const { inputs, from, ...rest } = rerunOptions(options)
    return this.#run(planOfSteps([work], {}), { kind: 'rerun', parent, from, inputs }, rest)
  }

  /**
   * Runs a plan at the instants of a timetable, until the schedule is disposed of. Each instant fires once, however
   * many programs with this store look after a schedule of this name. When the client is closed, what runs is gone on
   * with by the next program that looks after it.
   *
   * @throws {ClientError} `INVALID_INPUT` naming the option, or the step that lacks what it needs of the context; `CLOSED`
   */
  schedule<In, Out, X>(
    work: Runnable<In, Out, X>,
    input: NoInfer<In>,
    options: ScheduleOptions & ScheduleContext<NoInfer<X>>,
  ): Schedule
  schedule(work: unknown, inputs: unknown, options: ScheduleOptions): Schedule {
    this.#insistOnOpen()
    const plan = planOfSteps([work], {})
    const { run = {} } = given('a schedule', options)
    return this.#schedules.begin(options, plan, async (id) => {
      const known = await stackOf(this.stack, run.stack).store.runs.get(id)
      const start: RunStart = known ? { kind: 'resume' } : { kind: 'new', inputs }
      await this.#run(plan, start, { ...run, id })
    })
  }

  /**
   * Goes on, now and from now on, with runs of these plans that nobody is at and that have not come to their end: those
   * whose process died, and those whose client was closed. What failed or was cancelled is left as it is.
   *
   * @throws {ClientError} `INVALID_INPUT` naming the option
   */
  takeOver(works: readonly Runnable<never, unknown, never>[], options?: TakeOverOptions): TakeOver
  takeOver(works: readonly unknown[], options: TakeOverOptions = {}): TakeOver {
    const plans = works.map((work) => planOfSteps([work], {}))
    const start = async (plan: Plan, id: string) => {
      const taken = { kind: 'resume', isTakenOver: true } as const
      return this.#run(plan, taken, { waitForNodes: true, ...options.run, id })
    }
    const parts = { store: this.#store, clock: this.#clock, start }
    const takeOver = new TakeOver(plans, options, parts)
    this.#closing.listen(() => {
      takeOver.stop()
    })
    return takeOver
  }

  /** Answers of a model to a prompt, or to each of many. */
  generate(prompt: string, options?: GenerateOptions): Promise<string>
  generate(prompts: readonly string[], options?: GenerateOptions): Promise<string[]>
  /** Answers of a workflow, or of several one after the other. A text fits a workflow with one input. */
  generate<I, O>(
    input: Prompt<NoInfer<I>>,
    workflow: Runnable<I, O>,
    options?: GenerateOptions,
  ): Promise<O>
  generate<I, O>(
    inputs: readonly Prompt<NoInfer<I>>[],
    workflow: Runnable<I, O>,
    options?: GenerateOptions,
  ): Promise<O[]>
  generate<I, M, N, O>(
    input: Prompt<NoInfer<I>>,
    workflows: readonly [Runnable<I, M>, Runnable<N, O> & Fits<M, N>],
    options?: GenerateOptions,
  ): Promise<O>
  generate<I, M, N, O>(
    inputs: readonly Prompt<NoInfer<I>>[],
    workflows: readonly [Runnable<I, M>, Runnable<N, O> & Fits<M, N>],
    options?: GenerateOptions,
  ): Promise<O[]>
  async generate(inputs: unknown, ...rest: readonly unknown[]): Promise<unknown> {
    const { plan, runOptions } = planToGenerate(rest)
    const result = await this.#run(plan, { kind: 'new', inputs }, runOptions)
    return result.output
  }

  /** Models that there are now, with nodes, free slots and speed. */
  models(): ModelSummary[] {
    return this.#network.scheduler.roster.models()
  }

  /** Nodes that this client talks to now. */
  nodes(): NodeSummary[] {
    return this.#network.scheduler.roster.summaries()
  }

  /** Why nodes could not be reached, a line each. */
  troubles(): string[] {
    return this.#network.troubles
  }

  /** Waits until every node that is known of has said what it offers or could not be reached, but no longer than that. */
  async ready(patienceMs: number = PATIENCE_MS): Promise<void> {
    const until = this.#clock.now() + patienceMs
    while (!this.#network.isSettled && !this.#closing.isCancelled) {
      const leftMs = until - this.#clock.now()
      if (leftMs <= 0) return
      await this.#network.change(Math.min(leftMs, 100))
    }
  }

  /** Cancels what runs, leaves the nodes and ends the transport. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.isCancelled) return
    const closed = new ClientError('CLOSED', 'the client was closed')
    this.#closing.cancel(closed)
    const schedules = this.#schedules.close()
    const outcomes = Array.from(this.#runs.values(), (run) => {
      run.stop(closed)
      return run.outcome
    })
    await Promise.allSettled(outcomes)
    await schedules
    await this.#network.close()
    await this.#workers[Symbol.asyncDispose]()
    await this.#transport[Symbol.asyncDispose]()
    await this.#store[Symbol.asyncDispose]()
    await this.#leave?.()
  }

  #run(plan: Plan, start: RunStart, options: RunOptions): RunHandle {
    this.#insistOnOpen()
    const { network, store, routes } = stackOf(this.stack, options.stack)
    const components = {
      id: options.id ?? `${Date.now().toString(36)}${this.#idSuffix()}`,
      network,
      store,
      flights: this.#flightsIn(store),
      local: { workers: this.#workers, routes },
      groups: this.#groups,
      clock: this.#clock,
      wallNow: () => Date.now(),
      random: this.#random,
    }
    const execution = new Execution(plan, start, { options, components })
    this.#lastRun += 1
    const number = this.#lastRun
    this.#runs.set(number, execution)
    void execution.outcome.catch(() => {}).finally(() => this.#runs.delete(number))
    return new RunHandle(execution)
  }

  #insistOnOpen(): void {
    if (this.#closing.isCancelled) throw new ClientError('CLOSED', 'the client was closed')
  }

  #flightsIn(store: Store): Flights {
    let flights = this.#flights.get(store)
    if (!flights) this.#flights.set(store, (flights = new SlotMap()))
    return flights
  }

  /** Tells runs of the same millisecond apart, of this program and of others. */
  #idSuffix(): string {
    this.#started++
    const chance = Math.floor(this.#random() * 36 ** 4)
    return `${chance.toString(36).padStart(4, '0')}${this.#started.toString(36)}`
  }
}

/**
 * Makes a client of its parts. `Client.connect` finds them by itself.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option
 */
export function createClient(options: ClientOptions): Client {
  checkClientOptions(options)
  return new Client(options)
}
