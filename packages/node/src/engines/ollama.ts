import { type ChatResponse, Ollama } from 'ollama/browser'
import {
  type EmbedRequest,
  type Engine,
  EngineError,
  type EngineHealth,
  type GenerateEvent,
  type GenerateRequest,
  type ModelInfo,
} from './engine.ts'
import {
  capabilitiesOf,
  Details,
  isRemote,
  mostContext,
  pinContext,
  Processes,
  type Tag,
  Tags,
  Vectors,
} from './ollama-models.ts'
import { fetchFor, toChat, toEvents, toFinish, type ToolCalls, toToolCalls } from './ollama-wire.ts'

// The library's browser build on purpose: its Node build takes a picture's text for a file name
// and sends that file, so that a stranger's task could read the owner's disk.

export interface OllamaOptions {
  /** @default 'http://127.0.0.1:11434' */
  readonly host?: string
  /** Requests that the server runs at once: its `OLLAMA_NUM_PARALLEL`. @default 1 */
  readonly slots?: number
  /** Tokens of context, by model; rounded up to a few sizes. Absent: as loaded, or 8,192. */
  readonly contextLength?: Readonly<Record<string, number>>
  /** How long a model stays in memory after its last use. @default '5m' */
  readonly keepAlive?: string | number
}

/** Models of an Ollama server. */
export function createOllamaEngine(options: OllamaOptions = {}): Engine {
  return new OllamaEngine(options)
}

class OllamaEngine implements Engine {
  readonly kind = 'ollama'
  readonly id: string
  readonly #host: string
  readonly #slots: number
  readonly #keepAlive: string | number
  readonly #configured: Readonly<Record<string, number>>
  /** The context each model is run with: chosen once, since another one reloads the model. */
  readonly #pinned = new Map<string, number>()

  constructor({ host, slots = 1, contextLength = {}, keepAlive = '5m' }: OllamaOptions) {
    this.#host = ollamaAddress(host)
    this.id = `ollama@${new URL(this.#host).host}`
    this.#slots = slots
    this.#keepAlive = keepAlive
    this.#configured = contextLength
  }

  async probe(signal: AbortSignal): Promise<EngineHealth> {
    try {
      const { version } = await this.#client(signal).version()
      return { reachable: true, server: `Ollama ${version}`, problems: [] }
    } catch (error) {
      return { reachable: false, problems: [messageOf(error)] }
    }
  }

  async models(signal: AbortSignal): Promise<readonly ModelInfo[]> {
    const client = this.#client(signal)
    const [listed, running] = await Promise.all([client.list(), client.ps()])
    const loaded = new Map(
      read(Processes, running).models.map((model) => [model.name, model.context_length]),
    )
    return Promise.all(
      read(Tags, listed).models.map((tag) => this.#describe(tag, loaded.get(tag.name), signal)),
    )
  }

  async #describe(tag: Tag, loaded: number | undefined, signal: AbortSignal): Promise<ModelInfo> {
    const remote = isRemote(tag)
    const told = tag.capabilities !== undefined && tag.details?.context_length !== undefined
    const details =
      told || remote
        ? undefined
        : read(Details, await this.#client(signal, tag.name).show({ model: tag.name }))
    const most = mostContext(tag, details)
    const configured = this.#configured[tag.name]
    const contextLength = this.#pinned.get(tag.name) ?? pinContext({ configured, loaded, most })
    this.#pinned.set(tag.name, contextLength)
    return {
      name: tag.name,
      ...(tag.digest === undefined ? {} : { digest: tag.digest }),
      contextLength,
      slots: this.#slots,
      remote,
      capabilities: remote ? ['chat'] : capabilitiesOf(tag.capabilities ?? details?.capabilities),
    }
  }

  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent> {
    const { model } = request
    const contextLength = this.#pinned.get(model) ?? (await this.#pin(model, signal))
    const end = new AbortController()
    const stop = () => {
      end.abort(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
    try {
      signal.throwIfAborted()
      const chat = toChat(request, { contextLength, keepAlive: this.#keepAlive })
      yield* answer(await this.#client(end.signal, model).chat(chat))
    } catch (error) {
      signal.throwIfAborted()
      throw failedOn(model, error)
    } finally {
      signal.removeEventListener('abort', stop)
      end.abort()
    }
  }

  async #pin(model: string, signal: AbortSignal): Promise<number> {
    await this.models(signal)
    const contextLength = this.#pinned.get(model) ?? this.#pinned.get(`${model}:latest`)
    if (contextLength !== undefined) return contextLength
    throw new EngineError(
      'MODEL_MISSING',
      `Ollama has no model "${model}": run ollama pull ${model}`,
    )
  }

  async embed(
    { model, texts }: EmbedRequest,
    signal: AbortSignal,
  ): Promise<readonly (readonly number[])[]> {
    const request = { model, input: [...texts], keep_alive: this.#keepAlive }
    try {
      return read(Vectors, await this.#client(signal, model).embed(request)).embeddings
    } catch (error) {
      signal.throwIfAborted()
      throw failedOn(model, error)
    }
  }

  /** One client a request: the library's own `abort()` does not reach a request without headers. */
  #client(signal: AbortSignal, model?: string): Ollama {
    return new Ollama({ host: this.#host, fetch: fetchFor(model, signal) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Each request closes its own connection.
  }
}

async function* answer(
  parts: AsyncIterable<ChatResponse>,
): AsyncGenerator<GenerateEvent, void, undefined> {
  const toolCalls: ToolCalls = []
  let written = 0
  for await (const part of untilMissingEnd(parts)) {
    for (const event of toEvents(part)) {
      written += 1
      yield event
    }
    toolCalls.push(...toToolCalls(part))
    if (part.done) {
      yield toFinish(part, toolCalls)
      return
    }
  }
  // The server ends an answer so when the model repeats one token over and over.
  const timing = { queueMs: 0, loadMs: 0, promptMs: 0, generateMs: 0 }
  yield { type: 'finish', reason: 'repetition', usage: { input: 0, output: written }, timing }
}

/** The library complains, untyped, about a body that ended well but without a last line. */
async function* untilMissingEnd(
  parts: AsyncIterable<ChatResponse>,
): AsyncGenerator<ChatResponse, void, undefined> {
  try {
    yield* parts
  } catch (error) {
    if (!isMissingEnd(error)) throw error
  }
}

function isMissingEnd(error: unknown): boolean {
  return (
    !(error instanceof EngineError) &&
    error instanceof Error &&
    error.message.startsWith('Did not receive done')
  )
}

function read<T>(schema: { parse(value: unknown): T }, value: unknown): T {
  try {
    return schema.parse(value)
  } catch (error) {
    throw new EngineError('BAD_RESPONSE', 'This is no Ollama server, or one of another age', {
      cause: error,
    })
  }
}

/** Where to reach the server that was told to listen at `host`, in any spelling of `OLLAMA_HOST`. */
export function ollamaAddress(host = '127.0.0.1:11434'): string {
  const spelt = host.startsWith(':') ? `127.0.0.1${host}` : host
  const url = new URL(spelt.includes('://') ? spelt : `http://${spelt}`)
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1'
  if (url.port === '' && !spelt.includes('://')) url.port = '11434'
  return url.href.replace(/\/$/, '')
}

function failedOn(model: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error
  return new EngineError('BAD_RESPONSE', `Ollama failed on ${model}: ${messageOf(error)}`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
