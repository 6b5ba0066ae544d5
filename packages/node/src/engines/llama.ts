import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { pipeline } from 'node:stream/promises'
import { type Clock, systemClock } from '@skein/protocol'
import {
  type Engine,
  EngineError,
  type EngineHealth,
  type GenerateEvent,
  type GenerateRequest,
  type ModelInfo,
} from './engine.ts'
import type { EventQueue } from './event-queue.ts'
import { reasonOf } from './exchange.ts'
import { findLibrary } from './llama-library.ts'
import { LlamaProcess } from './llama-process.ts'
import { pause } from './pause.ts'
import { Turnstile } from './turnstile.ts'

/** A child that crashes at once would otherwise be started thousands of times a minute. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 30_000
/** Room for a page and its answer; memory grows with it, slot by slot. */
const USUAL_CONTEXT = 4096

export interface LlamaOptions {
  /** The model file, GGUF. */
  readonly path: string
  /** What the model is called on the network. */
  readonly name: string
  /** Requests that run at once; on a CPU they share one speed. @default 2 */
  readonly slots?: number
  /** Tokens of context of each slot; never more than the model was trained on. @default 4096 */
  readonly contextLength?: number
  /** Absent: all cores but one. More than are idle makes it many times slower. */
  readonly threads?: number
  readonly demonstration?: boolean
  readonly clock?: Clock
}

/**
 * A model file run by llama.cpp in a child process of this one. Needs the package
 * `node-llama-cpp`, an optional peer.
 */
export function createLlamaEngine(options: LlamaOptions): Engine {
  return new LlamaEngine(options)
}

class LlamaEngine implements Engine {
  readonly kind = 'llama'
  readonly id: string
  readonly #options: LlamaOptions
  readonly #slots: number
  readonly #clock: Clock
  readonly #turnstile: Turnstile
  /** The child that has the model in memory. */
  #process: LlamaProcess | undefined
  /** The latest child, ready or not. */
  #child: LlamaProcess | undefined
  #starting: Promise<LlamaProcess> | undefined
  #digest: Promise<string> | undefined
  #failures = 0
  #notBefore = 0
  #disposed = false

  constructor(options: LlamaOptions) {
    this.id = `llama@${options.name}`
    this.#options = options
    this.#slots = options.slots ?? 2
    this.#clock = options.clock ?? systemClock
    this.#turnstile = new Turnstile(this.#slots)
  }

  async probe(signal: AbortSignal): Promise<EngineHealth> {
    try {
      signal.throwIfAborted()
      findLibrary()
      await this.#insistOnFile()
      return { reachable: true, server: 'llama.cpp, embedded', problems: [] }
    } catch (error) {
      return {
        reachable: false,
        problems: [error instanceof Error ? error.message : String(error)],
      }
    }
  }

  async models(signal: AbortSignal): Promise<readonly ModelInfo[]> {
    await this.#insistOnFile()
    const process = await this.#running(signal)
    const { name, path, demonstration } = this.#options
    this.#digest ??= digestOf(path)
    return [
      {
        name,
        digest: await this.#digest,
        contextLength: await process.opened,
        slots: this.#slots,
        remote: false,
        capabilities: ['chat', 'json-schema', 'seed'],
        ...(demonstration === undefined ? {} : { demonstration }),
      },
    ]
  }

  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent> {
    if (request.model !== this.#options.name) {
      throw new EngineError(
        'MODEL_MISSING',
        `The embedded engine has no model "${request.model}" (it has: ${this.#options.name})`,
      )
    }
    const asked = this.#clock.now()
    await this.#turnstile.enter(signal)
    try {
      const queueMs = this.#clock.now() - asked
      const process = await this.#running(signal)
      const loadMs = this.#clock.now() - asked - queueMs
      for await (const event of abortable(process.generate(request), signal)) {
        yield event.type === 'finish'
          ? { ...event, timing: { ...event.timing, queueMs, loadMs } }
          : event
      }
      this.#failures = 0
    } finally {
      this.#turnstile.leave()
    }
  }

  /** The child with the model in memory; started where there is none. */
  async #running(signal: AbortSignal): Promise<LlamaProcess> {
    signal.throwIfAborted()
    if (this.#process !== undefined && this.#process.crash === undefined) return this.#process
    // Shared by all who wait, and not stopped when one of them gives up.
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    return raced(this.#starting, signal)
  }

  async #start(): Promise<LlamaProcess> {
    const wait = this.#notBefore - this.#clock.now()
    if (wait > 0) await pause(this.#clock, wait, new AbortController().signal)
    if (this.#disposed) throw new EngineError('UNAVAILABLE', 'The embedded engine is closed')
    const { path, contextLength = USUAL_CONTEXT, threads } = this.#options
    const child = new LlamaProcess({
      type: 'open',
      path,
      slots: this.#slots,
      contextLength,
      threads: threads ?? Math.max(1, availableParallelism() - 1),
    })
    this.#child = child
    void this.#noteEnd(child)
    try {
      await child.opened
      this.#process = child
      return child
    } catch (error) {
      await child.close()
      throw error
    }
  }

  async #noteEnd(child: LlamaProcess): Promise<void> {
    await child.exited
    if (!this.#disposed) this.#postpone()
  }

  #postpone(): void {
    const wait = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS)
    this.#failures += 1
    this.#notBefore = this.#clock.now() + wait
  }

  async #insistOnFile(): Promise<void> {
    try {
      await access(this.#options.path, constants.R_OK)
    } catch (error) {
      throw new EngineError('UNAVAILABLE', `Cannot read the model file ${this.#options.path}`, {
        cause: error,
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    await this.#child?.close()
  }
}

/** The events, until the signal aborts: then the generation stops and the loop ends with the reason. */
async function* abortable(
  events: EventQueue<GenerateEvent>,
  signal: AbortSignal,
): AsyncGenerator<GenerateEvent, void, undefined> {
  const stop = () => {
    events.stop(reasonOf(signal))
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    yield* events
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => {
    reject(reasonOf(signal))
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
