import { ClientError } from '../errors.ts'
import type { Execution } from './execution.ts'
import type { RunEvent } from './run-events.ts'
import type { RunResult } from './run-result.ts'
import type { RunStatus } from './run-status.ts'

/**
 * One execution of a plan, which starts at once. Await it for the result; iterate it for events, also late;
 * iterate `rows()` for rows as they come.
 */
export interface Run<T, Row>
  extends PromiseLike<RunResult<T>>, AsyncIterable<RunEvent<Row>>, AsyncDisposable {
  readonly id: string
  /** How far it is. */
  status(): RunStatus
  /** What happens in it, from the first, whenever it is called and however slowly it is read; ends with the run. */
  events(): AsyncIterable<RunEvent<Row>>
  /**
   * Rows in the order in which they are done, from the first, whenever it is called. After the last one it throws
   * what the run rejects with.
   */
  rows(): AsyncIterable<Row>
  /** Stops everything, at the nodes as well. Resolves when nothing runs; the run rejects with `CANCELLED`. */
  cancel(reason?: string): Promise<void>
}

/** Makes the handle of an execution. Its types are those of the plan that is executed. */
export class RunHandle implements Run<unknown, unknown> {
  readonly #execution: Execution

  constructor(execution: Execution) {
    this.#execution = execution
  }

  get id(): string {
    return this.#execution.id
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a run is there to be awaited
  then<A, B>(
    onDone?: ((result: RunResult<unknown>) => A | PromiseLike<A>) | null,
    onFailed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#execution.outcome.then(onDone, onFailed)
  }

  [Symbol.asyncIterator](): AsyncIterator<RunEvent<unknown>> {
    return this.#execution.report.events[Symbol.asyncIterator]()
  }

  status(): RunStatus {
    return this.#execution.report.status()
  }

  events(): AsyncIterable<RunEvent<unknown>> {
    return this.#execution.report.events
  }

  rows(): AsyncIterable<unknown> {
    return new RowReader(this.#execution)
  }

  async cancel(reason = 'by the caller'): Promise<void> {
    this.#execution.stop(new ClientError('CANCELLED', `cancelled ${reason}`))
    await this.#execution.outcome.catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel('when it was disposed of')
  }
}

/**
 * Reads rows in the order in which they are done. No generator: that would await what it yields, and a row that has a
 * function named `then` would never come; besides, a row that is there costs one promise.
 */
class RowReader implements AsyncIterableIterator<unknown, undefined> {
  readonly #execution: Execution
  #read = 0
  #isOver = false
  /** Who wait for a row, and the latest of them: they get theirs in turn. */
  #waiting = 0
  #latest: Promise<unknown> | undefined

  constructor(execution: Execution) {
    this.#execution = execution
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    const row = this.#waiting > 0 ? undefined : this.#take()
    if (row) return Promise.resolve(row)
    const result = this.#wait(this.#latest)
    this.#latest = result.catch(() => {})
    return result
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#isOver = true
    return Promise.resolve(END)
  }

  #take(): IteratorYieldResult<unknown> | undefined {
    const row = this.#isOver ? undefined : this.#execution.report.rows[this.#read]
    if (!row) return undefined
    this.#read++
    return { done: false, value: row.value }
  }

  async #wait(before: Promise<unknown> | undefined): Promise<IteratorResult<unknown, undefined>> {
    this.#waiting++
    try {
      await before
      return await this.#later()
    } finally {
      this.#waiting--
    }
  }

  async #later(): Promise<IteratorResult<unknown, undefined>> {
    const { report, outcome } = this.#execution
    while (!this.#isOver) {
      const row = this.#take()
      if (row) return row
      if (!report.events.isOver) await report.events.news()
      else {
        this.#isOver = true
        // Whoever reads nothing but rows must not take some of them for all.
        await outcome
      }
    }
    return END
  }
}

const END = { done: true, value: undefined } as const
