import { z } from 'zod'
import { ClientError, messageOf } from '../errors.ts'
import { describeIssues } from '../schema-issues.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import type { Store } from '../store/store.ts'

/** What somebody outside is asked to do: a person, or another program. */
export interface ExternalTask {
  /** Id of the task. */
  readonly key: string
  /** The run that waits for it. */
  readonly run: string
  /** Of the run. */
  readonly project: string
  readonly step: string
  readonly input: unknown
  /** JSON Schema of what an answer must be. */
  readonly answer: Readonly<Record<string, unknown>>
  /** Milliseconds since 1970. */
  readonly openedAt: number
}

/** What came of an answer. */
export type Completion =
  /** It is recorded; the run goes on. */
  | { readonly state: 'done' }
  /** There is no such task. */
  | { readonly state: 'unknown' }
  /** Somebody was faster. */
  | { readonly state: 'over' }
  /** It is not what the step wants; the task stays open. */
  | { readonly state: 'misfit'; readonly problem: string }

/** A task as it is kept: open, or with its answer until the run has taken it. */
interface Entry {
  readonly task: ExternalTask
  /** Another where something else is asked. */
  readonly mark: string
  readonly answer?: TaskAnswer
}

/** What somebody answered. */
export interface TaskAnswer {
  readonly value: unknown
}

const QUEUE = 'external tasks'

/** The tasks of a store that wait for somebody outside: opened by runs, completed from any process. */
export class TaskDesk {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /**
   * Opens a task; one that is open or answered already stays as it is, unless it asked something else, or was that of a
   * step of another definition: nobody's answer to one question is taken for another. When it was opened.
   */
  open(task: ExternalTask, definition = ''): number {
    const { key, input, answer, openedAt } = task
    const mark = fingerprintOf({ key, definition, input: [input, answer] })
    const entry: Entry = { task, mark }
    if (this.#store.queue<Entry>(QUEUE).push(key, entry)) return openedAt
    return this.#store.transaction((transaction) => {
      const queue = transaction.queue<Entry>(QUEUE)
      const found = queue.find(key)
      if (found?.mark === mark) return found.task.openedAt
      queue.push(key, entry, { overwrite: true })
      return openedAt
    })
  }

  /** Open tasks, the oldest first; of one project where one is named. */
  list({ project }: { readonly project?: string } = {}): readonly ExternalTask[] {
    const entries = this.#store.queue<Entry>(QUEUE).items()
    const open = entries.flatMap(({ value }) => (value.answer ? [] : [value.task]))
    return open.filter((task) => project === undefined || task.project === project)
  }

  find(key: string): ExternalTask | undefined {
    const entry = this.#store.queue<Entry>(QUEUE).find(key)
    return entry?.answer ? undefined : entry?.task
  }

  /** Answers a task, if it is open and the answer fits. */
  complete(key: string, value: unknown): Completion {
    return this.#store.transaction((transaction): Completion => {
      const queue = transaction.queue<Entry>(QUEUE)
      const entry = queue.find(key)
      if (!entry) return { state: 'unknown' }
      if (entry.answer) return { state: 'over' }
      const problem = problemOf(entry.task, value)
      if (problem !== undefined) return { state: 'misfit', problem }
      queue.push(key, { ...entry, answer: { value } }, { overwrite: true })
      return { state: 'done' }
    })
  }

  /** The answer to a task, once there is one. */
  answerTo(key: string): TaskAnswer | undefined {
    return this.#store.queue<Entry>(QUEUE).find(key)?.answer
  }

  /**
   * Nobody waits for it any more: it goes, unless it is answered. That answer was taken, and counts. One that was opened
   * at another time is left alone.
   */
  callOff(key: string, openedAt: number): TaskAnswer | undefined {
    return this.#store.transaction((transaction) => {
      const queue = transaction.queue<Entry>(QUEUE)
      const entry = queue.find(key)
      if (entry?.task.openedAt !== openedAt) return undefined
      if (!entry.answer) queue.remove(key)
      return entry.answer
    })
  }

  /** The run has no use for it any more; one that was opened at another time is that of whoever asked anew. */
  forget(key: string, openedAt?: number): void {
    this.#store.transaction((transaction) => {
      const queue = transaction.queue<Entry>(QUEUE)
      const isOther = openedAt !== undefined && queue.find(key)?.task.openedAt !== openedAt
      if (!isOther) queue.remove(key)
    })
  }

  /** Forgets what a run asked, answered or not. */
  forgetRun(run: string): void {
    this.#store.transaction((transaction) => {
      const queue = transaction.queue<Entry>(QUEUE)
      for (const { key, value } of queue.items()) if (value.task.run === run) queue.remove(key)
    })
  }
}

function problemOf({ step, answer }: ExternalTask, value: unknown): string | undefined {
  try {
    const parsed = z.fromJSONSchema(answer).safeParse(value)
    return parsed.success ? undefined : describeIssues(parsed.error)
  } catch (cause) {
    const message = `the answer that step '${step}' wants cannot be checked: ${messageOf(cause)}`
    throw new ClientError('STORE_FAILED', message, { cause })
  }
}
