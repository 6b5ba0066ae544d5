import type { MessageOf } from '@skein/protocol'
import type { Checkpoint, EmbedNeed, WorkflowDocument } from '@skein/workflows'
import type { Admission } from './admission.ts'
import type { LentModel } from './catalogue.ts'
import type { Patience } from './completion.ts'
import { EngineError } from './engines/engine.ts'
import type { Surroundings } from './errand.ts'
import { Execution, type Done, type Failed } from './executor.ts'
import type { Ticket } from './gate.ts'
import type { Ending } from './kept-results.ts'
import type { Place } from './places.ts'
import type { Toolbox } from './tools/toolbox.ts'
import type { Watchdog, Watched } from './watchdog.ts'

/** What tasks share at their node. */
export interface Workshop {
  readonly now: () => number
  readonly patience: Patience
  readonly admission: Admission<Task>
  readonly watchdog: Watchdog
  readonly toolbox: Toolbox
  readonly findModel: (name: string) => LentModel | undefined
  readonly findEmbedder: (need: EmbedNeed) => LentModel | undefined
}

/** Who hears of a task. */
export interface Audience {
  /** Whether it takes more at the moment: what is not told now is told later. */
  readonly isListening: boolean
  /** Whether it could be told. */
  progress(message: MessageOf<'progress'>): boolean
  /** It is over: the slot is free again. */
  ended(task: Task, ending: Ending): void
}

export type Assignment = MessageOf<'assign'>

/** A task as it came, with what it refers to. */
export interface Order {
  readonly assignment: Assignment
  readonly document: WorkflowDocument
  readonly checkpoint: Checkpoint | undefined
}

/** One attempt at a task, from its admission to its end. */
export class Task implements Watched {
  readonly assignment: Assignment
  before: Watched | undefined = undefined
  behind: Watched | undefined = undefined
  readonly #workshop: Workshop
  readonly #audience: Audience
  readonly #order: Order
  readonly #receivedAt: number
  readonly #deadline: number
  #ticket: Ticket<Task> | undefined
  #execution: Execution | undefined
  #startedAt = 0
  #isOver = false
  /** Answers were left out that no frame holds: a checkpoint with a gap is none, so it stays at what was told. */
  #hasGap = false
  /** Wakes the task when it has a slot at the model that it moved to. */
  #moved: PromiseWithResolvers<void> | undefined

  constructor(order: Order, workshop: Workshop, audience: Audience) {
    this.assignment = order.assignment
    this.#order = order
    this.#workshop = workshop
    this.#audience = audience
    this.#receivedAt = workshop.now()
    this.#deadline = this.#receivedAt + (order.assignment.timeLeftMs ?? Infinity)
  }

  get isRunning(): boolean {
    return this.#execution !== undefined
  }

  /** It was let in: it runs as soon as its ticket does. */
  enter(ticket: Ticket<Task>): void {
    this.#ticket = ticket
    this.#workshop.watchdog.watch(this)
    if (ticket.state === 'running') this.start()
  }

