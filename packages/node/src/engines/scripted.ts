import { type Clock, systemClock } from '@skein/protocol'
import {
  type EmbedRequest,
  type Engine,
  EngineError,
  type EngineHealth,
  type GenerateEvent,
  type GenerateRequest,
  type ModelInfo,
} from './engine.ts'
import { pause } from './pause.ts'
import type { Script } from './script.ts'
import { Turnstile } from './turnstile.ts'

/** A token of this engine is so many characters. */
const TOKEN_CHARS = 4
/** Pieces of an answer come no closer together than this: timers are no finer. */
const TICK_MS = 10
const VECTOR_SIZE = 8
const NO_TIMING = { queueMs: 0, loadMs: 0, promptMs: 0, generateMs: 0 }

export interface ScriptedOptions extends Script {
  /** Answers what `answers` does not; undefined leaves it to `echo`. */
  readonly answer?: (request: GenerateRequest) => string | undefined
  readonly clock?: Clock
}

/** Answers from a script, with scripted speed and faults: for tests and benchmarks. */
export function createScriptedEngine(options: ScriptedOptions = {}): Engine {
  return new ScriptedEngine(options)
}

class ScriptedEngine implements Engine {
  readonly kind = 'scripted'
  readonly id = 'scripted'
  readonly #options: ScriptedOptions
  readonly #clock: Clock
  readonly #models: readonly ModelInfo[]
  readonly #names: ReadonlySet<string>
  readonly #contextLength: number
  readonly #turnstile: Turnstile
  #asked = 0

  constructor(options: ScriptedOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    const { models = ['scripted'], slots = 1, contextLength = 1_000_000 } = options
    this.#names = new Set(models)
    this.#contextLength = contextLength
    this.#turnstile = new Turnstile(slots * models.length)
    this.#models = models.map((name) => ({
      name,
      contextLength,
      slots,
      remote: false,
      capabilities: ['chat', 'json-schema', 'seed', 'embedding'],
    }))
  }

  get #crashed(): boolean {
    return this.#asked > (this.#options.faults?.crashAfter ?? Infinity)
  }

  async probe(): Promise<EngineHealth> {
    return this.#crashed
      ? { reachable: false, problems: ['The scripted engine crashed, as its script says'] }
      : { reachable: true, server: 'scripted', problems: [] }
  }

  async models(): Promise<readonly ModelInfo[]> {
    if (this.#crashed) throw crash()
    return this.#models
  }

  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent> {
    signal.throwIfAborted()
    const start = this.#clock.now()
    if (!this.#turnstile.tryEnter()) await this.#turnstile.enter(signal)
    try {
      const prompt = promptOf(request)
      await this.#suffer(prompt, signal)
      const whole = this.#answer(request, prompt)
      const text = whole.slice(0, request.maxTokens * TOKEN_CHARS)
      const { ms = 0, tokensPerSecond } = this.#options
      if (ms > 0) await pause(this.#clock, ms, signal)
      if (tokensPerSecond !== undefined) yield* this.#pieces(text, tokensPerSecond, signal)
      else if (text !== '') yield { type: 'text', text }
      yield {
        type: 'finish',
        reason: text.length < whole.length ? 'length' : 'stop',
        usage: { input: inputOf(request), output: tokensOf(text) },
        timing:
          ms > 0 || tokensPerSecond !== undefined
            ? { ...NO_TIMING, generateMs: this.#clock.now() - start }
            : NO_TIMING,
      }
    } finally {
      this.#turnstile.leave()
    }
  }

  #answer(request: GenerateRequest, prompt: string): string {
    this.#insistOnSense(request)
    const { answers, answer, echo } = this.#options
    const scripted = answers?.[prompt] ?? answer?.(request)
    if (typeof scripted === 'string') return scripted
    if (scripted === undefined) return echo === true ? prompt : ''
    return scripted[(request.sampling?.seed ?? 0) % scripted.length] ?? ''
  }

  #insistOnSense(request: GenerateRequest): void {
    const { model } = request
    if (!this.#names.has(model)) {
      const names = [...this.#names].join(', ')
      throw new EngineError(
        'MODEL_MISSING',
        `The scripted engine has no model "${model}" (it has: ${names})`,
      )
    }
    if (inputOf(request) < this.#contextLength) return
    throw new EngineError(
      'CONTEXT_OVERFLOW',
      `The prompt has ${inputOf(request)} tokens and ${model} takes ${this.#contextLength}`,
    )
  }

  /** What the script says goes wrong with this request. */
  async #suffer(prompt: string, signal: AbortSignal): Promise<void> {
    this.#asked += 1
    const { faults } = this.#options
    if (faults === undefined) return
    if (this.#crashed) throw crash()
    if (this.#happens(faults.fail, prompt)) {
      throw new EngineError('BAD_RESPONSE', 'The scripted engine failed, as its script says')
    }
    if (this.#happens(faults.stall, prompt)) await pause(this.#clock, Infinity, signal)
  }

  #happens(
    when: { every?: number | undefined; matching?: string | undefined } | undefined,
    prompt: string,
  ): boolean {
    if (when === undefined) return false
    const { every, matching } = when
    if (every !== undefined && this.#asked % every === 0) return true
    return matching !== undefined && prompt.includes(matching)
  }

  async *#pieces(
    text: string,
    tokensPerSecond: number,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void, undefined> {
    const tokens = Math.max(1, Math.ceil((tokensPerSecond * TICK_MS) / 1000))
    const chars = tokens * TOKEN_CHARS
    for (let at = 0; at < text.length; at += chars) {
      await pause(this.#clock, (tokens / tokensPerSecond) * 1000, signal)
      yield { type: 'text', text: text.slice(at, at + chars) }
    }
  }

  async embed({ texts }: EmbedRequest): Promise<readonly (readonly number[])[]> {
    return texts.map(vectorOf)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }
}

function crash(): EngineError {
  return new EngineError('CRASHED', 'The scripted engine crashed, as its script says')
}

/** The last message: what a script answers to. */
function promptOf({ messages }: GenerateRequest): string {
  return messages.at(-1)?.content ?? ''
}

function inputOf({ messages }: GenerateRequest): number {
  let tokens = 0
  for (const { content } of messages) tokens += tokensOf(content)
  return tokens
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / TOKEN_CHARS)
}

/** Equal texts, equal vectors; different texts, different ones: no more is promised. */
function vectorOf(text: string): readonly number[] {
  const vector = Array.from({ length: VECTOR_SIZE }, () => 0)
  for (let at = 0; at < text.length; at += 1) {
    const place = at % VECTOR_SIZE
    vector[place] = ((vector[place] ?? 0) * 31 + text.charCodeAt(at)) % 1000
  }
  return vector
}
