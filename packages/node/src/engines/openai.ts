import {
  type Capability,
  type EmbedRequest,
  type Engine,
  EngineError,
  type EngineHealth,
  type GenerateEvent,
  type GenerateRequest,
  type ModelInfo,
} from './engine.ts'
import { type Exchange, exchange } from './exchange.ts'
import { readAnswer } from './openai-stream.ts'
import { complaintIn, Embeddings, ModelList, Properties, toBody, toError } from './openai-wire.ts'

/** Servers that batch as they go; they do not tell how much, and fewer would leave them idle. */
const BATCHING = new Set(['vllm', 'sglang'])
const BATCHING_SLOTS = 8
/** The least that a server of our days runs a model with. */
const USUAL_CONTEXT = 4096
const CAPABILITIES: readonly Capability[] = ['chat', 'json-schema', 'seed', 'tools', 'embedding']

export interface OpenAiOptions {
  /** With the version: `http://127.0.0.1:8080/v1`. */
  readonly baseUrl: string
  readonly apiKey?: string
  /** Requests that the server runs at once. Absent: what it tells, or 1. */
  readonly slots?: number
  /** Tokens of context. Absent: what the server tells, or 4,096. */
  readonly contextLength?: number
  /** Only these of the server's models. Absent: all. */
  readonly models?: readonly string[]
}

/** Models of any server that speaks OpenAI's protocol: llama-server, vLLM, SGLang, LM Studio, … */
export function createOpenAiEngine(options: OpenAiOptions): Engine {
  return new OpenAiEngine(options)
}

class OpenAiEngine implements Engine {
  readonly kind = 'openai'
  readonly id: string
  readonly #base: string
  /** The address for people: without a password that may stand in it. */
  readonly #where: string
  readonly #options: OpenAiOptions
  /** Names from the last look: llama-server answers to any name, and so would we. */
  #known: ReadonlySet<string> = new Set()

  constructor(options: OpenAiOptions) {
    const url = new URL(options.baseUrl)
    this.#base = url.href.replace(/\/$/, '')
    this.#where = `${url.origin}${url.pathname}`.replace(/\/$/, '')
    this.#options = options
    this.id = `openai@${url.host}`
  }

  async probe(signal: AbortSignal): Promise<EngineHealth> {
    try {
      const models = await this.models(signal)
      const problems = models.length > 0 ? [] : [`The server at ${this.#where} has no model loaded`]
      const llama = (await this.#properties(signal)) !== undefined
      return { reachable: true, server: llama ? 'llama-server' : 'OpenAI-compatible', problems }
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      return { reachable: false, problems: [problem] }
    }
  }

  async models(signal: AbortSignal): Promise<readonly ModelInfo[]> {
    const [list, properties] = await Promise.all([
      this.#get('models', signal),
      this.#properties(signal),
    ])
    const listed = this.#read(ModelList, list)
    const wanted = this.#options.models
    const models = listed.data.filter(({ id }) => wanted === undefined || wanted.includes(id))
    this.#known = new Set(models.map(({ id }) => id))
    return models.map((model) => {
      const told = model.max_model_len ?? properties?.default_generation_settings.n_ctx
      const usual = BATCHING.has(model.owned_by ?? '') ? BATCHING_SLOTS : 1
      return {
        name: model.id,
        contextLength: this.#options.contextLength ?? told ?? USUAL_CONTEXT,
        slots: this.#options.slots ?? properties?.total_slots ?? usual,
        remote: false,
        capabilities: CAPABILITIES,
      }
    })
  }

  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent> {
    await this.#insistOn(request.model, signal)
    const reply = await this.#post('chat/completions', toBody(request), signal)
    yield* readAnswer(reply.lines(), this.#where)
    signal.throwIfAborted()
  }

  async embed(
    { model, texts }: EmbedRequest,
    signal: AbortSignal,
  ): Promise<readonly (readonly number[])[]> {
    await this.#insistOn(model, signal)
    const reply = await this.#post('embeddings', JSON.stringify({ model, input: texts }), signal)
    const { data } = this.#read(Embeddings, parse(await reply.text()))
    return data.toSorted((one, other) => one.index - other.index).map(({ embedding }) => embedding)
  }

  async #insistOn(model: string, signal: AbortSignal): Promise<void> {
    if (this.#known.has(model)) return
    await this.models(signal)
    if (this.#known.has(model)) return
    const names = [...this.#known].join(', ') || 'none'
    throw new EngineError(
      'MODEL_MISSING',
      `The server at ${this.#where} has no model "${model}" (it has: ${names})`,
    )
  }

  /** llama-server tells its slots and its context beside the protocol; others have no such page. */
  async #properties(signal: AbortSignal): Promise<ReturnType<typeof Properties.parse> | undefined> {
    try {
      const reply = await this.#request('../props', signal)
      return Properties.safeParse(parse(await reply.text())).data
    } catch {
      signal.throwIfAborted()
      return undefined
    }
  }

  async #get(path: string, signal: AbortSignal): Promise<unknown> {
    const reply = await this.#request(path, signal)
    const body = parse(await reply.text())
    if (reply.status === 404) return undefined
    if (reply.status >= 400) throw toError(reply.status, complaintIn(body), this.#where)
    return body
  }

  async #post(path: string, body: string, signal: AbortSignal): Promise<Exchange> {
    const reply = await this.#request(path, signal, body)
    if (reply.status < 400) return reply
    throw toError(reply.status, complaintIn(parse(await reply.text())), this.#where)
  }

  #request(path: string, signal: AbortSignal, body?: string): Promise<Exchange> {
    const { apiKey } = this.#options
    const url = new URL(path, `${this.#base}/`).href
    const headers = {
      'content-type': 'application/json',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    }
    return exchange(
      url,
      body === undefined ? { headers, signal } : { method: 'POST', headers, body, signal },
    )
  }

  #read<T>(schema: { parse(value: unknown): T }, value: unknown): T {
    try {
      return schema.parse(value)
    } catch (error) {
      throw new EngineError(
        'BAD_RESPONSE',
        `The server at ${this.#where} does not speak OpenAI's protocol: is the address right, /v1 included?`,
        { cause: error },
      )
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Each request closes its own connection.
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
