import type {
  CompletionNeed,
  EmbedNeed,
  Failure,
  SearchNeed,
  SingleAnswer,
  SingleNeed,
  ToolNeed,
} from '@skein/workflows'
import type { LentModel } from './catalogue.ts'
import { type Answered, Generation, overdue, type Patience, toCompletion } from './completion.ts'
import { EngineError } from './engines/engine.ts'
import { toRequest } from './model-request.ts'
import type { Places, Slots } from './places.ts'
import { ToolError } from './tools/tool-error.ts'
import type { Toolbox } from './tools/toolbox.ts'
import { unlessAborted } from './unless-aborted.ts'

/** What the executor needs of the node around it. */
export interface Surroundings extends Slots {
  readonly now: () => number
  readonly patience: Patience
  readonly toolbox: Toolbox
  /** A model that turns texts into vectors. */
  embedder(need: EmbedNeed): LentModel | undefined
}

/** What errands of one task share. */
export interface Desk {
  readonly around: Surroundings
  readonly places: Places
  /** A model answered. */
  readonly note: (model: LentModel, answered: Answered) => void
}

/** Something at work for a task, as the executor looks after it. */
export interface AtWork {
  readonly step: string
  readonly text: string
  readonly tokens: number
  stop(error: EngineError): void
  look(now: number, patience: Patience): void
}

/** One need at work that is no plain completion, or not alone. Embeddings, tools and searches take no slot. */
export class Errand implements AtWork {
  readonly step: string
  /** Rejects only for what is a defect of the node. */
  readonly answer: Promise<SingleAnswer>
  readonly #desk: Desk
  readonly #controller = new AbortController()
  readonly #startedAt: number
  readonly #timeoutMs: number
  readonly #isTimed: boolean
  #generation: Generation | undefined

  constructor(need: SingleNeed, desk: Desk) {
    this.step = need.step
    this.#desk = desk
    this.#startedAt = desk.around.now()
    this.#timeoutMs = (need.kind === 'search' && need.timeoutMs) || Infinity
    // A completion waits for its slot as long as it takes, and is looked after once it has one.
    this.#isTimed = need.kind !== 'completion'
    this.answer = this.#run(need)
  }

  get text(): string {
    return this.#generation?.text ?? ''
  }

  get tokens(): number {
    return this.#generation?.tokens ?? 0
  }

  stop(error: EngineError): void {
    this.#controller.abort(error)
    this.#generation?.stop(error)
  }

  look(now: number, patience: Patience): void {
    this.#generation?.look(now, patience)
    if (!this.#isTimed) return
    const ms = now - this.#startedAt
    const { firstTokenMs } = patience
    if (ms >= this.#timeoutMs) this.stop(overdue(this.#timeoutMs))
    else if (ms >= firstTokenMs) this.stop(givenUp(firstTokenMs, this.#timeoutMs))
  }

  async #run(need: SingleNeed): Promise<SingleAnswer> {
    try {
      if (need.kind === 'completion') return await this.#complete(need)
      const { signal } = this.#controller
      return await unlessAborted(this.#fetch(need, signal), signal)
    } catch (error) {
      return failureOf(error)
    }
  }

  async #complete(need: CompletionNeed): Promise<SingleAnswer> {
    const { around, places, note } = this.#desk
    const { signal } = this.#controller
    const place = await places.take(need.models, signal)
    try {
      signal.throwIfAborted()
      const { model } = place
      const request = toRequest(need, model.info, providedTo(need, around))
      const generation = new Generation(need, around.now)
      this.#generation = generation
      const answered = await generation.run(model, request)
      note(model, answered)
      return toCompletion(answered, model.info.name, around.now() - generation.startedAt)
    } finally {
      this.#generation = undefined
      place.leave()
    }
  }

  async #fetch(
    need: EmbedNeed | SearchNeed | ToolNeed,
    signal: AbortSignal,
  ): Promise<SingleAnswer> {
    const { around } = this.#desk
    const { toolbox } = around
    if (need.kind === 'embed') return embed(need, around.embedder(need), signal)
    const value = await (need.kind === 'tool'
      ? toolbox.run(need, signal)
      : toolbox.search(need, signal))
    return { kind: 'result', value }
  }
}

/** What the owner of a node says holds, however long a step would wait. */
function givenUp(patienceMs: number, timeoutMs: number): EngineError {
  const limit = `nothing came for ${patienceMs} ms, the most that this node waits`
  const wish = timeoutMs === Infinity ? '' : ` (the step would wait ${timeoutMs} ms)`
  const mend = 'its owner may raise the firstTokenMs of its patience'
  return new EngineError('STALLED', `${limit}${wish}: ${mend}`)
}

/** The node's own tools that a need names. */
export function providedTo(
  { nodeTools }: CompletionNeed,
  { toolbox }: Surroundings,
): ReturnType<Toolbox['specsOf']> | undefined {
  return nodeTools === undefined ? undefined : toolbox.specsOf(nodeTools)
}

/**
 * What the interpreter is told of an error that is to be expected; any other is thrown on.
 *
 * @throws what is neither an `EngineError` nor a `ToolError`
 */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof EngineError) && !(error instanceof ToolError)) throw error
  const { code, message, retryable } = error
  return { kind: 'failure', code, message, retryable }
}

async function embed(
  { texts, models }: EmbedNeed,
  model: LentModel | undefined,
  signal: AbortSignal,
): Promise<SingleAnswer> {
  const { info, engine } = model ?? {}
  if (info === undefined || engine?.embed === undefined) {
    const wanted = models === undefined ? '' : ` (wanted: ${models.join(', ')})`
    const message = `this node has no model that turns texts into vectors${wanted}: its owner could add an embedding model`
    return { kind: 'failure', code: 'CAPABILITY_MISSING', message, retryable: true }
  }
  const vectors = await engine.embed({ model: info.name, texts }, signal)
  return { kind: 'embedding', vectors, model: info.name }
}
