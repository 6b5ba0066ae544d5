import { isDeepStrictEqual } from 'node:util'
import type { Clock, ProcessMark } from '@skein/protocol'
import { ClientError, toClientError } from '../errors.ts'
import type { Leased } from '../store/queue.ts'
import type { Store } from '../store/store.ts'
import { LEASE_MS } from '../store/sqlite-journal.ts'
import {
  becomeDue,
  ended,
  leftOut,
  toBegin,
  type FiringRules,
  type ScheduleState,
} from './firings.ts'

/** How often it is looked whether another process has let go, or is gone, or the store can be used again. */
const LOOK_MS = 1000
/** Timers do not wait for longer than weeks, and clocks are set: looked at again after this time. */
const LONGEST_WAIT_MS = 3_600_000

/** What a schedule needs of the client around it. */
export interface ScheduleParts {
  readonly store: Store
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly today: () => number
  /** This process, once that is known. */
  readonly self: () => ProcessMark | undefined
  /** Whether a process is still there; `undefined` where nobody knows. */
  readonly isRunning: (mark: ProcessMark) => Promise<boolean | undefined>
  /** Begins the run of that instant, or goes on with it; settles when it has ended. */
  readonly start: (instant: number) => Promise<unknown>
  /** Told of runs that failed, and, without an instant, of what keeps the schedule itself from going on. */
  readonly failed: (error: ClientError, instant?: number) => void
  /** Told when it fires no more and nothing of it runs. */
  readonly left?: () => void
}

/**
 * Fires at the instants of a timetable. Any number of processes may look after a schedule of the same name in one
 * store: each instant fires once, and one process takes over from another that died.
 */
