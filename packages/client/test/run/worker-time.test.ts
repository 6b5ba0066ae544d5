import { once } from 'node:events'
import { BroadcastChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Cancellation } from '../../src/cancellation.ts'
import { ClientError } from '../../src/errors.ts'
import { step } from '../../src/index.ts'
import { workOf } from '../../src/plan/runnable.ts'
import { LocalSteps } from '../../src/run/local-step.ts'
import { WorkerPool } from '../../src/run/worker-pool.ts'
import { VirtualTime } from '../virtual-time.ts'
import { until } from '../waiting.ts'
import { BEGUN } from './heavy-work.ts'
import { noContext } from './no-context.ts'

interface Limits {
  readonly timeoutMs?: number
  readonly cancellation?: Cancellation
}

/** Steps on one thread, by a clock that goes when it is told to. */
function scene() {
  const time = new VirtualTime()
  const schedule = (ms: number, run: () => void) => {
    let isOff = false
    time.after(ms, () => {
      if (!isOff) run()
    })
    return () => {
      isOff = true
    }
  }
  const clock = { now: () => time.now, schedule }
  const workers = new WorkerPool({ size: 1, clock })
  const local = new LocalSteps(clock, { workers })
  const ask = (place: string, input: unknown, { timeoutMs, cancellation }: Limits = {}) => {
    const worker = import.meta.resolve(`./${place}`)
    const work = workOf(step({ name: 's', input: z.any(), output: z.number(), worker }), 'test')
    if (work.kind !== 'local') throw new RangeError('no local step')
    const limits = { timeoutMs, cancellation: cancellation ?? new Cancellation() }
    return local.run(work.step, { key: '0/s', input, attempt: 1, ...limits, ...noContext })
  }
  const goOn = (ms: number) => {
    time.after(ms, () => {})
    time.play(time.now + ms + 1)
  }
  return { goOn, ask, [Symbol.asyncDispose]: () => workers[Symbol.asyncDispose]() }
}

/** Tells when a thread loads its file, and lets it. */
function start() {
  const channel = new BroadcastChannel('slow-start')
  const isReached = once(channel, 'message')
  const goOn = () => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is no window
    channel.postMessage('go on')
  }
  return {
    isReached,
    goOn,
    [Symbol.dispose]: () => {
      channel.close()
    },
  }
}

/** What a thread waits at, until it is opened. */
function gate() {
  const cell = new Int32Array(new SharedArrayBuffer(4))
  const open = () => {
    Atomics.store(cell, 0, BEGUN + 1)
    Atomics.notify(cell, 0)
  }
  return { cell, open, isReached: () => Atomics.load(cell, 0) === BEGUN }
}

describe('a step in a thread', () => {
  it('[B7] [F20] has its time from when a thread takes it, however long others were before it', async () => {
    await using at = scene()
    await at.ask('heavy-work.ts', 1)
    const [before, busy] = [gate(), gate()]
    const first = at.ask('heavy-work.ts#held', before.cell)
    await until(before.isReached)
    const waiting = at.ask('heavy-work.ts', 2, { timeoutMs: 10 })
    const late = at.ask('heavy-work.ts#held', busy.cell, { timeoutMs: 10 })
    at.goOn(100)
    before.open()
    expect(await first).toMatchObject({ ok: true, origin: { ms: expect.closeTo(100) as unknown } })
    expect(await waiting).toMatchObject({ ok: true, output: 4, origin: { ms: 0 } })
    await until(busy.isReached)
    at.goOn(10)
    expect(await late).toMatchObject({
      ok: false,
      error: { code: 'TIMED_OUT', message: 'did not finish within 10 ms' },
    })
  })

  it('[B7] [F20] has its time from when its thread has loaded what it needs', async () => {
    await using at = scene()
    using loading = start()
    const first = at.ask('slow-start.ts', 2, { timeoutMs: 10 })
    await loading.isReached
    at.goOn(100)
    loading.goOn()
    expect(await first).toMatchObject({ ok: true, output: 4, origin: { ms: 0 } })
    expect(await at.ask('slow-start.ts', 2, { timeoutMs: 10 })).toMatchObject({
      ok: true,
      output: 4,
    })
  })

  it('[B7] [F20] fails where its thread loads for ever, and the next one has another', async () => {
    await using at = scene()
    using loading = start()
    const first = at.ask('slow-start.ts', 2, { timeoutMs: 10 })
    await loading.isReached
    at.goOn(60_000)
    expect(await first).toMatchObject({
      ok: false,
      error: {
        code: 'TIMED_OUT',
        message: expect.stringMatching(
          /^the thread of step 's' is not ready: file:.*slow-start\.ts did not load within 60000 ms$/,
        ) as unknown,
      },
    })
    expect(await at.ask('heavy-work.ts', 2)).toMatchObject({ ok: true, output: 4 })
  })

  it('[B7] is out of the line at once when it is cancelled, without its thread being ended', async () => {
    await using at = scene()
    const before = gate()
    const first = at.ask('heavy-work.ts#held', before.cell)
    await until(before.isReached)
    const cancellation = new Cancellation()
    const waiting = at.ask('heavy-work.ts', 2, { cancellation })
    cancellation.cancel(new ClientError('CANCELLED', 'enough'))
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
    before.open()
    expect(await first).toMatchObject({ ok: true })
  })
})
