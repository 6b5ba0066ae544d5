import { systemClock } from '@skein/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Cancellation } from '../../src/cancellation.ts'
import { ClientError } from '../../src/errors.ts'
import { step } from '../../src/index.ts'
import { LocalSteps } from '../../src/run/local-step.ts'
import type { AnyStep } from '../../src/plan/plan.ts'
import { workOf } from '../../src/plan/runnable.ts'
import { noContext } from './no-context.ts'

function localOf(runnable: unknown): AnyStep {
  const work = workOf(runnable, 'test')
  if (work.kind === 'local') return work.step
  throw new RangeError('no local step')
}

function run(
  runnable: unknown,
  {
    timeoutMs,
    cancellation = new Cancellation(),
  }: { timeoutMs?: number; cancellation?: Cancellation } = {},
) {
  const attempt = { key: '0/s', input: 3, attempt: 1, cancellation, timeoutMs, ...noContext }
  return new LocalSteps(systemClock).run(localOf(runnable), attempt)
}

const numbers = { name: 's', input: z.number(), output: z.number() }

describe('a local function', () => {
  it('[B1] may answer at once or later', async () => {
    const now = step({ ...numbers, run: (n) => n + 1 })
    const later = step({ ...numbers, run: (n) => Promise.resolve(n + 2) })
    expect(await run(now)).toMatchObject({ ok: true, output: 4, origin: { node: 'local' } })
    expect(await run(later)).toMatchObject({ ok: true, output: 5 })
  })

  it('that throws is named, with what it threw as the cause', async () => {
    const thrown = new RangeError('broken')
    const throws = step({
      ...numbers,
      run: () => {
        throw thrown
      },
    })
    expect(await run(throws)).toMatchObject({
      ok: false,
      error: { code: 'STEP_FAILED', message: "step 's' threw: broken", cause: thrown },
    })
  })

  it('must answer what its schema says', async () => {
    const lies = step({ ...numbers, output: z.number().max(1), run: (n) => n })
    expect(await run(lies)).toMatchObject({ ok: false, error: { code: 'STEP_FAILED' } })
  })

  it('[F20] is left when its time is over, and its signal is aborted', async () => {
    let reason: unknown
    const hangs = step({
      ...numbers,
      run: (_, { signal }) =>
        new Promise<number>(() => {
          signal.addEventListener('abort', () => {
            reason = signal.reason
          })
        }),
    })
    const startedAt = performance.now()
    const outcome = await run(hangs, { timeoutMs: 20 })
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(outcome).toMatchObject({ ok: false, error: { code: 'TIMED_OUT' } })
    expect(reason).toBeInstanceOf(ClientError)
  })

  it('is left a second after the run was cancelled, unless it ends by itself', async () => {
    const cancellation = new Cancellation()
    const hangs = step({ ...numbers, run: () => new Promise<number>(() => {}) })
    const outcome = run(hangs, { cancellation })
    cancellation.cancel(new RangeError('enough'))
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
  })

  it('is told its key and which try it is', async () => {
    const seen: unknown[] = []
    const curious = step({
      ...numbers,
      run: (n, { key, attempt, signal }) => {
        seen.push(key, attempt, signal.aborted)
        return n
      },
    })
    await run(curious)
    expect(seen).toEqual(['0/s', 1, false])
  })
})
