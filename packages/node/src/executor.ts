import { setImmediate } from 'node:timers/promises'
import type { Fault } from '@skein/protocol'
import {
  interpret,
  WorkflowError,
  type Answer,
  type Checkpoint,
  type Completion,
  type CompletionNeed,
  type Failure,
  type Need,
  type Outcome,
  type SingleNeed,
  type WorkflowDocument,
} from '@skein/workflows'
import { Branches } from './branches.ts'
import type { LentModel } from './catalogue.ts'
import { type Answered, Generation, toCompletion } from './completion.ts'
import { EngineError, type GenerateTiming } from './engines/engine.ts'
import {
  type AtWork,
  type Desk,
  Errand,
  failureOf,
  providedTo,
  type Surroundings,
} from './errand.ts'
import { toRequest } from './model-request.ts'
import { Places } from './places.ts'

/** A task as the executor takes it. */
export interface Job {
  readonly document: WorkflowDocument
  readonly input: Readonly<Record<string, unknown>>
  readonly checkpoint?: Checkpoint | undefined
  readonly seed?: number | undefined
  readonly trace?: boolean | undefined
}

/** A task that came to its end. */
export interface Done {
  readonly ok: true
  readonly outcome: Outcome
  /** The model that answered last. */
  readonly model: LentModel | undefined
  readonly timing: GenerateTiming
}

/** A task that did not. */
export interface Failed {
  readonly ok: false
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly fault: Fault
}

/** What is new about a running task since the last time somebody asked. */
export interface News {
  readonly tokens: number
  /** Of branches, the one at work longest. */
  readonly step: string | undefined
  /** Empty while branches run: their texts come all at once. */
  readonly text: string
  readonly answers: readonly Answer[]
}

/** Lets the process do what else it has to do. */
async function breath(): Promise<undefined> {
  await setImmediate()
}

/** What the task asked for and a node may well not do. */
const TASK_FAULTS = new Set([
  'CONTEXT_OVERFLOW',
  'SCHEMA_UNSUPPORTED',
  'CAPABILITY_MISSING',
  'NOT_ALLOWED',
])

const IDLE = { step: undefined, text: '', tokens: 0 }

/** One task at work: the bridge between a workflow's interpreter, which is pure, and the engines. */
export class Execution {
  readonly #job: Job
  readonly #around: Surroundings
  readonly #startedAt: number
  readonly #timing = { queueMs: 0, loadMs: 0, promptMs: 0, generateMs: 0 }
  readonly #answers: Answer[] = []
  /** What the task waits for, where it is one thing. */
  #work: AtWork | undefined
  /** Absent until a step has branches. */
  #branches: Branches | undefined
  /** Absent until a need is no plain completion. */
  #desk: Desk | undefined
  #model: LentModel | undefined
  #stopped: Failed | undefined
  /** What the interpreter was told last, where it was a failure. */
  #lastFailure: Failure | undefined
  #tokensBefore = 0
  /** What `news` told last. */
  #told = { answers: 0, tokens: 0, chars: 0 }

  constructor(job: Job, around: Surroundings) {
    this.#job = job
    this.#around = around
    this.#startedAt = around.now()
  }

  /** Walks the workflow to its end. Never rejects. */
  async run(): Promise<Done | Failed> {
    const what = await this.#walk()
    if (this.#branches !== undefined) {
      this.#branches.abandon()
      await this.#branches.settled()
    }
    return what
  }

