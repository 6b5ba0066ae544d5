import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { ClientError } from '../errors.ts'
import { isRecord } from '../guards.ts'

const MAIN = new URL(
  import.meta.url.endsWith('.ts') ? './worker-main.ts' : './worker-main.js',
  import.meta.url,
)

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

interface Order extends ThreadWork {
  readonly settle: PromiseWithResolvers<unknown>
}

/** Threads for functions that would hold up everything else: as many as the machine runs at once, made when needed. */
export class WorkerPool implements AsyncDisposable {
  readonly #size: number
  readonly #waiting: Order[] = []
  readonly #idle: Worker[] = []
  readonly #all = new Set<Worker>()
  #isClosed = false

  constructor(size = Math.max(1, availableParallelism() - 1)) {
    this.#size = size
  }

  /** Threads that there are now. */
  get threads(): number {
    return this.#all.size
  }

  /** Calls the function in a thread. */
  run(work: ThreadWork): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new ClientError('CLOSED', 'the client was closed'))
    const settle = Promise.withResolvers<unknown>()
    this.#waiting.push({ ...work, settle })
    this.#next()
    return settle.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (const { settle } of this.#waiting.splice(0)) {
      settle.reject(new ClientError('CLOSED', 'the client was closed'))
    }
    await Promise.all(Array.from(this.#all, (worker) => worker.terminate()))
  }

  #next(): void {
    const worker = this.#idle.pop() ?? this.#hire()
    if (!worker) return
    const order = this.#waiting.shift()
    if (order) this.#give(worker, order)
    else this.#idle.push(worker)
  }

  /** Another thread, if there may be one and there is work. */
  #hire(): Worker | undefined {
    if (this.#waiting.length === 0 || this.#all.size >= this.#size) return undefined
    const worker = new Worker(MAIN)
    this.#all.add(worker)
    worker.on('exit', () => {
      this.#all.delete(worker)
      const place = this.#idle.indexOf(worker)
      if (place >= 0) this.#idle.splice(place, 1)
      if (!this.#isClosed) this.#next()
    })
    return worker
  }

  #give(worker: Worker, { step, file, input, signal, settle }: Order): void {
    // While it works the program must not end.
    worker.ref()
    const onAbort = () => {
      settle.reject(signal.reason)
      void worker.terminate()
    }
    const leave = () => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      signal.removeEventListener('abort', onAbort)
    }
    const onMessage = (answer: unknown) => {
      leave()
      worker.unref()
      this.#idle.push(worker)
      tell(step, answer, settle)
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
    if (signal.aborted) onAbort()
    else {
      signal.addEventListener('abort', onAbort)
      const [address = '', name = 'run'] = file.split('#')
      this.#post(worker, { file: address, name, input }, onError)
    }
  }

  /** What cannot be copied into the thread fails the call, not the thread. */
  #post(worker: Worker, message: object, onError: (error: unknown) => void): void {
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      worker.postMessage(message)
    } catch (thrown) {
      onError(thrown)
      worker.unref()
      this.#idle.push(worker)
    }
  }
}

function tell(step: string, answer: unknown, settle: PromiseWithResolvers<unknown>): void {
  if (isRecord(answer) && answer['ok'] === true) {
    settle.resolve(answer['output'])
    return
  }
  const why = isRecord(answer) ? String(answer['message']) : 'nothing that can be told'
  settle.reject(new ClientError('STEP_FAILED', `step '${step}' threw: ${why}`))
}
