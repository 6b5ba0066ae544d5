import { isFunction, isThenable } from '../guards.ts'

/** What comes of reading: an input, the end, or trouble with whoever makes them. */
export type Reading =
  | { readonly kind: 'input'; readonly value: unknown }
  | { readonly kind: 'end' }
  | { readonly kind: 'trouble'; readonly error: unknown }

/** An iterator whose results may be promises or not. */
interface AnyIterator {
  next(): unknown
  return?(): unknown
}

/** One input, a list of them, or a stream: read one at a time, and no faster than there is room. */
export class InputSource {
  /** How many there are, where that is known beforehand. */
  readonly size: number | undefined
  /** Whether there is one input that is no list. */
  readonly isSingle: boolean
  readonly #iterator: AnyIterator
  #isOver = false
  #isReading = false

  constructor(inputs: unknown) {
    const iterator = iterate(inputs)
    this.isSingle = iterator === undefined
    this.#iterator = iterator ?? [inputs].values()
    if (!iterator) this.size = 1
    else this.size = Array.isArray(inputs) ? inputs.length : undefined
  }

  /** There are no more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether the next may be asked for. */
  get isReady(): boolean {
    return !this.#isOver && !this.#isReading
  }

  /** Asks for the next input. It is handed over now or later; never two at the same time. */
  read(take: (reading: Reading) => void): void {
    this.#isReading = true
    let result: unknown
    try {
      result = this.#iterator.next()
    } catch (error) {
      this.#end({ kind: 'trouble', error }, take)
      return
    }
    if (isThenable(result)) void this.#settle(result, take)
    else this.#end(readingOf(result), take)
  }

  /** No more are wanted. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    void putAway(this.#iterator)
  }

  #end(reading: Reading, take: (reading: Reading) => void): void {
    this.#isReading = false
    if (this.#isOver) return
    if (reading.kind !== 'input') this.#isOver = true
    take(reading)
  }

  async #settle(result: PromiseLike<unknown>, take: (reading: Reading) => void): Promise<void> {
    let reading: Reading
    try {
      reading = readingOf(await result)
    } catch (error) {
      reading = { kind: 'trouble', error }
    }
    this.#end(reading, take)
  }
}

async function putAway(iterator: AnyIterator): Promise<void> {
  try {
    await iterator.return?.()
  } catch {
    // Whoever makes the inputs may fail to clear up; the run is over in any case.
  }
}

function readingOf(result: unknown): Reading {
  if (typeof result !== 'object' || result === null) return { kind: 'end' }
  if ('done' in result && result.done === true) return { kind: 'end' }
  return { kind: 'input', value: 'value' in result ? result.value : undefined }
}

/** Whether these are many inputs. Texts are values, not lists. */
export function isMany(inputs: unknown): boolean {
  if (typeof inputs !== 'object' || inputs === null) return false
  return isAsyncIterable(inputs) || isIterable(inputs)
}

/** How to go through many inputs; none where the value is one input. Texts are values, not lists. */
function iterate(inputs: unknown): AnyIterator | undefined {
  if (typeof inputs !== 'object' || inputs === null) return undefined
  if (isAsyncIterable(inputs)) return inputs[Symbol.asyncIterator]()
  return isIterable(inputs) ? inputs[Symbol.iterator]() : undefined
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value && isFunction(value[Symbol.asyncIterator])
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && isFunction(value[Symbol.iterator])
}
