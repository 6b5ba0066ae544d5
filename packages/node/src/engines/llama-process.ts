import { type ChildProcess, fork } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { EngineError, type GenerateEvent, type GenerateRequest } from './engine.ts'
import { EventQueue } from './event-queue.ts'
import type { FromChild, ToChild } from './llama-messages.ts'

const IS_SOURCE = import.meta.url.endsWith('.ts')
const SCRIPT = fileURLToPath(
  new URL(IS_SOURCE ? './llama-child.ts' : './llama-child.js', import.meta.url),
)
/** From source there need not be a build of the packages that the child uses. */
const NODE_OPTIONS = IS_SOURCE ? ['--conditions=@skein/source'] : []
/**
 * A pool of one: llama.cpp sorts the rows of a batch's scores when the first of them is read, and the library reads each
 * request's row in a thread of the pool. Two threads at it mixed the answers of requests that ran together.
 */
const POOL = { UV_THREADPOOL_SIZE: '1' }
/** Of what the child wrote to stderr, kept for the message when it crashes. */
const LAST_WORDS_CHARS = 2000
/** From the polite request to the kill. */
const GRACE_MS = 2000

/** One run of the child process: from its start to its end, however that comes. */
export class LlamaProcess {
  readonly #child: ChildProcess
  readonly #requests = new Map<number, EventQueue<GenerateEvent>>()
  readonly #opened = Promise.withResolvers<number>()
  readonly #exited = Promise.withResolvers<void>()
  #lastId = 0
  #lastWords = ''
  #crash: EngineError | undefined

  constructor(model: Extract<ToChild, { type: 'open' }>) {
    // None of the parent's flags: a debugger's port or a test runner's loader is not for the child.
    this.#child = fork(SCRIPT, {
      execArgv: NODE_OPTIONS,
      env: { ...process.env, ...POOL },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_CHARS)
    })
    this.#child.on('message', (message: FromChild) => {
      this.#take(message)
    })
    this.#child.once('error', (error) => {
      this.#end(`did not start (${error.message})`)
    })
    this.#child.once('exit', (code, signal) => {
      this.#end(signal === null ? `ended with code ${code}` : `was ended by ${signal}`)
    })
    this.#opened.promise.catch(() => {})
    this.#tell(model)
  }

  /** Tokens of context, once the model is in memory. @throws {EngineError} */
  get opened(): Promise<number> {
    return this.#opened.promise
  }

  /** Resolves when it is gone, however it went. */
  get exited(): Promise<void> {
    return this.#exited.promise
  }

  /** Why it is gone; undefined while it lives. */
  get crash(): EngineError | undefined {
    return this.#crash
  }

  /** Runs a request; leaving the loop early stops it. The caller keeps to the number of slots. */
  generate(request: GenerateRequest): EventQueue<GenerateEvent> {
    this.#lastId += 1
    const id = this.#lastId
    const events = new EventQueue<GenerateEvent>(() => {
      this.#requests.delete(id)
      this.#tell({ type: 'abort', id })
    })
    if (this.#crash !== undefined) {
      events.end(this.#crash)
      return events
    }
    this.#requests.set(id, events)
    this.#tell({ type: 'generate', id, request })
    return events
  }

  /** Ends the child; what still runs fails. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS)
    await this.#exited.promise
    clearTimeout(kill)
  }

  #tell(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message)
  }

  #take(message: FromChild): void {
    switch (message.type) {
      case 'opened':
        this.#opened.resolve(message.contextLength)
        break
      case 'refused':
        this.#opened.reject(new EngineError(message.code, message.message))
        break
      case 'text':
      case 'thinking':
        this.#requests.get(message.id)?.push({ type: message.type, text: message.text })
        break
      case 'finish':
        this.#finish(message)
        break
      case 'failed':
        this.#settle(message.id)?.end(new EngineError(message.code, message.message))
        break
    }
  }

  #finish({
    id,
    reason,
    usage,
    promptMs,
    generateMs,
  }: Extract<FromChild, { type: 'finish' }>): void {
    const events = this.#settle(id)
    events?.push({
      type: 'finish',
      reason,
      usage,
      timing: { queueMs: 0, loadMs: 0, promptMs, generateMs },
    })
    events?.end()
  }

  #settle(id: number): EventQueue<GenerateEvent> | undefined {
    const events = this.#requests.get(id)
    this.#requests.delete(id)
    return events
  }

  #end(how: string): void {
    if (this.#crash !== undefined) return
    const words = this.#lastWords.trim().split('\n').at(-1) ?? ''
    this.#crash = new EngineError(
      'CRASHED',
      `The embedded engine ${how}${words === '' ? '' : `: ${words}`}; it starts again with the next task`,
    )
    this.#opened.reject(this.#crash)
    for (const events of this.#requests.values()) events.end(this.#crash)
    this.#requests.clear()
    this.#exited.resolve()
  }
}
