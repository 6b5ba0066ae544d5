import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { LinkedQueue, systemClock, type Clock, type Linked } from '@skein/protocol'
import { ClientError, messageOf } from '../errors.ts'
import { isRecord } from '../guards.ts'
import { threadFile } from '../thread-file.ts'

const MAIN = threadFile('worker-main', import.meta.url)

/** A thread that has not loaded a file by then never will. In milliseconds. */
const LOADING_MS = 60_000

export interface WorkerPoolOptions {
  /** Threads, at most. @default as many as the machine runs at once, beside the main one */
  readonly size?: number
  /** @default the clock of the system */
  readonly clock?: Clock
}

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

  /** Resolves when a thread is ready and begins it, or none will. */
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

interface Thread {
  readonly worker: Worker
  /** Files that it need not load any more. */
  readonly loaded: Set<string>
}

/** What a thread was told. */
interface ThreadOrder {
  readonly number: number
  /** Of the file. */
  readonly address: string
}

/** Threads for functions that would hold up everything else: as many as the machine runs at once, made when needed. */
export class WorkerPool implements AsyncDisposable {
  readonly #size: number
  readonly #waiting = new LinkedQueue<ThreadRun>()
  readonly #idle: Thread[] = []
  readonly #all = new Set<Thread>()
  readonly #clock: Clock
  #runs = 0
  #isClosed = false

  constructor({
    size = Math.max(1, availableParallelism() - 1),
    clock = systemClock,
  }: WorkerPoolOptions = {}) {
    this.#size = size
    this.#clock = clock
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
    await Promise.all(Array.from(this.#all, ({ worker }) => worker.terminate()))
  }

  #next(): void {
    while (!this.#waiting.isEmpty) {
      const thread = this.#idle.pop() ?? this.#hire()
      if (!thread) return
      const run = this.#waiting.shift()
      if (!run || !this.#give(thread, run)) this.#idle.push(thread)
    }
  }

  /** Another thread, if there may be one. */
  #hire(): Thread | undefined {
    if (this.#all.size >= this.#size) return undefined
    const worker = new Worker(MAIN)
    const thread = { worker, loaded: new Set<string>() }
    this.#all.add(thread)
    // What goes wrong in what a function has left behind costs the thread, not the program.
    worker.on('error', () => {})
    worker.on('exit', () => {
      this.#all.delete(thread)
      const place = this.#idle.indexOf(thread)
      if (place >= 0) this.#idle.splice(place, 1)
      if (!this.#isClosed) this.#next()
    })
    worker.unref()
    return thread
  }

  /** Whether the thread is at it: what cannot be copied into a thread fails the call, not the thread. */
  #give(thread: Thread, run: ThreadRun): boolean {
    const { step, file, input } = run.work
    const number = ++this.#runs
    const [address = '', name = 'run'] = file.split('#')
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      thread.worker.postMessage({ number, file: address, name, input })
    } catch (cause) {
      const message = `the input of step '${step}' cannot be copied into a thread: ${messageOf(cause)}`
      run.reject(new ClientError('STEP_FAILED', message, { cause, retryable: false }))
      return false
    }
    this.#follow(thread, run, { number, address })
    return true
  }

  /** Waits until the thread has loaded the file and answered. */
  #follow(thread: Thread, run: ThreadRun, { number, address }: ThreadOrder): void {
    const { worker, loaded } = thread
    const { step, signal } = run.work
    const end = (reason: unknown) => {
      leave()
      run.reject(reason)
      void worker.terminate()
    }
    const onAbort = () => {
      end(signal.reason)
    }
    const stopWaiting = loaded.has(address)
      ? undefined
      : this.#clock.schedule(LOADING_MS, () => {
          end(unready(step, address))
        })
    const begin = () => {
      stopWaiting?.()
      loaded.add(address)
      run.begin()
    }
    const leave = () => {
      stopWaiting?.()
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      signal.removeEventListener('abort', onAbort)
    }
    const onMessage = (message: unknown) => {
      // Functions may post what they like, and nobody listens.
      if (!isRecord(message)) return
      if (message['loadedFor'] === number) begin()
      if (message['answerTo'] !== number) return
      leave()
      worker.unref()
      this.#idle.push(thread)
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
    if (loaded.has(address)) run.begin()
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    signal.addEventListener('abort', onAbort)
    // While it works the program must not end.
    worker.ref()
  }
}

function tell(run: ThreadRun, answer: Readonly<Record<string, unknown>>): void {
  if (answer['ok'] === true) run.resolve(answer['output'])
  else {
    const why = String(answer['message'])
    run.reject(new ClientError('STEP_FAILED', `step '${run.work.step}' threw: ${why}`))
  }
}

function unready(step: string, file: string): ClientError {
  const message = `the thread of step '${step}' is not ready: ${file} did not load within ${LOADING_MS} ms`
  return new ClientError('TIMED_OUT', message)
}

function closed(): ClientError {
  return new ClientError('CLOSED', 'the client was closed')
}
