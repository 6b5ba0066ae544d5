import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { EngineError } from './engine.ts'

// The part of node-llama-cpp that we use. Its own types are not here to be imported: it is an
// optional peer, and a fresh clone keeps it in a folder of its own.

export interface Library {
  getLlama(options: {
    gpu: false
    build: 'never'
    logLevel: unknown
    maxThreads: number
  }): Promise<Llama>
  resolveChatWrapper(model: Model, options: { type: 'jinjaTemplate' | 'auto' }): ChatWrapper | null
  readonly LlamaChat: new (options: { contextSequence: Sequence; chatWrapper: ChatWrapper }) => Chat
  readonly LlamaLogLevel: { readonly error: unknown }
}

export interface Llama {
  loadModel(options: { modelPath: string }): Promise<Model>
  createGrammar(options: { grammar: string; trimWhitespaceSuffix: boolean }): Promise<Grammar>
}

export type Grammar = { readonly grammar: string }

export interface Model {
  readonly trainContextSize: number
  readonly tokenizer: unknown
  createContext(options: {
    contextSize: number
    sequences: number
    threads: number
  }): Promise<Context>
}

export interface Context {
  getSequence(): Sequence
}

export interface Sequence {
  readonly tokenMeter: {
    getState(): unknown
    diff(before: unknown): { usedInputTokens: number; usedOutputTokens: number }
  }
  clearHistory(): Promise<void>
}

export type HistoryItem =
  | { type: 'system'; text: string }
  | { type: 'user'; text: string }
  | { type: 'model'; response: string[] }

export interface ChatWrapper {
  generateContextState(options: { chatHistory: readonly HistoryItem[] }): {
    contextText: { tokenize(tokenizer: unknown): readonly number[] }
  }
}

export interface ChatOptions {
  maxTokens: number
  signal: AbortSignal
  onResponseChunk(chunk: { type: 'segment' | undefined; text: string }): void
  grammar?: Grammar
  temperature?: number
  topP?: number
  topK?: number
  minP?: number
  seed?: number
  repeatPenalty?: { penalty: number }
  customStopTriggers?: readonly string[]
}

export interface Chat {
  generateResponse(
    history: HistoryItem[],
    options: ChatOptions,
  ): Promise<{ metadata: { stopReason: string } }>
  dispose(options: { disposeSequence: boolean }): void
}

const NAME = 'node-llama-cpp'
/** Where a clone of this repository keeps it, as seen from `src/engines` and from `dist/engines`. */
const EMBEDDED = new URL('../../embedded/package.json', import.meta.url)

/**
 * Finds the library: where Node finds it, or in the folder of the embedded engine.
 *
 * @throws {EngineError} `UNAVAILABLE` naming the command that installs it
 */
export function findLibrary(): URL {
  for (const from of [import.meta.url, EMBEDDED]) {
    try {
      return pathToFileURL(createRequire(from).resolve(NAME))
    } catch {
      continue
    }
  }
  throw new EngineError(
    'UNAVAILABLE',
    `The embedded engine needs the package ${NAME}: run npm install ${NAME}`,
  )
}

/**
 * Loads the library. Only ever in a child process: a malformed model file aborts the process.
 *
 * @throws {EngineError} `UNAVAILABLE`
 */
export async function loadLibrary(): Promise<Library> {
  const found: unknown = await import(findLibrary().href)
  if (isLibrary(found)) return found
  throw new EngineError('UNAVAILABLE', `The package ${NAME} is too old: run npm install ${NAME}`)
}

function isLibrary(value: unknown): value is Library {
  return typeof value === 'object' && value !== null && 'getLlama' in value && 'LlamaChat' in value
}
