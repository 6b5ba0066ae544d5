import type { Completion, FinishReason, ToolCall, Usage } from '@skein/workflows'
import {
  EngineError,
  type GenerateEvent,
  type GenerateRequest,
  type GenerateTiming,
} from './engines/engine.ts'
import type { LentModel } from './catalogue.ts'

/** How long a model may be silent. A step may wait less, never more. */
export interface Patience {
  /**
   * Until its first token: loading a large model takes its time. Tools, embeddings and searches have as long in all.
   * Milliseconds.
   */
  readonly firstTokenMs: number
  /** Between two tokens. Milliseconds. */
  readonly betweenTokensMs: number
}

/** What one request came to. */
export interface Answered {
  readonly text: string
  readonly reason: FinishReason
  readonly usage: Usage
  readonly timing: GenerateTiming
  readonly toolCalls?: readonly ToolCall[]
}

/** What the interpreter is told of an answer. */
export function toCompletion(
  { text, reason, usage, toolCalls }: Answered,
  model: string,
  ms: number,
): Completion {
  const completion = { kind: 'completion', text, model, finishReason: reason, usage, ms } as const
  return toolCalls === undefined ? completion : { ...completion, toolCalls }
}

/** What stops a request that takes longer than its step says. */
export function overdue(ms: number): EngineError {
  return new EngineError('STALLED', `it took longer than the ${ms} ms that its step has`)
}

/** One request at work at an engine: its text so far, its silence, and the means to stop it. */
export class Generation {
  readonly step: string
  readonly startedAt: number
  readonly #endsAt: number
  readonly #now: () => number
  readonly #controller = new AbortController()
  #text = ''
  #pieces = 0
  #firstAt: number | undefined
  #heardAt: number

  constructor(
    { step, timeoutMs }: { readonly step: string; readonly timeoutMs?: number | undefined },
    now: () => number,
  ) {
    this.step = step
    this.#now = now
    this.startedAt = now()
    this.#heardAt = this.startedAt
    this.#endsAt = timeoutMs === undefined ? Infinity : this.startedAt + timeoutMs
  }

  get text(): string {
    return this.#text
  }

  /** Roughly the tokens so far: engines send about one at a time. */
  get tokens(): number {
    return this.#pieces
  }

  /** @throws {EngineError} */
  async run({ engine, info, speed }: LentModel, request: GenerateRequest): Promise<Answered> {
    let finish: Extract<GenerateEvent, { type: 'finish' }> | undefined
    for await (const event of engine.generate(request, this.#controller.signal)) {
      if (event.type === 'finish') finish = event
      else this.#hear(event)
    }
    if (finish === undefined) {
      throw new EngineError('BAD_RESPONSE', `${info.name} ended its answer without a finish`)
    }
    const timing = this.#timed(finish.timing)
    speed.note(finish.usage.output, timing.generateMs)
    const { reason, usage, toolCalls } = finish
    const answered = { text: this.#text, reason, usage, timing }
    return toolCalls === undefined ? answered : { ...answered, toolCalls }
  }

  stop(error: EngineError): void {
    this.#controller.abort(error)
  }

  /** Stops it where the model has been silent, or the step at work, for too long. */
  look(now: number, { firstTokenMs, betweenTokensMs }: Patience): void {
    if (now >= this.#endsAt) {
      this.stop(overdue(this.#endsAt - this.startedAt))
      return
    }
    const silentMs = now - this.#heardAt
    const most = this.#firstAt === undefined ? firstTokenMs : betweenTokensMs
    if (silentMs < most) return
    const what = this.#firstAt === undefined ? 'did not begin to answer' : 'wrote nothing more'
    this.stop(new EngineError('STALLED', `the model ${what} for ${Math.round(most / 1000)} s`))
  }

  #hear(event: Extract<GenerateEvent, { text: string }>): void {
    this.#heardAt = this.#now()
    this.#firstAt ??= this.#heardAt
    this.#pieces += 1
    if (event.type === 'text') this.#text += event.text
  }

  /** The engine's times, or our own where it tells none. */
  #timed(timing: GenerateTiming): GenerateTiming {
    if (timing.promptMs > 0 || timing.generateMs > 0) return timing
    const first = this.#firstAt ?? this.startedAt
    const promptMs = Math.max(0, first - this.startedAt - timing.queueMs - timing.loadMs)
    return { ...timing, promptMs, generateMs: this.#now() - first }
  }
}
