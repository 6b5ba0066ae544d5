import { describe, expect, it } from 'vitest'
import { ClientError, createMemoryStore } from '../../src/index.ts'
import type { CatchUp, Overlap } from '../../src/schedule/firings.ts'
import { Schedule } from '../../src/schedule/schedule.ts'
import { timetableOf } from '../../src/schedule/timetable.ts'
import type { Store } from '../../src/store/store.ts'
import { keptOpen } from '../crash/mortal-store.ts'
import { VirtualTime } from '../virtual-time.ts'

const MINUTE = 60_000
/** The beginning of time here: no multiple of anything. */
const START = Date.parse('2026-01-01T00:00:30Z')

/** Schedules that fire every minute, in virtual time; minutes are counted from the first. */
class Scene {
  readonly time = new VirtualTime()
  readonly fired: number[] = []
  readonly failures: string[] = []
  readonly store: Store
  /** Runs at the same time, the most that there were. */
  most = 0
  runMs = 1000
  fails = false
  isLocked = false
  /** Happens, once, when a process next looks what time it is. */
  meanwhile: (() => void) | undefined
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
    this.fired.push(this.#minuteOf(instant))
    this.most = Math.max(this.most, ++this.#running)
    await new Promise<void>((resolve) => {
      this.time.after(this.runMs, resolve)
    })
    this.#running--
    if (this.fails) throw new RangeError('it broke')
  }
}

describe('a schedule', () => {
  it('[F21] fires at each instant, once', async () => {
    const scene = new Scene()
    scene.schedule()
    await scene.pass(5.9)
    expect(scene.fired).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('[F21] skips what comes due while a run goes on', async () => {
    const scene = new Scene()
    scene.runMs = 2.5 * MINUTE
    scene.schedule({ overlap: 'skip' })
    await scene.pass(7)
    expect(scene.fired).toEqual([1, 4, 7])
    expect(scene.most).toBe(1)
  })

  it('[F21] does later what came due while a run went on, if asked, one after the other', async () => {
    const scene = new Scene()
    scene.runMs = 1.5 * MINUTE
    scene.schedule({ overlap: 'queue' })
    await scene.pass(6)
    expect(scene.fired).toEqual([1, 2, 3, 4])
    expect(scene.most).toBe(1)
  })

  it('[F21] runs side by side, if asked', async () => {
    const scene = new Scene()
    scene.runMs = 2.5 * MINUTE
    scene.schedule({ overlap: 'allow' })
    await scene.pass(4)
    expect(scene.fired).toEqual([1, 2, 3, 4])
    expect(scene.most).toBe(3)
  })

  it.each<Overlap>(['skip', 'queue', 'allow'])(
    '[F21] fires once although two look after it: %s',
    async (overlap) => {
      const scene = new Scene()
      scene.schedule({ overlap })
      scene.schedule({ overlap })
      await scene.pass(6)
      expect(scene.fired).toEqual([1, 2, 3, 4, 5, 6])
    },
  )

  it.each<[CatchUp, number[]]>([
    ['none', [1, 6]],
    ['latest', [1, 5, 6]],
    ['all', [1, 2, 3, 4, 5, 6]],
  ])('[F21] catches up with what nobody was there for: %s', async (catchUp, fired) => {
    const scene = new Scene()
    const first = scene.schedule({ catchUp })
    await scene.pass(1.2)
    await first[Symbol.asyncDispose]()
    await scene.pass(4)
    scene.schedule({ catchUp })
    await scene.pass(0.8)
    expect(scene.fired).toEqual(fired)
  })

  it.each<Overlap>(['skip', 'queue', 'allow'])(
    '[F21] is taken over when the process that had it died, and its run is gone on with: %s',
    async (overlap) => {
      const scene = new Scene()
      scene.runMs = 100 * MINUTE
      const life = { isOver: false }
      scene.schedule({ overlap }, life)
      await scene.pass(0.7)
      life.isOver = true
      scene.runMs = 1000
      scene.schedule({ overlap })
      await scene.pass(0.4)
      expect(scene.fired).toEqual([1])
      await scene.pass(2)
      expect(scene.fired).toEqual([1, 1, 2, 3])
    },
  )

  it('[F21] begins nothing that another has begun while its own process was stopped', async () => {
    const scene = new Scene()
    scene.schedule({ overlap: 'queue' })
    scene.runMs = 100 * MINUTE
    await scene.pass(0.4)
    scene.meanwhile = () => {
      scene.time.now += 40_000
      scene.schedule({ overlap: 'queue', catchUp: 'all' })
      expect(scene.fired).toEqual([1])
    }
    await scene.pass(0.8)
    expect(scene.meanwhile).toBe(undefined)
    expect(scene.fired).toEqual([1])
  })

  it.each<Overlap>(['skip', 'queue', 'allow'])(
    '[F21] is left as it is when it is closed, and gone on with by the next: %s',
    async (overlap) => {
      const scene = new Scene()
      scene.runMs = 2 * MINUTE
      const first = scene.schedule({ overlap, catchUp: 'all' })
      await scene.pass(0.7)
      const closed = first.close()
      scene.fails = true
      await scene.pass(2)
      await closed
      expect(scene.failures).toEqual([])
      scene.fails = false
      scene.runMs = 1000
      scene.schedule({ overlap, catchUp: 'all' })
      await scene.pass(0.2)
      expect(scene.fired).toEqual([1, 1, 2, 3])
    },
  )

  it('[F21] fires for who watched it at an instant that another, started just after, does not catch up with', async () => {
    const scene = new Scene()
    scene.schedule({ catchUp: 'none' })
    await scene.pass(0.49)
    scene.time.now = 0.5 * MINUTE + 5
    scene.schedule({ catchUp: 'none' })
    await scene.pass(1.4)
    expect(scene.fired).toEqual([1, 2])
  })

  it('[F21] goes on after a run that failed', async () => {
    const scene = new Scene()
    scene.fails = true
    scene.schedule()
    await scene.pass(2)
    expect(scene.fired).toEqual([1, 2])
    expect(scene.failures).toEqual(['1: it broke', '2: it broke'])
  })

  it('[F21] tells of a store that cannot be used, once, and goes on when it can', async () => {
    const scene = new Scene()
    scene.schedule()
    await scene.pass(1)
    scene.isLocked = true
    await scene.pass(2)
    expect(scene.fired).toEqual([1])
    expect(scene.failures).toEqual(['the schedule: database is locked'])
    scene.isLocked = false
    await scene.pass(2)
    expect(scene.fired).toEqual([1, 3, 4, 5])
    scene.isLocked = true
    await scene.pass(1)
    expect(scene.failures).toHaveLength(2)
  })

  it('[F21] does no run twice that ends while the store cannot be used', async () => {
    const scene = new Scene()
    scene.schedule()
    await scene.pass(0.505)
    expect(scene.fired).toEqual([1])
    scene.isLocked = true
    await scene.pass(0.3)
    expect(scene.failures).toHaveLength(1)
    scene.isLocked = false
    await scene.pass(1.9)
    expect(scene.fired).toEqual([1, 2, 3])
  })

  it('[F21] leaves what another process has made of it when it lost it with its store', async () => {
    const scene = new Scene()
    scene.runMs = 1.2 * MINUTE
    scene.schedule({ overlap: 'queue' })
    await scene.pass(0.6)
    scene.isLocked = true
    await scene.pass(1)
    scene.isLocked = false
    scene.schedule({ overlap: 'queue', catchUp: 'all' })
    await scene.pass(5.5)
    expect(scene.fired).toEqual([1, 1, 2, 3, 4, 5])
  })

  it('can be disposed of although the store cannot be used', async () => {
    const scene = new Scene()
    const schedule = scene.schedule()
    await scene.pass(0.505)
    scene.isLocked = true
    const over = schedule[Symbol.asyncDispose]()
    await scene.pass(3)
    await over
    expect(scene.fired).toEqual([1])
    expect(scene.failures).toEqual(['the schedule: database is locked'])
  })

  it('fires no more once it is disposed of, and waits for what it began', async () => {
    const scene = new Scene()
    scene.runMs = 2 * MINUTE
    const schedule = scene.schedule()
    expect(schedule.next?.toISOString()).toBe('2026-01-01T00:01:00.000Z')
    await scene.pass(0.7)
    let isOver = false
    const over = schedule[Symbol.asyncDispose]().then(() => (isOver = true))
    await scene.pass(1)
    expect(isOver).toBe(false)
    await scene.pass(2)
    await over
    expect(scene.fired).toEqual([1])
  })
})
