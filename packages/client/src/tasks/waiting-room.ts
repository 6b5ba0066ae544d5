import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { ClientError, toClientError } from '../errors.ts'
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
  /** Of the try. */
  readonly cancellation: Cancellation
  /** Told that nobody has answered in time, and something is made up. */
  readonly madeUp: () => void
}

interface Waiting {
  readonly key: string
  readonly openedAt: number
  /** Milliseconds since 1970. */
  readonly until: number
  readonly settle: PromiseWithResolvers<TaskAnswer | undefined>
}

/** Where somebody's answer is waited for. */
interface Place extends Pick<ExternalAsk, 'cancellation'> {
  /** Key of the task. */
  readonly task: string
  readonly openedAt: number
  /** Milliseconds since 1970. */
  readonly until: number
}

/** What a waiting room needs. */
export interface WaitingRoomParts {
  readonly desk: TaskDesk
  /** Of the run. */
  readonly project: string
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly wallNow: () => number
  /** Of the run: what it waits for when it is stopped stays open for whoever resumes it. */
  readonly stopped: Cancellation
}

/** Where the rows of one run wait for somebody outside. */
export class WaitingRoom {
  readonly #run: string
  readonly #parts: WaitingRoomParts
  readonly #waiting = new Map<string, Waiting>()
  /** When tasks were opened that are answered; the desk keeps them until the run has recorded what came of it. */
  readonly #answered = new Map<string, number>()
  /** Those of them of which it has. */
  readonly #recorded = new Set<string>()
  #stopLooking: (() => void) | undefined

  constructor(run: string, parts: WaitingRoomParts) {
    this.#run = run
    this.#parts = parts
  }

  /** The answer of whoever completes the task. Rejects when its time is over or it is called off. */
  async ask(
    means: ExternalMeans,
    { step, definition, key, input, cancellation, madeUp }: ExternalAsk,
  ): Promise<unknown> {
    const { desk, wallNow, project } = this.#parts
    const task = this.#taskOf(key)
    const { answer, timeoutMs = Infinity, onTimeout } = means
    const open = { key: task, run: this.#run, project, step, input, answer, openedAt: wallNow() }
    const openedAt = desk.open(open, definition)
    const until = openedAt + timeoutMs
    const place = { task, openedAt, until, cancellation }
    const found = desk.answerTo(task) ?? (await this.#wait(place)) ?? this.#callOff(place)
    if (found) {
      this.#answered.set(task, openedAt)
      return found.value
    }
    if (onTimeout) {
      madeUp()
      return onTimeout(input)
    }
    throw new ClientError('TIMED_OUT', `nobody answered '${step}' within ${timeoutMs} ms`)
  }

  /** The time of a try is over: whether somebody has answered it. Nobody can any more who has not. */
  isAnswered(key: string): boolean {
    const waiting = this.#waiting.get(this.#taskOf(key))
    if (!waiting) return false
    const { key: task, openedAt, settle } = waiting
    try {
      const answer = this.#parts.desk.callOff(task, openedAt)
      if (answer) settle.resolve(answer)
      return answer !== undefined
    } catch (thrown) {
      settle.reject(toClientError(thrown, 'STORE_FAILED'))
      return true
    }
  }

  /** What came of the call of that key is recorded: its answer is of no use to whoever resumes the run. */
  recorded(key: string): void {
    const task = this.#taskOf(key)
    if (this.#answered.has(task)) this.#recorded.add(task)
  }

  /** The run is over. An answer that could not be recorded stays for whoever resumes it. */
  close(): void {
    this.#stopLooking?.()
    this.#stopLooking = undefined
    for (const task of this.#recorded) {
      this.#parts.desk.forget(task, this.#answered.get(task))
    }
  }

  #taskOf(key: string): string {
    return `${this.#run}/${key}`
  }

  /** The answer; none when its time is over. */
  async #wait(place: Place): Promise<TaskAnswer | undefined> {
    const { task, openedAt, until, cancellation } = place
    const settle = Promise.withResolvers<TaskAnswer | undefined>()
    this.#waiting.set(task, { key: task, openedAt, until, settle })
    const leave = cancellation.listen(() => {
      settle.reject(cancellation.reason ?? new ClientError('CANCELLED', 'cancelled'))
    })
    this.#lookLater()
    try {
      return await settle.promise
    } catch (thrown) {
      if (cancellation.isCancelled && !this.#parts.stopped.isCancelled) this.#callOff(place)
      throw thrown
    } finally {
      leave()
      this.#waiting.delete(task)
    }
  }

  /** Nobody can answer any more; what somebody has answered waits for the next try, or until it is recorded what came of it. */
  #callOff({ task, openedAt }: Place): TaskAnswer | undefined {
    const answer = this.#parts.desk.callOff(task, openedAt)
    if (answer) this.#answered.set(task, openedAt)
    return answer
  }

  #lookLater(): void {
    this.#stopLooking ??= this.#parts.clock.schedule(LOOK_MS, () => {
      this.#stopLooking = undefined
      this.#look()
      if (this.#waiting.size > 0) this.#lookLater()
    })
  }

  #look(): void {
    const now = this.#parts.wallNow()
    for (const { key, until, settle } of this.#waiting.values()) {
      try {
        const answer = this.#parts.desk.answerTo(key)
        if (answer) settle.resolve(answer)
        else if (now >= until) settle.resolve(undefined)
      } catch (thrown) {
        settle.reject(toClientError(thrown, 'STORE_FAILED'))
      }
    }
  }
}
