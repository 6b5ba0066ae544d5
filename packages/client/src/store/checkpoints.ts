import { Worker } from 'node:worker_threads'

const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './checkpoint-thread.ts' : './checkpoint-thread.js',
  import.meta.url,
)

/** A log of that many bytes is taken to where it belongs. */
const LONG = 2 ** 24

/**
 * Keeps the log of a database short. What is in it is taken to where it belongs by a thread: to wait until the disk has all of
 * that would hold up the whole program, time and again. Only the little that was written meanwhile is left to `finish`, after which the
 * log begins anew. A file that little is written to has no thread.
 */
export class Checkpoints {
  readonly #file: string
  readonly #finish: () => void
  #thread: Worker | undefined
  #isBusy = false
  #bytes = 0

  constructor(file: string, finish: () => void) {
    this.#file = file
    this.#finish = finish
  }

  /** So many bytes more are in the log, about. */
  wrote(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < LONG || this.#isBusy) return
    this.#bytes = 0
    this.#isBusy = true
    try {
      this.#thread ??= this.#start()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      this.#thread.postMessage('long')
    } catch {
      // Where a process may have no threads, SQLite does it by itself, if later.
    }
  }

  async close(): Promise<void> {
    this.#isBusy = true
    await this.#thread?.terminate()
  }

  #start(): Worker {
    const thread = new Worker(THREAD, { workerData: this.#file })
    thread.on('message', () => {
      this.#isBusy = false
      this.#finish()
    })
    // Likewise, where it cannot go on.
    thread.on('error', () => {})
    thread.unref()
    return thread
  }
}
