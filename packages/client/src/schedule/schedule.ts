import type { Clock } from '@skein/protocol'
import { ClientError, toClientError } from '../errors.ts'
import type { Leased } from '../store/queue.ts'
import type { Store } from '../store/store.ts'
import { becomeDue, ended, type FiringRules, type ScheduleState } from './firings.ts'

/** How long a process has a schedule without showing that it lives. */
const HOLD_MS = 30_000
/** How often it is looked whether another process has let go, or the store can be used again. */
const LOOK_MS = 1000
/** Timers do not wait for longer than weeks, and clocks are set: looked at again after this time. */
const LONGEST_WAIT_MS = 3_600_000

/** What a schedule needs of the client around it. */
export interface ScheduleParts {
  readonly store: Store
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly today: () => number
  /** Begins the run of that instant, or goes on with it; settles when it has ended. */
  readonly start: (instant: number) => Promise<unknown>
  /** Told of runs that failed, and, without an instant, of what keeps the schedule itself from going on. */
  readonly failed: (error: ClientError, instant?: number) => void
}

/**
 * Fires at the instants of a timetable. Any number of processes may look after a schedule of the same name in one
 * store: each instant fires once, and one process takes over from another that died.
 */
export class Schedule implements AsyncDisposable {
  readonly name: string
  readonly #rules: FiringRules
  readonly #parts: ScheduleParts
  readonly #runs = new Set<Promise<void>>()
  #cancelTimer: (() => void) | undefined
  #stopHolding: (() => void) | undefined
  #isOver = false
  /** What keeps it from going on, as it was told. */
  #trouble: string | undefined

  constructor(name: string, rules: Omit<FiringRules, 'watchedSince'>, parts: ScheduleParts) {
    this.name = name
    this.#rules = { ...rules, watchedSince: parts.today() }
    this.#parts = parts
    const queue = parts.store.queue<ScheduleState>(this.#stateQueue)
    queue.push('state', { seen: parts.today(), pending: [] })
    parts.store.queue(this.#turnQueue).push('turn', null)
    this.#look()
  }

  /** When it fires next; none when it never will again. */
  get next(): Date | undefined {
    const instant = this.#rules.timetable.next(this.#parts.today())
    return instant === undefined ? undefined : new Date(instant)
  }

  /** Fires no more; resolves when what it began has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#cancelTimer?.()
    await Promise.allSettled(this.#runs)
    this.#stopHolding?.()
  }

  get #turnQueue(): string {
    return `schedule ${this.name} turn`
  }

  get #stateQueue(): string {
    return `schedule ${this.name} state`
  }

  /** Takes the schedule, if nobody has it, and fires what is due. */
  #look(): void {
    if (this.#isOver) return
    const turn = this.#parts.store.queue(this.#turnQueue)
    const [leased] = turn.lease({ ms: HOLD_MS })
    if (!leased) {
      this.#wait(LOOK_MS)
      return
    }
    const due = becomeDue(this.#state(), this.#parts.today(), this.#rules)
    if (this.#rules.overlap === 'allow') this.#fireAll(due, leased)
    else this.#fireNext(due, leased)
    this.#trouble = undefined
  }

  /** Fires everything at once; nothing is waited for. */
  #fireAll(state: ScheduleState, leased: Leased<unknown>): void {
    const { seen, pending } = state
    const fired = { seen, pending: [] }
    this.#save(fired)
    for (const instant of pending) this.#begin(instant)
    this.#letGo(leased, fired)
    this.#waitForNext()
  }

  /** Fires one and keeps the schedule until its run has ended. */
  #fireNext(state: ScheduleState, leased: Leased<unknown>): void {
    const [first, ...rest] = state.pending
    const instant = state.running ?? first
    if (instant === undefined) {
      this.#letGo(leased, state)
      this.#waitForNext()
      return
    }
    const pending = state.running === undefined ? rest : state.pending
    this.#save({ seen: state.seen, pending, running: instant })
    this.#hold(leased)
    const goOn = (): void => {
      const { today } = this.#parts
      this.#letGo(leased, ended({ seen: state.seen, pending }, today(), this.#rules.overlap))
      this.#stopHolding?.()
      this.#attempt(this.#goOn)
    }
    this.#begin(instant, () => {
      this.#attempt(goOn)
    })
  }

  /** Does it, or tells why it cannot be done and does it later. */
  #attempt(work: () => void): void {
    try {
      work()
    } catch (thrown) {
      this.#tell(toClientError(thrown, 'STORE_FAILED'))
      if (!this.#isOver) this.#wait(LOOK_MS, work)
    }
  }

  /** Once for each trouble, not each time that it is met. */
  #tell(error: ClientError): void {
    if (this.#trouble === error.message) return
    this.#trouble = error.message
    this.#parts.failed(error)
  }

  #begin(instant: number, then?: () => void): void {
    const running = this.#run(instant)
    this.#runs.add(running)
    const over = (): void => {
      this.#runs.delete(running)
      then?.()
    }
    void running.then(over)
  }

  /** Never rejects. */
  async #run(instant: number): Promise<void> {
    try {
      await this.#parts.start(instant)
    } catch (thrown) {
      this.#parts.failed(toClientError(thrown, 'RUN_FAILED'), instant)
    }
  }

  /** Renews the lease while a run goes on. */
  #hold(leased: Leased<unknown>): void {
    const { store, clock } = this.#parts
    const renewLater = (): void => {
      this.#stopHolding = clock.schedule(HOLD_MS / 3, () => {
        try {
          store.queue(this.#turnQueue).renew(leased, HOLD_MS)
        } catch (thrown) {
          this.#tell(toClientError(thrown, 'STORE_FAILED'))
        }
        renewLater()
      })
    }
    renewLater()
  }

  /** Leaves the schedule in that state, unless another process has taken it over. */
  #letGo(leased: Leased<unknown>, state: ScheduleState): void {
    this.#parts.store.transaction((transaction) => {
      const turn = transaction.queue(this.#turnQueue)
      if (!turn.complete(leased)) return
      turn.push('turn', null)
      const states = transaction.queue<ScheduleState>(this.#stateQueue)
      states.push('state', state, { overwrite: true })
    })
  }

  #state(): ScheduleState {
    const state = this.#parts.store.queue<ScheduleState>(this.#stateQueue).find('state')
    if (state) return state
    throw new ClientError('STORE_FAILED', `schedule '${this.name}' has lost its state`)
  }

  #save(state: ScheduleState): void {
    this.#parts.store.queue<ScheduleState>(this.#stateQueue).push('state', state, {
      overwrite: true,
    })
  }

  #waitForNext(): void {
    const now = this.#parts.today()
    const instant = this.#rules.timetable.next(now)
    if (instant !== undefined) this.#wait(Math.min(LONGEST_WAIT_MS, instant - now))
  }

  #wait(ms: number, then = this.#goOn): void {
    this.#cancelTimer = this.#parts.clock.schedule(ms, () => {
      this.#attempt(then)
    })
  }

  readonly #goOn = (): void => {
    this.#look()
  }
}