  async #walk(): Promise<Done | Failed> {
    const { document, input, checkpoint, seed, trace } = this.#job
    try {
      const walk = interpret(document, input, { from: checkpoint, seed, trace, pauses: true })
      let next = walk.next()
      while (next.done !== true) {
        const answer = next.value.kind === 'pause' ? await breath() : await this.#answer(next.value)
        if (this.#stopped !== undefined) return this.#stopped
        if (answer === undefined) next = walk.next()
        else {
          this.#record(answer)
          next = walk.next(answer)
        }
      }
      return { ok: true, outcome: next.value, model: this.#model, timing: this.#timing }
    } catch (error) {
      return this.#stopped ?? this.#explain(error)
    }
  }

  /** Ends it as soon as the engine lets go, with this as what it came to. */
  stop(why: Failed): void {
    if (this.#stopped !== undefined) return
    this.#stopped = why
    const error = new EngineError('ABORTED', why.message)
    this.#work?.stop(error)
    this.#branches?.stop(error)
  }

  /** Stops what takes too long. */
  look(now: number): void {
    const { maxTimeMs = Infinity } = this.#job.document.limits ?? {}
    if (now - this.#startedAt >= maxTimeMs) {
      const message = `the workflow took longer than its limit of ${maxTimeMs} ms`
      this.stop({ ok: false, code: 'TIME_LIMIT', message, retryable: false, fault: 'task' })
      return
    }
    const { patience } = this.#around
    this.#work?.look(now, patience)
    this.#branches?.look(now, patience)
  }

  /** What came since the last call; undefined for nothing. */
  news(): News | undefined {
    const told = this.#told
    const { step, text, tokens: ofNow } = this.#work ?? this.#branches ?? IDLE
    const tokens = this.#tokensBefore + ofNow
    if (this.#answers.length === told.answers && tokens === told.tokens) return undefined
    const answers = this.#answers.slice(told.answers)
    this.#told = { answers: this.#answers.length, tokens, chars: text.length }
    return { tokens, step, text: text.slice(told.chars), answers }
  }

  #answer(need: Need): Promise<Answer> {
    if (need.kind === 'parallel') {
      this.#branches ??= new Branches((single) => new Errand(single, this.#deskOf()))
      return this.#branches.next(need)
    }
    this.#branches?.abandon()
    return need.kind === 'completion' && this.#isAlone ? this.#complete(need) : this.#send(need)
  }

  /** Whether the task's slot is its main line's, with no branch that has yet to let go of it. */
  get #isAlone(): boolean {
    return (
      this.#branches === undefined || (this.#branches.isQuiet && this.#deskOf().places.isOwnFree)
    )
  }

  /** The way of nearly every need of nearly every task: as few steps as can be. */
  async #complete(need: CompletionNeed): Promise<Completion | Failure> {
    try {
      const asked = this.#around.model(need.models)
      const model = asked instanceof Promise ? await asked : asked
      const request = toRequest(need, model.info, providedTo(need, this.#around))
      if (this.#stopped !== undefined) throw new EngineError('ABORTED', this.#stopped.message)
      const generation = new Generation(need, this.#around.now)
      this.#work = generation
      this.#told.chars = 0
      const answered = await generation.run(model, request)
      this.#note(model, answered)
      return toCompletion(answered, model.info.name, this.#around.now() - generation.startedAt)
    } catch (error) {
      return failureOf(error)
    } finally {
      this.#work = undefined
    }
  }

  async #send(need: SingleNeed): Promise<Answer> {
    const errand = new Errand(need, this.#deskOf())
    this.#work = errand
    this.#told.chars = 0
    try {
      return await errand.answer
    } finally {
      this.#work = undefined
    }
  }

  #deskOf(): Desk {
    this.#desk ??= {
      around: this.#around,
      places: new Places(this.#around),
      note: (model, answered) => {
        this.#note(model, answered)
      },
    }
    return this.#desk
  }

  #record(answer: Answer): void {
    this.#answers.push(answer)
    const single = answer.kind === 'branch' ? answer.answer : answer
    this.#lastFailure = single.kind === 'failure' ? single : undefined
  }

  #note(model: LentModel, answered: Answered): void {
    this.#model = model
    this.#tokensBefore += answered.usage.output
    this.#addUp(answered)
  }

  #addUp({ timing }: Answered): void {
    this.#timing.queueMs += timing.queueMs
    this.#timing.loadMs += timing.loadMs
    this.#timing.promptMs += timing.promptMs
    this.#timing.generateMs += timing.generateMs
  }

  /** What went wrong, for whoever sent the task. */
  #explain(error: unknown): Failed {
    if (error instanceof WorkflowError) {
      const failure = error.code === 'STEP_FAILED' ? this.#lastFailure : undefined
      const code = failure?.code ?? error.code
      const isOurs = failure !== undefined && !TASK_FAULTS.has(code)
      const { message, retryable } = error
      return { ok: false, code, message, retryable, fault: isOurs ? 'node' : 'task' }
    }
    // Neither the workflow's nor the engine's own words: they might hold anything.
    const message =
      this.#job.checkpoint === undefined
        ? 'the node cannot run this task'
        : 'the node cannot go on from this checkpoint'
    return { ok: false, code: 'INTERNAL', message, retryable: true, fault: 'node' }
  }
}
