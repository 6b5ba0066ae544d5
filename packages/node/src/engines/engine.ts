import type {
  FinishReason,
  JsonSchema,
  Message,
  Sampling,
  ToolCall,
  ToolSpec,
  Usage,
} from '@skein/workflows'

/** What a model can do. */
export type Capability =
  | 'chat'
  | 'json-schema'
  | 'tools'
  | 'vision'
  | 'embedding'
  | 'thinking'
  | 'seed'

/** A model that an engine can run. */
export interface ModelInfo {
  readonly name: string
  /** SHA-256 of the weights, where the server tells. */
  readonly digest?: string
  /** Tokens that prompt and answer may have together. */
  readonly contextLength: number
  /** Requests that really run at once. */
  readonly slots: number
  /** Not run on this machine (a cloud model behind a local server): never offered by itself. */
  readonly remote: boolean
  readonly capabilities: readonly Capability[]
  /** The toy that comes with Skein. */
  readonly demonstration?: boolean
}

/** Whether a model server is there, what it is, and what is wrong with it, each with the mend. */
export interface EngineHealth {
  readonly reachable: boolean
  /** "Ollama 0.32.15", "llama-server", … */
  readonly server?: string
  readonly problems: readonly string[]
}

export interface GenerateRequest {
  readonly model: string
  readonly messages: readonly Message[]
  /** Most tokens to write. Always given: model servers' own defaults truncate or never end. */
  readonly maxTokens: number
  readonly sampling?: Sampling
  readonly schema?: JsonSchema
  readonly tools?: readonly ToolSpec[]
}

/** Where the time went, in milliseconds; 0 where the server does not tell. */
export interface GenerateTiming {
  readonly queueMs: number
  readonly loadMs: number
  readonly promptMs: number
  readonly generateMs: number
}

/** An answer as it comes: text in pieces, then exactly one `finish`. An end without it is a failure. */
export type GenerateEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  | {
      readonly type: 'finish'
      readonly reason: FinishReason
      readonly usage: Usage
      readonly timing: GenerateTiming
      readonly toolCalls?: readonly ToolCall[]
    }

export interface EmbedRequest {
  readonly model: string
  readonly texts: readonly string[]
}

/** The node's port to a model server. One contract suite passes on every implementation. */
export interface Engine extends AsyncDisposable {
  /** Which one, for people and logs: "ollama@127.0.0.1:11434". */
  readonly id: string
  readonly kind: 'ollama' | 'openai' | 'llama' | 'scripted'
  /** Never rejects: an absent server is an answer. */
  probe(signal: AbortSignal): Promise<EngineHealth>
  /** @throws {EngineError} `UNAVAILABLE` */
  models(signal: AbortSignal): Promise<readonly ModelInfo[]>
  /**
   * Runs one request. Aborting `signal` stops the model server's work and rejects with the
   * signal's reason, also while the request still waits for its turn.
   *
   * @throws {EngineError}
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>
  /** One vector per text. Absent where the engine cannot. */
  embed?(request: EmbedRequest, signal: AbortSignal): Promise<readonly (readonly number[])[]>
}

/** What can go wrong at a model server. */
export type EngineErrorCode =
  | 'UNAVAILABLE'
  | 'BUSY'
  | 'MODEL_MISSING'
  | 'CONTEXT_OVERFLOW'
  | 'SCHEMA_UNSUPPORTED'
  | 'CAPABILITY_MISSING'
  | 'CRASHED'
  | 'BAD_RESPONSE'
  | 'STALLED'
  | 'ABORTED'

const RETRYABLE: ReadonlySet<EngineErrorCode> = new Set([
  'UNAVAILABLE',
  'BUSY',
  'MODEL_MISSING',
  'CRASHED',
  'BAD_RESPONSE',
  'STALLED',
])

/** Every error of an engine. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** Whether the same request might succeed later or at another node. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }
}
