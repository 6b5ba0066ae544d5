import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { LinkedQueue, type Linked } from '@skein/protocol'
import { ClientError, messageOf } from '../errors.ts'
import { isRecord } from '../guards.ts'
import { threadFile } from '../thread-file.ts'

const MAIN = threadFile('worker-main', import.meta.url)

/** What a thread is to do. */
interface ThreadWork {
  /** Name of the step. */
  readonly step: string
  /** Address of a file, with the name of its export after `#`. */
  readonly file: string
  readonly input: unknown
  /** When it is aborted the thread is ended, whatever it does. */
  readonly signal: AbortSignal
}

/** Work that waits for a thread, or has one. */
class Order implements Linked<Order> {
  before: Order | undefined
  behind: Order | undefined
  readonly work: ThreadWork
  readonly settle = Promise.withResolvers<unknown>()

  constructor(work: ThreadWork) {
    this.work = work
  }
}

/** Threads for functions that would hold up everything else: as many as the machine runs at once, made when needed. */
export class WorkerPool implements AsyncDisposable {
  readonly #size: number
  readonly #waiting = new LinkedQueue<Order>()
  readonly #idle: Worker[] = []
  readonly #all = new Set<Worker>()
  #orders = 0
  #isClosed = false

  constructor(size = Math.max(1, availableParallelism() - 1)) {
    this.#size = size
  }

  /** Threads that there are now. */
  get threads(): number {
    return this.#all.size
  }

  /** Calls the function in a thread. */
  async run(work: ThreadWork): Promise<unknown> {
    if (this.#isClosed) throw new ClientError('CLOSED', 'the client was closed')
    work.signal.throwIfAborted()
    const order = new Order(work)
    // Who does not want it any more while it waits costs no thread.
    const giveUp = () => {
      this.#waiting.remove(order)
      order.settle.reject(work.signal.reason)
    }
    work.signal.addEventListener('abort', giveUp)
    this.#waiting.push(order)
    this.#next()
    try {
      return await order.settle.promise
    } finally {
      work.signal.removeEventListener('abort', giveUp)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (let order = this.#waiting.shift(); order; order = this.#waiting.shift()) {
      order.settle.reject(new ClientError('CLOSED', 'the client was closed'))
    }
    await Promise.all(Array.from(this.#all, (worker) => worker.terminate()))
  }

  #next(): void {
    while (!this.#waiting.isEmpty) {
      const worker = this.#idle.pop() ?? this.#hire()
      if (!worker) return
      const order = this.#waiting.shift()
      if (!order || !this.#give(worker, order)) this.#idle.push(worker)
    }
  }

  /** Another thread, if there may be one. */
  #hire(): Worker | undefined {
    if (this.#all.size >= this.#size) return undefined
    const worker = new Worker(MAIN)
    this.#all.add(worker)
    // What goes wrong in what a function has left behind costs the thread, not the program.
    worker.on('error', () => {})
    worker.on('exit', () => {
      this.#all.delete(worker)
      const place = this.#idle.indexOf(worker)
      if (place >= 0) this.#idle.splice(place, 1)
      if (!this.#isClosed) this.#next()
    })
    worker.unref()
    return worker
  }

  /** Whether the thread is at it: what cannot be copied into a thread fails the call, not the thread. */
  #give(worker: Worker, { work, settle }: Order): boolean {
    const { step, file, input, signal } = work
    const number = ++this.#orders
    const [address = '', name = 'run'] = file.split('#')
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      worker.postMessage({ number, file: address, name, input })
    } catch (cause) {
      const message = `the input of step '${step}' cannot be copied into a thread: ${messageOf(cause)}`
      settle.reject(new ClientError('STEP_FAILED', message, { cause, retryable: false }))
      return false
    }
    const onAbort = () => {
      settle.reject(signal.reason)
      void worker.terminate()
    }
    const leave = () => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      signal.removeEventListener('abort', onAbort)
    }
    const onMessage = (message: unknown) => {
      // Functions may post what they like, and nobody listens.
      if (!isRecord(message) || message['answerTo'] !== number) return
      leave()
      worker.unref()
      this.#idle.push(worker)
      tell(step, message, settle)
      this.#next()
    }
    const onError = (error: unknown) => {
      leave()
      settle.reject(error)
    }
    const onExit = () => {
      leave()
      settle.reject(new ClientError('STEP_FAILED', 'its thread ended before it answered'))
    }
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    signal.addEventListener('abort', onAbort)
    // While it works the program must not end.
    worker.ref()
    return true
  }
}

function tell(
  step: string,
  answer: Readonly<Record<string, unknown>>,
  settle: PromiseWithResolvers<unknown>,
): void {
  if (answer['ok'] === true) settle.resolve(answer['output'])
  else {
    const why = String(answer['message'])
    settle.reject(new ClientError('STEP_FAILED', `step '${step}' threw: ${why}`))
  }
}
