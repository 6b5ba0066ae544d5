import { systemClock, type Clock, type Transport } from '@skein/protocol'
import { Admission } from './admission.ts'
import { Catalogue, type LentModel } from './catalogue.ts'
import type { House } from './client-session.ts'
import type { Patience } from './completion.ts'
import { embedderAmong } from './embedder.ts'
import type { Engine } from './engines/engine.ts'
import { KeptResults, type Ending } from './kept-results.ts'
import { Reception } from './serve.ts'
import { toStatus, type ModelStatus, type NodeStatus } from './status.ts'
import type { Task, Workshop } from './task.ts'
import type { HttpComponents } from './tools/http-tool.ts'
import type { ToolPolicy } from './tools/tool-policy.ts'
import { Toolbox } from './tools/toolbox.ts'
import { Watchdog } from './watchdog.ts'

/** Changes of credits within this time are told in one offer; of measured speeds, within this. */
const OFFER_MS = 20
const SPEED_OFFER_MS = 1000
/** How often the engines are asked what they have; and how soon after one of them failed. */
const LOOK_MS = 15_000
const LOOK_SOON_MS = 1000

/** Where a node says what goes on. Never a prompt, an answer or a key. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
}

export interface NodeOptions {
  /** Where clients come from. Stays the caller's: closing the node does not close it. */
  readonly transport: Transport
  /** Whose models are lent; of two models of one name, the earlier's. They stay the caller's too. */
  readonly engines: readonly Engine[]
  /** What people call this machine. @default 'node' */
  readonly name?: string
  /** Program and version, told to clients. @default 'skein' */
  readonly agent?: string
  /** Absent: silence. */
  readonly logger?: Logger
  /** @default the clock of this machine */
  readonly clock?: Clock
  /** How long a model may be silent before its task fails. @default 300 s to begin, 60 s between tokens */
  readonly patience?: Patience
  /** What workflows may do besides asking models. @default nothing */
  readonly tools?: ToolPolicy
}

/** What a node is made of. Tests pass their own; everyone else passes nothing. */
export interface NodeComponents {
  readonly http: Partial<HttpComponents>
}

/** A node that serves. Disposing of it stops at once; `drain` lets it finish. */
export interface Node extends AsyncDisposable {
  readonly peer: string
  readonly addresses: readonly string[]
  models(): readonly ModelStatus[]
  status(): NodeStatus
  /** Takes nothing new, finishes what it has, then ends its sessions. Aborting stops at once. */
  drain(signal?: AbortSignal): Promise<void>
}

/** Lends the models of these engines to whoever the transport lets in. Serves when it returns. */
export async function createNode(
  options: NodeOptions,
  components: Partial<NodeComponents> = {},
): Promise<Node> {
  const node = new ServingNode(options, components)
  await node.start()
  return node
}

const SILENT: Logger = { info: () => {}, warn: () => {} }
const PATIENCE: Patience = { firstTokenMs: 300_000, betweenTokensMs: 60_000 }

class ServingNode implements Node, House {
  readonly workshop: Workshop
  readonly kept = new KeptResults()
  readonly #name: string
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #catalogue: Catalogue
  readonly #admission = new Admission<Task>()
  readonly #watchdog: Watchdog
  readonly #reception: Reception
  readonly #end = new AbortController()
  readonly #counts = { done: 0, failed: 0 }
  #callOffOffers: (() => void) | undefined
  #callOffSpeeds: (() => void) | undefined
  #callOffLook: (() => void) | undefined
  #isLooking = false
  #isReady = false
  /** The next look is nearer than usual. */
  #isSoon = false
  #idle: PromiseWithResolvers<void> | undefined

