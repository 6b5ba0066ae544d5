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
    return valuesOf(this.#rows())
  }

  async *#rows(): AsyncGenerator<{ readonly value: unknown }, void> {
    const { rows, events } = this.#execution.report
    let next = 0
    for (;;) {
      const row = rows[next]
      if (row) {
        next++
        yield row
      } else if (events.isOver) break
      else await events.news()
    }
    // Whoever reads nothing but rows must not take some of them for all.
    await this.#execution.outcome
  }

  async cancel(reason = 'by the caller'): Promise<void> {
    this.#execution.stop(new ClientError('CANCELLED', `cancelled ${reason}`))
    await this.#execution.outcome.catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel('when it was disposed of')
  }
}

/** A generator would await what it yields: a row that has a function named `then` would never come. */
function valuesOf(rows: AsyncGenerator<{ readonly value: unknown }, void>): AsyncIterable<unknown> {
  const next = async (): Promise<IteratorResult<unknown, undefined>> => {
    const result = await rows.next()
    return result.done === true
      ? { done: true, value: undefined }
      : { done: false, value: result.value.value }
  }
  const stop = async () => {
    await rows.return()
    return { done: true, value: undefined } as const
  }
  return { [Symbol.asyncIterator]: () => ({ next, return: stop }) }
}
