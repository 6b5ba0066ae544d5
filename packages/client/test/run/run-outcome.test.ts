import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'

describe('the summary of a run', () => {
  it.each([
    [0, /^flaky-rows \(r\): done in [\d.]+ m?s$/],
    [1, /^flaky-rows \(r\): done in [\d.]+ m?s, after 1 retry$/],
    [2, /^flaky-rows \(r\): done in [\d.]+ m?s, after 2 retries$/],
  ])('[F11] says that steps were tried again (%i times)', async (failures, headline) => {
    let left = failures
    const flaky = step({
      name: 'flaky',
      input: z.object({ n: z.number() }),
      output: z.number(),
      run: ({ n }) => {
        if (left-- > 0) throw new RangeError('not yet')
        return n
      },
    })
    const plan = pipeline('flaky-rows', { n: z.number() }).step(flaky, { retries: 2 })
    await withClient(async (client) => {
      const result = await client.run(plan, { n: 1 }, { id: 'r' })
      expect(result.summary().split('\n')[0]).toMatch(headline)
    })
  })
})