  constructor(options: NodeOptions, { http }: Partial<NodeComponents>) {
    const { transport, engines, name = 'node', agent = 'skein', clock = systemClock } = options
    this.#name = name
    this.#transport = transport
    this.#clock = clock
    this.#logger = options.logger ?? SILENT
    this.#catalogue = new Catalogue(engines)
    this.#watchdog = new Watchdog(clock)
    this.workshop = {
      now: () => clock.now(),
      patience: options.patience ?? PATIENCE,
      admission: this.#admission,
      watchdog: this.#watchdog,
      toolbox: new Toolbox(options.tools, http),
      findModel: (model) => this.#catalogue.models.get(model),
      findEmbedder: (need) => embedderAmong(this.#catalogue.models, need),
    }
    this.#reception = new Reception({
      hello: { role: 'node', name, agent },
      clock,
      house: this,
      note: (what) => {
        this.#logger.info(what)
      },
    })
  }

  get peer(): string {
    return this.#transport.peer
  }

  get addresses(): readonly string[] {
    return this.#transport.addresses
  }

  get isReady(): boolean {
    return this.#isReady
  }

  async start(): Promise<void> {
    this.#transport.accept((channel) => {
      if (this.#end.signal.aborted) void channel.close()
      else void this.#reception.welcome(channel)
    })
    await this.#look()
  }

  models(): readonly ModelStatus[] {
    return [...this.#catalogue.models.values()].map(toStatus)
  }

  /** Models that tasks can be sent for. */
  offered(): readonly LentModel[] {
    return [...this.#catalogue.models.values()].filter(({ info }) =>
      info.capabilities.includes('chat'),
    )
  }

  status(): NodeStatus {
    const clients = [...this.#reception.sessions].map((client) => client.status())
    return {
      peer: this.peer,
      name: this.#name,
      addresses: this.addresses,
      draining: this.#admission.isDraining,
      ...this.#admission.load,
      ...this.#counts,
      unconfirmed: this.kept.size,
      models: this.models(),
      clients,
      problems: this.#catalogue.problems,
    }
  }

  ended(ending: Ending): void {
    if (ending.type === 'finish') {
      this.#counts.done += 1
      this.#callOffSpeeds ??= this.#clock.schedule(SPEED_OFFER_MS, () => {
        this.#callOffSpeeds = undefined
        this.#offer()
      })
    } else if (ending.fault !== 'none') this.#counts.failed += 1
    if (ending.type === 'fail' && ending.fault === 'node') this.#lookAfter(LOOK_SOON_MS)
    if (this.#idle !== undefined) this.#settleIdle()
  }

  stirred(): void {
    this.#callOffOffers ??= this.#clock.schedule(OFFER_MS, () => {
      this.#callOffOffers = undefined
      this.#offer()
    })
  }

  async drain(signal?: AbortSignal): Promise<void> {
    this.#admission.drain()
    this.#offer()
    const idle = (this.#idle ??= Promise.withResolvers<void>())
    this.#settleIdle()
    const stop = () => {
      idle.resolve()
    }
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
    await idle.promise
    signal?.removeEventListener('abort', stop)
    await this[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end.signal.aborted) return
    this.#end.abort()
    this.#callOffLook?.()
    this.#callOffOffers?.()
    this.#callOffSpeeds?.()
    await Promise.all([...this.#reception.sessions].map((client) => client.end()))
    this.#watchdog.close()
  }

  #settleIdle(): void {
    const { running, waiting } = this.#admission.load
    if (running + waiting === 0) this.#idle?.resolve()
  }

  #offer(): void {
    for (const client of this.#reception.sessions) client.offer()
    this.#admission.refreshed()
  }

  /** Asks the engines what they have, tells clients what changed, and sees to the next time. */
  async #look(): Promise<void> {
    this.#isLooking = true
    const before = this.#catalogue.problems
    await this.#catalogue.refresh(this.#end.signal)
    this.#isLooking = false
    this.#isReady = true
    if (this.#end.signal.aborted) return
    for (const problem of this.#catalogue.problems) {
      if (!before.includes(problem)) this.#logger.warn(problem)
    }
    const slots = this.offered().map(({ info }) => ({ name: info.name, slots: info.slots }))
    for (const ticket of this.#admission.lend(slots, this.#clock.now())) ticket.task.start()
    this.#offer()
    this.#callOffLook?.()
    this.#callOffLook = this.#clock.schedule(LOOK_MS, () => void this.#look())
  }

  /** An engine failed: what it says that it has may not be true any more. */
  #lookAfter(ms: number): void {
    if (this.#isLooking || this.#end.signal.aborted || this.#isSoon) return
    this.#isSoon = true
    this.#callOffLook?.()
    this.#callOffLook = this.#clock.schedule(ms, () => {
      this.#isSoon = false
      void this.#look()
    })
  }
}
