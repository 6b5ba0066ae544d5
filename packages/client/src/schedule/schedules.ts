import { isRunning, ownMark, type Clock, type ProcessMark } from '@skein/protocol'
import { tell } from '../handlers.ts'
import type { Plan } from '../plan/plan.ts'
import type { Store } from '../store/store.ts'
import { checkRuns, checkSchedule, type ScheduleOptions } from './schedule-options.ts'
import { Schedule } from './schedule.ts'

/** The schedules of a client that have not been disposed of. */
export class Schedules {
  readonly #store: Store
  readonly #clock: Clock
  readonly #kept = new Set<Schedule>()
  #self: ProcessMark | undefined

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * Begins one that starts runs of a plan, of those ids, or goes on with them.
   *
   * @throws {ClientError} `INVALID_INPUT` naming the option, or the step that lacks what it needs of the context
   */
  begin(options: ScheduleOptions, plan: Plan, start: (id: string) => Promise<unknown>): Schedule {
    const { name, onError } = options
    checkRuns(plan, options)
    if (!this.#self) void this.#findSelf()
    const idOf = (instant: number) => `${name}@${new Date(instant).toISOString()}`
    const schedule: Schedule = new Schedule(name, checkSchedule(options), {
      store: this.#store,
      clock: this.#clock,
      today: () => Date.now(),
      self: () => this.#self,
      isRunning,
      start: (instant) => start(idOf(instant)),
      failed: (error, instant) => {
        const run = instant === undefined ? undefined : idOf(instant)
        tell(`onError of schedule '${name}'`, onError, error, run)
      },
      left: () => this.#kept.delete(schedule),
    })
    this.#kept.add(schedule)
    return schedule
  }

  async #findSelf(): Promise<void> {
    this.#self = await ownMark()
  }

  /** All of them fire no more; resolves when what they began has been interrupted. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#kept, (schedule) => schedule.close()))
  }
}
