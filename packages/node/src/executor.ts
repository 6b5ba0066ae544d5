import type { Fault } from '@skein/protocol'
import {
  interpret,
  WorkflowError,
  type Answer,
  type Checkpoint,
  type CompletionNeed,
  type Failure,
  type Need,
  type Outcome,
  type WorkflowDocument,
} from '@skein/workflows'
import type { LentModel } from './catalogue.ts'
import { type Answered, Generation, type Patience } from './completion.ts'
import { EngineError, type GenerateTiming } from './engines/engine.ts'
import { toRequest } from './model-request.ts'

/** A task as the executor takes it. */
export interface Job {
  readonly document: WorkflowDocument
  readonly input: Readonly<Record<string, unknown>>
  readonly checkpoint?: Checkpoint | undefined
  readonly seed?: number | undefined
  readonly trace?: boolean | undefined
}

/** What the executor needs of the node around it. */
export interface Surroundings {
  readonly now: () => number
  readonly patience: Patience
  /**
   * The model to ask: that of the task, or the first of a step's own models that is here, once it
   * has a slot there.
   *
   * @throws {EngineError} `MODEL_MISSING`
   */
  model(wanted: readonly string[] | undefined): LentModel | Promise<LentModel>
}

/** A task that came to its end. */
export interface Done {
  readonly ok: true
  readonly outcome: Outcome
  /** The model asked last. */
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
  readonly step: string | undefined
  readonly text: string
  readonly answers: readonly Answer[]
}

const TASK_FAULTS = new Set(['CONTEXT_OVERFLOW', 'SCHEMA_UNSUPPORTED', 'CAPABILITY_MISSING'])

/** One task at work: the bridge between a workflow's interpreter, which is pure, and the engines. */
export class Execution {
  readonly #job: Job
  readonly #around: Surroundings
  readonly #startedAt: number
  readonly #timing = { queueMs: 0, loadMs: 0, promptMs: 0, generateMs: 0 }
  readonly #answers: Answer[] = []
  #generation: Generation | undefined
  #model: LentModel | undefined
  #stopped: Failed | undefined
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
    const { document, input, checkpoint, seed, trace } = this.#job
    try {
      const walk = interpret(document, input, { from: checkpoint, seed, trace })
      let next = walk.next()
      while (next.done !== true) {
        const answer = await this.#answer(next.value)
        if (this.#stopped !== undefined) return this.#stopped
        this.#answers.push(answer)
        next = walk.next(answer)
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
    this.#generation?.stop(new EngineError('ABORTED', why.message))
  }

  /** Stops what takes too long. */
  look(now: number): void {
    const { maxTimeMs = Infinity } = this.#job.document.limits ?? {}
    if (now - this.#startedAt >= maxTimeMs) {
      const message = `the workflow took longer than its limit of ${maxTimeMs} ms`
      this.stop({ ok: false, code: 'TIME_LIMIT', message, retryable: false, fault: 'task' })
      return
    }
    this.#generation?.look(now, this.#around.patience)
  }

  /** What came since the last call; undefined for nothing. */
  news(): News | undefined {
    const told = this.#told
    const generation = this.#generation
    const tokens = this.#tokensBefore + (generation?.tokens ?? 0)
    if (this.#answers.length === told.answers && tokens === told.tokens) return undefined
    const text = generation?.text.slice(told.chars) ?? ''
    const answers = this.#answers.slice(told.answers)
    this.#told = {
      answers: this.#answers.length,
      tokens,
      chars: generation?.text.length ?? 0,
    }
    return { tokens, step: generation?.step, text, answers }
  }

  async #answer(need: Need): Promise<Answer> {
    try {
      if (need.kind === 'completion') return await this.#complete(need)
      const message = `this node answers no need of the kind "${need.kind}"`
      return this.#failure({ code: 'NOT_ALLOWED', message, retryable: true })
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      return this.#failure(error)
    }
  }

  async #complete(need: CompletionNeed): Promise<Answer> {
    const asked = this.#around.model(need.models)
    const model = asked instanceof Promise ? await asked : asked
    const request = toRequest(need, model.info)
    if (this.#stopped !== undefined) throw new EngineError('ABORTED', this.#stopped.message)
    this.#model = model
    const generation = new Generation(need, this.#around.now)
    this.#generation = generation
    this.#told.chars = 0
    try {
      const answered = await generation.run(model, request)
      this.#tokensBefore += answered.usage.output
      this.#addUp(answered)
      const { text, reason, usage, toolCalls } = answered
      return {
        kind: 'completion',
        text,
        model: model.info.name,
        finishReason: reason,
        usage,
        ms: this.#around.now() - generation.startedAt,
        ...(toolCalls === undefined ? {} : { toolCalls }),
      }
    } finally {
      this.#generation = undefined
    }
  }

  #addUp({ timing }: Answered): void {
    this.#timing.queueMs += timing.queueMs
    this.#timing.loadMs += timing.loadMs
    this.#timing.promptMs += timing.promptMs
    this.#timing.generateMs += timing.generateMs
  }

  #failure({ code, message, retryable }: Omit<Failure, 'kind'>): Failure {
    this.#lastFailure = { kind: 'failure', code, message, retryable }
    return this.#lastFailure
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
