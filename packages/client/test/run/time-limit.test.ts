import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Cancellation } from '../../src/cancellation.ts'
import { step } from '../../src/index.ts'
import { withTimeLimit } from '../../src/run/time-limit.ts'
import { list, withClient } from '../local-plans.ts'
import { VirtualTime } from '../virtual-time.ts'

describe('tries', () => {
  it('[F18] [F20] that run past their time let no other begin before they have ended', async () => {
    let [running, most] = [0, 0]
    const tidy = step({
      name: 'tidy',
      input: z.number(),
      output: z.number(),
      run: (_, { signal }) => {
        most = Math.max(most, ++running)
        return new Promise<number>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            setTimeout(() => {
              running--
              reject(new RangeError('told to stop'))
            }, 30)
          })
        })
      },
    })
    const plan = list.step(tidy, {
      timeout: '10ms',
      retries: 2,
      concurrency: 1,
      fallback: (_, n) => n,
    })
    await withClient(async (client) => {
      const { output } = await client.run(plan, { items: [1, 2, 3] })
      expect(output).toEqual([1, 2, 3])
    })
    expect(most).toBe(1)
  })

  it('[F20] are over at the moment when their time is, however little they heed that', async () => {
    const time = new VirtualTime()
    const schedule = (ms: number, run: () => void) => {
      time.after(ms, run)
      return () => {}
    }
    const clock = { now: () => time.now, schedule }
    const attempt = { cancellation: new Cancellation(), timeoutMs: 100 }
    const never = withTimeLimit(new Promise<number>(() => {}), { attempt, clock })
    time.play(101)
    await expect(never).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(time.now).toBeCloseTo(100)
  })
})
