import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { step } from '../../src/index.ts'
import { list, withClient } from '../local-plans.ts'

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
})
