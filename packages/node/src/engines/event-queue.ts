/** Turns calls into an async iterable, in order: what comes early waits for its reader. */
export class EventQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #waiting: T[] = []
  #end: { readonly error?: Error } | undefined
  #reader: PromiseWithResolvers<IteratorResult<T, undefined>> | undefined
  readonly #left: () => void

  /** `left` is called when the reader stops before the end. */
  constructor(left: () => void) {
    this.#left = left
  }

  push(event: T): void {
    if (this.#end !== undefined) return
    const reader = this.#reader
    if (reader === undefined) {
      this.#waiting.push(event)
      return
    }
    this.#reader = undefined
    reader.resolve({ value: event, done: false })
  }

  /** No more will come; with an error, the reader gets it after what came before. */
  end(error?: Error): void {
    if (this.#end !== undefined) return
    this.#end = error === undefined ? {} : { error }
    const reader = this.#reader
    this.#reader = undefined
    if (reader === undefined) return
    if (error === undefined) reader.resolve({ value: undefined, done: true })
    else reader.reject(error)
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const event = this.#waiting.shift()
    if (event !== undefined) return Promise.resolve({ value: event, done: false })
    if (this.#end?.error !== undefined) return Promise.reject(this.#end.error)
    if (this.#end !== undefined) return Promise.resolve({ value: undefined, done: true })
    this.#reader = Promise.withResolvers<IteratorResult<T, undefined>>()
    return this.#reader.promise
  }

  /** The reader wants no more: what waits is dropped, and the writer is told. */
  stop(error?: Error): void {
    this.#waiting.length = 0
    if (this.#end !== undefined) return
    this.#left()
    this.end(error)
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.stop()
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