export class Schedule implements AsyncDisposable {
  readonly name: string
  readonly #rules: FiringRules
  readonly #parts: ScheduleParts
  /** Runs under way, by their instants. */
  readonly #runs = new Map<number, Promise<unknown>>()
  /** What it has the schedule by, while it has it. */
  #turn: Leased<unknown> | undefined
  readonly #timers = new Set<() => void>()
  #stopHolding: (() => void) | undefined
  #isOver = false
  /** Whether runs are being interrupted: they have not ended. */
  #isClosed = false
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
    for (const cancel of this.#timers) cancel()
    await Promise.allSettled(this.#runs.values())
    this.#stopHolding?.()
    this.#parts.left?.()
  }

  /** The client closes: what is interrupted is left to whoever looks after the schedule next. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this[Symbol.asyncDispose]()
    try {
      this.#write(this.#state(), 'letGo')
    } catch {
      // Then it is free when its time is over.
    }
  }

  get #turnQueue(): string {
    return `schedule ${this.name} turn`
  }

  get #holderQueue(): string {
    return `schedule ${this.name} holder`
  }

  get #stateQueue(): string {
    return `schedule ${this.name} state`
  }

  /** Takes the schedule, if nobody has it, and fires what is due. */
  #look(): void {
    if (this.#isOver) return
    this.#turn ??= this.#parts.store.queue(this.#turnQueue).lease({ ms: LEASE_MS })[0]
    if (!this.#turn) {
      void this.#waitForTurn()
      return
    }
    const { overlap } = this.#rules
    const due = becomeDue(this.#state(), this.#parts.today(), this.#rules)
    const { state, instants } = toBegin(due, overlap)
    if (!this.#write(state, instants.length > 0 ? 'keep' : 'letGo')) {
      this.#wait(LOOK_MS)
      return
    }
    this.#trouble = undefined
    for (const instant of instants) if (!this.#runs.has(instant)) this.#begin(instant)
    if (overlap === 'allow' || instants.length === 0) this.#waitForNext()
  }

  /** Looks again soon, at once where the process that has it is gone. */
  async #waitForTurn(): Promise<void> {
    let isFree = false
    try {
      isFree = await this.#freeOfTheDead()
    } catch (thrown) {
      if (!this.#isClosed) this.#tell(toClientError(thrown, 'STORE_FAILED'))
    }
    if (!this.#isOver) this.#wait(isFree ? 0 : LOOK_MS)
  }

  /** Whether the process that had it is gone, and nobody has it now. */
  async #freeOfTheDead(): Promise<boolean> {
    const { store, isRunning } = this.#parts
    const dead = store.queue<ProcessMark>(this.#holderQueue).find('holder')
    if (!dead || (await isRunning(dead)) !== false || this.#isOver) return false
    return store.transaction((transaction) => {
      const holders = transaction.queue<ProcessMark>(this.#holderQueue)
      // Another may have taken it since it was looked at.
      if (!isDeepStrictEqual(holders.find('holder'), dead)) return false
      holders.remove('holder')
      transaction.queue(this.#turnQueue).push('turn', null, { overwrite: true })
      return true
    })
  }

  /** Does it, or tells why it cannot be done and does it later. */
  #attempt(work: () => void): void {
    try {
      work()
    } catch (thrown) {
      if (this.#isClosed) return
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

  #begin(instant: number): void {
    const running = this.#run(instant)
    this.#runs.set(instant, running)
    const over = (hasEnded: boolean): void => {
      this.#runs.delete(instant)
      if (hasEnded) {
        this.#attempt(() => {
          this.#ended(instant)
        })
      } else if (!this.#isOver) {
        this.#wait(LOOK_MS, () => {
          this.#beginAgain(instant)
        })
      }
    }
    void running.then(over)
  }

  #beginAgain(instant: number): void {
    if (this.#turn) {
      if (!this.#runs.has(instant)) this.#begin(instant)
      // Where runs may overlap it is looked again at the next instant.
    } else if (this.#rules.overlap !== 'allow') this.#look()
  }

  /** `false`: another process is at the run, as far as the store knows. Never rejects. */
  async #run(instant: number): Promise<boolean> {
    try {
      await this.#parts.start(instant)
    } catch (thrown) {
      const error = toClientError(thrown, 'RUN_FAILED')
      if (this.#isClosed) return true
      if (error.code === 'RUN_HELD') return false
      this.#parts.failed(error, instant)
    }
    return true
  }

  #ended(instant: number): void {
    if (this.#isClosed) return
    const { overlap } = this.#rules
    const end = { instant, now: this.#parts.today(), overlap }
    this.#write(ended(this.#state(), end), this.#runs.size > 0 ? 'keep' : 'letGo')
    if (overlap !== 'allow') this.#attempt(this.#goOn)
  }

  /**
   * Leaves the schedule in that state, and to this process or to anybody. `false`: another process has taken it over,
   * and nothing is changed.
   */
  #write(state: ScheduleState, then: 'keep' | 'letGo'): boolean {
    const turn = this.#turn
    if (!turn) return false
    const isOurs = this.#parts.store.transaction((transaction) => {
      const turns = transaction.queue(this.#turnQueue)
      if (!(then === 'keep' ? turns.renew(turn, LEASE_MS) : turns.complete(turn))) return false
      if (then === 'letGo') turns.push('turn', null)
      const holders = transaction.queue<ProcessMark>(this.#holderQueue)
      const holder = then === 'keep' ? this.#parts.self() : undefined
      if (holder) holders.push('holder', holder, { overwrite: true })
      else holders.remove('holder')
      const states = transaction.queue<ScheduleState>(this.#stateQueue)
      states.push('state', state, { overwrite: true })
      return true
    })
    if (isOurs && then === 'keep') this.#hold()
    else this.#loseHold()
    return isOurs
  }

  /** Renews the lease from now on. */
  #hold(): void {
    this.#stopHolding?.()
    this.#stopHolding = this.#parts.clock.schedule(LEASE_MS / 3, () => {
      try {
        this.#write(this.#stateNow(), 'keep')
      } catch (thrown) {
        this.#tell(toClientError(thrown, 'STORE_FAILED'))
        this.#hold()
      }
    })
  }

  /** While a run goes on. Who closes is not there for what comes due. */
  #stateNow(): ScheduleState {
    const state = this.#state()
    return this.#isClosed ? state : leftOut(state, this.#parts.today(), this.#rules.overlap)
  }

  #loseHold(): void {
    this.#turn = undefined
    this.#stopHolding?.()
  }

  #state(): ScheduleState {
    const state = this.#parts.store.queue<ScheduleState>(this.#stateQueue).find('state')
    if (state) return state
    throw new ClientError('STORE_FAILED', `schedule '${this.name}' has lost its state`)
  }

  #waitForNext(): void {
    const now = this.#parts.today()
    const instant = this.#rules.timetable.next(now)
    if (instant !== undefined) this.#wait(Math.min(LONGEST_WAIT_MS, instant - now))
  }

  #wait(ms: number, then = this.#goOn): void {
    const cancel = this.#parts.clock.schedule(ms, () => {
      this.#timers.delete(cancel)
      this.#attempt(then)
    })
    this.#timers.add(cancel)
  }

  readonly #goOn = (): void => {
    this.#look()
  }
}
