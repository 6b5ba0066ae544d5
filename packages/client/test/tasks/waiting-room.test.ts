import type { Clock } from '@skein/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Cancellation } from '../../src/cancellation.ts'
import { ClientError } from '../../src/errors.ts'
import { createMemoryStore, external } from '../../src/index.ts'
import type { ExternalDefinition } from '../../src/plan/external.ts'
import { workOf } from '../../src/plan/runnable.ts'
import { LocalSteps } from '../../src/run/local-step.ts'
import { TaskDesk } from '../../src/tasks/task-desk.ts'
import { WaitingRoom } from '../../src/tasks/waiting-room.ts'
import { noContext } from '../run/no-context.ts'
import { VirtualTime } from '../virtual-time.ts'

const REVIEW = { name: 'review', input: z.string(), output: z.number() }
const TASK = 'r/0/review'

type Rest = Partial<ExternalDefinition<typeof REVIEW.input, typeof REVIEW.output>>

/** A run that asks somebody, in time that passes when it is told to. */
function createScene() {
  const time = new VirtualTime()
  const schedule: Clock['schedule'] = (ms, run) => {
    let isWanted = true
    time.after(ms, () => {
      if (isWanted) run()
    })
    return () => {
      isWanted = false
    }
  }
  const clock = { now: () => time.now, schedule }
  const store = createMemoryStore()
  const desk = new TaskDesk(store)
  const stopped = new Cancellation()
  const parts = { desk, project: 'default', clock, wallNow: clock.now, stopped }
  const waitingRoom = new WaitingRoom('r', parts)
  const steps = new LocalSteps(clock, { waitingRoom })
  const ask = (rest: Rest, timeoutMs?: number, cancellation = new Cancellation()) => {
    const work = workOf(external({ ...REVIEW, ...rest }), 'test')
    if (work.kind !== 'local') throw new RangeError('no local step')
    const attempt = { key: '0/review', input: 'a draft', attempt: 1, cancellation, timeoutMs }
    return steps.run(work.step, { ...attempt, ...noContext })
  }
  return { time, store, desk, waitingRoom, ask }
}

describe('an answer of somebody outside', () => {
  it.each([
    ["its step's own time was over", { timeout: 300 }, undefined],
    ['the time of a try was over', {}, 300],
  ])('[Q9] counts if it was taken before %s, and nobody had looked', async (_, rest, timeoutMs) => {
    const { time, desk, ask } = createScene()
    const asked = ask(rest, timeoutMs)
    time.play(299)
    expect(desk.complete(TASK, 7)).toEqual({ state: 'done' })
    time.play(1000)
    expect(await asked).toMatchObject({ ok: true, output: 7 })
  })

  it('[Q9] counts if it was taken at the moment at which the run gave up', async () => {
    const { time, desk, ask } = createScene()
    const asked = ask({ timeout: 300 })
    time.play(501)
    // Another process comes between two steps of this one.
    expect(desk.complete(TASK, 7)).toEqual({ state: 'done' })
    expect(await asked).toMatchObject({ ok: true, output: 7 })
  })

  it.each([
    ["its step's own time was over", { timeout: 300 }, undefined],
    ['the time of a try was over', {}, 300],
  ])('[Q9] is refused once %s', async (_, rest, timeoutMs) => {
    const { time, desk, ask } = createScene()
    const asked = ask(rest, timeoutMs)
    time.play(1000)
    expect(await asked).toMatchObject({ ok: false, error: { code: 'TIMED_OUT' } })
    expect(desk.complete(TASK, 7)).toEqual({ state: 'unknown' })
  })

  it('[Q9] is refused from the moment on at which the time of a try was over', () => {
    const { time, desk, ask } = createScene()
    void ask({}, 300)
    time.play(301)
    expect(desk.complete(TASK, 7)).toEqual({ state: 'unknown' })
  })

  it('[Q9] is there for the next try if the one that waited was called off, and goes when it is recorded', async () => {
    const { desk, waitingRoom, ask } = createScene()
    const cancellation = new Cancellation()
    const asked = ask({}, undefined, cancellation)
    expect(desk.complete(TASK, 7)).toEqual({ state: 'done' })
    cancellation.cancel(new ClientError('TIMED_OUT', 'the plan around it did not finish'))
    expect(await asked).toMatchObject({ ok: false })
    expect(await ask({})).toMatchObject({ ok: true, output: 7 })
    waitingRoom.recorded('0/review')
    waitingRoom.close()
    expect(desk.complete(TASK, 7)).toEqual({ state: 'unknown' })
  })

  it('[Q9] fails the try, and nothing but it, where its task cannot be read when its time is over', async () => {
    const { time, store, ask } = createScene()
    const asked = ask({}, 200)
    await store[Symbol.asyncDispose]()
    store.transaction = () => {
      throw new RangeError('the disk is gone')
    }
    time.play(1000)
    const error = { code: 'STORE_FAILED', message: 'the disk is gone' }
    expect(await asked).toMatchObject({ ok: false, error })
  })
})
