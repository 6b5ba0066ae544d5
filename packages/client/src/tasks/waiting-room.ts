import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { ClientError } from '../errors.ts'
import type { ExternalMeans } from '../plan/means.ts'
import type { TaskAnswer, TaskDesk } from './task-desk.ts'

/** How often it is looked for answers: people are slower than that. */
const LOOK_MS = 250

/** What a row asks of somebody outside. */
export interface ExternalAsk {
  readonly step: string
  /** Of the step. */
  readonly definition: string
  /** Id of the call in its run. */
  readonly key: string
  readonly input: unknown
  readonly cancellation: Cancellation
}

interface Waiting {
  readonly key: string
  /** Milliseconds since 1970. */
  readonly until: number
  readonly settle: PromiseWithResolvers<TaskAnswer | undefined>
}

/** What a waiting room needs. */
export interface WaitingRoomParts {
  readonly desk: TaskDesk
  /** Of the run. */
  readonly project: string
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly wallNow: () => number
}

/** Where the rows of one run wait for somebody outside. */
export class WaitingRoom {
  readonly #run: string
  readonly #parts: WaitingRoomParts
  readonly #waiting = new Map<string, Waiting>()
  /** Answered; kept at the desk until the run has recorded what came of it. */
  readonly #answered: string[] = []
  #isLooking = false

  constructor(run: string, parts: WaitingRoomParts) {
    this.#run = run
    this.#parts = parts
  }

  /** The answer of whoever completes the task. Rejects when its time is over or it is called off. */
  async ask(
    means: ExternalMeans,
    { step, definition, key, input, cancellation }: ExternalAsk,
  ): Promise<unknown> {
    const { desk, wallNow, project } = this.#parts
    const task = `${this.#run}/${key}`
    const { answer, timeoutMs = Infinity, onTimeout } = means
    const open = { key: task, run: this.#run, project, step, input, answer, openedAt: wallNow() }
    const openedAt = desk.open(open, definition)
    const until = openedAt + timeoutMs
    const found = desk.answerTo(task) ?? (await this.#wait(task, until, cancellation))
    if (found) {
      this.#answered.push(task)
      return found.value
    }
    desk.forget(task)
    if (onTimeout) return onTimeout(input)
    throw new ClientError('TIMED_OUT', `nobody answered '${step}' within ${timeoutMs} ms`)
  }

  /** The run is over: what was answered is recorded. */
  close(): void {
    for (const key of this.#answered) this.#parts.desk.forget(key)
  }

  /** The answer; none when its time is over. */
  async #wait(
    key: string,
    until: number,
    cancellation: Cancellation,
  ): Promise<TaskAnswer | undefined> {
    const settle = Promise.withResolvers<TaskAnswer | undefined>()
    this.#waiting.set(key, { key, until, settle })
    const leave = cancellation.listen(() => {
      settle.reject(cancellation.reason ?? new ClientError('CANCELLED', 'cancelled'))
    })
    this.#lookLater()
    try {
      return await settle.promise
    } finally {
      leave()
      this.#waiting.delete(key)
    }
  }

  #lookLater(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    this.#parts.clock.schedule(LOOK_MS, () => {
      this.#isLooking = false
      this.#look()
      if (this.#waiting.size > 0) this.#lookLater()
    })
  }

  #look(): void {
    const now = this.#parts.wallNow()
    for (const { key, until, settle } of this.#waiting.values()) {
      const answer = this.#parts.desk.answerTo(key)
      if (answer) settle.resolve(answer)
      else if (now >= until) settle.resolve(undefined)
    }
  }
}