  /** Its ticket has a slot. */
  start(): void {
    if (this.#execution === undefined) void this.#execute()
    else this.#moved?.resolve()
  }

  /** Ends it with this, as soon as the engine lets go. */
  stop(why: Failed): void {
    if (this.#isOver) return
    if (this.#execution === undefined) this.#end(why)
    else {
      this.#execution.stop(why)
      this.#moved?.reject(new EngineError('ABORTED', why.message))
    }
  }

  look(now: number): void {
    if (this.#isOver) return
    if (now >= this.#deadline) {
      const message = `not finished within the ${this.assignment.timeLeftMs} ms that it had`
      this.stop({ ok: false, code: 'DEADLINE', message, retryable: false, fault: 'none' })
      return
    }
    this.#execution?.look(now)
    if (this.#audience.isListening) this.#tellNews()
  }

  #tellNews(): void {
    const news = this.#execution?.news()
    if (news === undefined) return
    const { tokens, step, text, answers } = news
    const tells = answers.length > 0 && !this.#hasGap
    const isTold = this.#audience.progress({
      type: 'progress',
      task: this.assignment.task,
      attempt: this.assignment.attempt,
      tokens,
      ...(step === undefined ? {} : { step }),
      ...(text === '' ? {} : { text }),
      ...(tells ? { answers: [...answers] } : {}),
    })
    if (tells && !isTold) this.#hasGap = true
  }

  async #execute(): Promise<void> {
    const { assignment, document, checkpoint } = this.#order
    const { input, seed, trace } = assignment
    this.#startedAt = this.#workshop.now()
    const job = { document, input, checkpoint, seed, trace }
    this.#execution = new Execution(job, this.#surroundings())
    this.#end(await this.#execution.run())
  }

  #surroundings(): Surroundings {
    const { now, patience, toolbox, findEmbedder } = this.#workshop
    return {
      now,
      patience,
      toolbox,
      embedder: findEmbedder,
      model: (wanted) => this.#model(wanted),
      borrow: (wanted) => this.#borrow(wanted),
    }
  }

  /** A step that wants no model of its own is for those of the task, wherever the step before it was. */
  #model(own: readonly string[] | undefined): LentModel | Promise<LentModel> {
    const holds = this.#ticket?.gate.model ?? ''
    const wanted = own ?? this.assignment.models
    if (wanted.length === 0 || wanted.includes(holds)) return this.#lent(holds)
    const other = wanted.find((name) => this.#workshop.findModel(name) !== undefined)
    return other === undefined ? this.#lent(wanted.join(' or ')) : this.#moveTo(other)
  }

  #borrow(own: readonly string[] | undefined): Place | undefined {
    const wanted = own ?? this.assignment.models
    const holds = this.#ticket?.gate.model ?? ''
    for (const name of wanted.length === 0 ? [holds] : wanted) {
      const model = this.#workshop.findModel(name)
      const gate = model === undefined ? undefined : this.#workshop.admission.borrow(name)
      if (model === undefined || gate === undefined) continue
      return { model, leave: () => gate.giveBack(this.#workshop.now())?.task.start() }
    }
    return undefined
  }

  #lent(name: string): LentModel {
    const model = this.#workshop.findModel(name)
    if (model !== undefined) return model
    throw new EngineError('MODEL_MISSING', `this node does not lend ${name} any more`)
  }

  /** Trades the slot for one at another model. */
  async #moveTo(name: string): Promise<LentModel> {
    const ticket = this.#ticket
    const { admission, now } = this.#workshop
    const moved = ticket === undefined ? undefined : admission.move(ticket, name, now())
    if (ticket === undefined || moved === undefined) return this.#lent(name)
    moved.next?.task.start()
    if (ticket.state === 'waiting') {
      this.#moved = Promise.withResolvers<void>()
      await this.#moved.promise
    }
    return this.#lent(name)
  }

  #end(what: Done | Failed): void {
    if (this.#isOver) return
    this.#isOver = true
    const { admission, watchdog, now } = this.#workshop
    watchdog.forget(this)
    const next = this.#ticket === undefined ? undefined : admission.end(this.#ticket, now())
    this.#audience.ended(this, this.#tell(what))
    next?.task.start()
  }

  #tell(what: Done | Failed): Ending {
    const { task, attempt } = this.assignment
    if (!what.ok) {
      const { code, message, retryable, fault } = what
      return { type: 'fail', task, attempt, code, message, retryable, fault }
    }
    const { outcome, timing } = what
    const model = what.model?.info ?? { name: this.#ticket?.gate.model ?? '' }
    return {
      type: 'finish',
      task,
      attempt,
      output: outcome.output,
      model: model.name,
      ...('digest' in model ? { digest: model.digest } : {}),
      usage: outcome.usage,
      timing: { ...timing, queueMs: timing.queueMs + this.#startedAt - this.#receivedAt },
      steps: [...outcome.steps],
      ...(this.assignment.trace === true ? { trace: [...outcome.trace] } : {}),
    }
  }
}
