import { Worker } from 'node:worker_threads'
import { threadFile } from '../thread-file.ts'

const THREAD = threadFile('checkpoint-thread', import.meta.url)

/** A log of that many bytes is taken to where it belongs. */
const LONG = 2 ** 24

/** What becomes of the thread. */
export interface CheckpointEvents {
  /** It has taken in all but what was written meanwhile. */
  done(): void
  /** There is none, or none any more. */
  failed(): void
}

/**
 * Keeps the log of a database short. What is in it is taken to where it belongs by a thread: to wait until the disk has all of
 * that would hold up the whole program, time and again. Only the little that was written meanwhile is left to who writes, after which
 * the log begins anew. A file that little is written to has no thread.
 */
export class Checkpoints {
  readonly #file: string
  readonly #events: CheckpointEvents
  #thread: Worker | undefined
  #isBusy = false
  #bytes = 0

  /** The path is absolute: the working directory may change. */
  constructor(file: string, events: CheckpointEvents) {
    this.#file = file
    this.#events = events
  }

  /** So many bytes more are in the log, about. */
  wrote(bytes: number): void {
    this.#bytes += bytes
    // It takes a while until there is a thread.
    if (this.#isBusy || this.#bytes < (this.#thread ? LONG : LONG / 2)) return
    this.#bytes = 0
    this.#isBusy = true
    try {
      this.#thread ??= this.#start()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      this.#thread.postMessage('long')
    } catch {
      // Some processes may have no threads.
      this.#events.failed()
    }
  }

  async close(): Promise<void> {
    this.#isBusy = true
    await this.#thread?.terminate()
  }

  #start(): Worker {
    // What the program loads before its own files, or is told by options, is none of this thread's business.
    const thread = new Worker(THREAD, { workerData: this.#file, execArgv: [] })
    thread.on('message', () => {
      this.#isBusy = false
      this.#events.done()
    })
    // It stays busy for good: there is no second thread.
    thread.on('error', () => {
      this.#events.failed()
    })
    thread.unref()
    return thread
  }
}
