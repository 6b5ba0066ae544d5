import { ClientError, createMemoryStore } from '../../src/index.ts'
import type { CatchUp, Overlap } from '../../src/schedule/firings.ts'
import { Schedule } from '../../src/schedule/schedule.ts'
import { timetableOf } from '../../src/schedule/timetable.ts'
import type { Store } from '../../src/store/store.ts'
import { keptOpen } from '../crash/mortal-store.ts'
import { VirtualTime } from '../virtual-time.ts'

export const MINUTE = 60_000
/** The beginning of time here: no multiple of anything. */
const START = Date.parse('2026-01-01T00:00:30Z')

/** Schedules that fire every minute, in virtual time; minutes are counted from the first. */
export class Scene {
  readonly time = new VirtualTime()
  readonly fired: number[] = []
  readonly failures: string[] = []
  readonly store: Store
  /** Runs at the same time, the most that there were. */
  most = 0
  runMs = 1000
  fails = false
  isLocked = false
  /** Whether processes see each other; else only leases tell who lives. */
  isOneMachine = false
  /** Instants whose runs are another's, as far as the store knows. */
  readonly held = new Set<number>()
  /** Happens, once, when a process next looks what time it is. */
  meanwhile: (() => void) | undefined
  readonly #lives: { readonly isOver: boolean }[] = []
  #running = 0

  constructor() {
    const store = createMemoryStore({ now: () => this.today() })
    const unlocked = (): Store => {
      if (this.isLocked) throw new ClientError('STORE_FAILED', 'database is locked')
      return store
    }
    this.store = {
      ...keptOpen(store),
      queue: (name) => unlocked().queue(name),
      transaction: (work) => unlocked().transaction(work),
    }
  }

  today(): number {
    return START + this.time.now
  }

  /** `life`: what becomes of the process; once it is over nothing happens there any more. */
  schedule(
    rules: { overlap?: Overlap; catchUp?: CatchUp } = {},
    life = { isOver: false },
  ): Schedule {
    const timetable = timetableOf({ every: '1m' })
    const { overlap = 'skip', catchUp = 'none' } = rules
    const pid = this.#lives.push(life)
    return new Schedule(
      'report',
      { timetable, overlap, catchUp },
      {
        store: this.store,
        clock: {
          now: () => this.time.now,
          schedule: (ms, run) => {
            let isOff = false
            this.time.after(ms, () => {
              if (!isOff && !life.isOver) run()
            })
            return () => {
              isOff = true
            }
          },
        },
        today: () => {
          const happens = this.meanwhile
          this.meanwhile = undefined
          happens?.()
          return this.today()
        },
        self: () => ({ pid, machine: 'here' }),
        isRunning: (mark) =>
          Promise.resolve(this.isOneMachine ? !this.#lives[mark.pid - 1]?.isOver : undefined),
        start: (instant) => this.#start(instant),
        failed: (error, instant) => {
          const which = instant === undefined ? 'the schedule' : this.#minuteOf(instant)
          this.failures.push(`${which}: ${error.message}`)
        },
      },
    )
  }

  /** Lets time pass, and what follows from it happen. */
  async pass(minutes: number): Promise<void> {
    const until = this.time.now + minutes * MINUTE
    for (let at = this.time.now; at < until; at += 500) {
      this.time.play(at)
      this.time.now = Math.max(this.time.now, at)
      await Promise.resolve()
      await Promise.resolve()
      await Promise.resolve()
    }
    this.time.play(until)
    this.time.now = until
  }

  #minuteOf(instant: number): number {
    return Math.round((instant - START) / MINUTE + 0.5)
  }

  async #start(instant: number): Promise<void> {
    if (this.held.has(this.#minuteOf(instant))) throw new ClientError('RUN_HELD', 'wait')
    this.fired.push(this.#minuteOf(instant))
    this.most = Math.max(this.most, ++this.#running)
    await new Promise<void>((resolve) => {
      this.time.after(this.runMs, resolve)
    })
    this.#running--
    if (this.fails) throw new RangeError('it broke')
  }
}
