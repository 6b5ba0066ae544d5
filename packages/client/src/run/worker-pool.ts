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
export class ThreadRun implements Linked<ThreadRun> {
  before: ThreadRun | undefined
  behind: ThreadRun | undefined
  readonly work: ThreadWork
  readonly #begun = Promise.withResolvers<void>()
  readonly #answer = Promise.withResolvers<unknown>()

  constructor(work: ThreadWork) {
    this.work = work
  }

  /** Resolves when a thread takes it, or none will. */
  get begun(): Promise<void> {
    return this.#begun.promise
  }

  get answer(): Promise<unknown> {
    return this.#answer.promise
  }

  begin(): void {
    this.#begun.resolve()
  }

  resolve(output: unknown): void {
    this.#answer.resolve(output)
  }

  reject(error: unknown): void {
    this.#begun.resolve()
    this.#answer.reject(error)
  }
}

/** Threads for functions that would hold up everything else: as many as the machine runs at once, made when needed. */
export class WorkerPool implements AsyncDisposable {
  readonly #size: number
  readonly #waiting = new LinkedQueue<ThreadRun>()
  readonly #idle: Worker[] = []
  readonly #all = new Set<Worker>()
  #runs = 0
  #isClosed = false

  constructor(size = Math.max(1, availableParallelism() - 1)) {
    this.#size = size
  }

  /** Threads that there are now. */
  get threads(): number {
    return this.#all.size
  }

  /** Calls the function in a thread. */
  run(work: ThreadWork): ThreadRun {
    const { signal } = work
    const run = new ThreadRun(work)
    if (this.#isClosed) run.reject(closed())
    else if (signal.aborted) run.reject(signal.reason)
    else this.#enter(run)
    return run
  }

  #enter(run: ThreadRun): void {
    const { signal } = run.work
    // Who does not want it any more while it waits costs no thread.
    const giveUp = () => {
      this.#waiting.remove(run)
      run.reject(signal.reason)
    }
    signal.addEventListener('abort', giveUp)
    void run.begun.finally(() => {
      signal.removeEventListener('abort', giveUp)
    })
    this.#waiting.push(run)
    this.#next()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (let run = this.#waiting.shift(); run; run = this.#waiting.shift()) {
      run.reject(closed())
    }
    await Promise.all(Array.from(this.#all, (worker) => worker.terminate()))
  }

  #next(): void {
    while (!this.#waiting.isEmpty) {
      const worker = this.#idle.pop() ?? this.#hire()
      if (!worker) return
      const run = this.#waiting.shift()
      if (!run || !this.#give(worker, run)) this.#idle.push(worker)
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
  #give(worker: Worker, run: ThreadRun): boolean {
    const { step, file, input, signal } = run.work
    const number = ++this.#runs
    const [address = '', name = 'run'] = file.split('#')
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      worker.postMessage({ number, file: address, name, input })
    } catch (cause) {
      const message = `the input of step '${step}' cannot be copied into a thread: ${messageOf(cause)}`
      run.reject(new ClientError('STEP_FAILED', message, { cause, retryable: false }))
      return false
    }
    run.begin()
    const onAbort = () => {
      run.reject(signal.reason)
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
      tell(run, message)
      this.#next()
    }
    const onError = (error: unknown) => {
      leave()
      run.reject(error)
    }
    const onExit = () => {
      leave()
      run.reject(new ClientError('STEP_FAILED', 'its thread ended before it answered'))
    }
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    signal.addEventListener('abort', onAbort)
    // While it works the program must not end.
    worker.ref()
    return true
  }
}

function tell(run: ThreadRun, answer: Readonly<Record<string, unknown>>): void {
  if (answer['ok'] === true) run.resolve(answer['output'])
  else {
    const why = String(answer['message'])
    run.reject(new ClientError('STEP_FAILED', `step '${run.work.step}' threw: ${why}`))
  }
}

function closed(): ClientError {
  return new ClientError('CLOSED', 'the client was closed')
}
