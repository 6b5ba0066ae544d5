import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type PolicyOptions } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const number = z.number()
const TEN = Array.from({ length: 10 }, (_, i) => i)

/** Ten rows of each input; a step takes the policies and fails where it is told to, or on all but the first. */
function inner(policy: PolicyOptions, isBad: (i: number) => boolean = (i) => i > 0) {
  const odd = step({
    name: 'odd',
    input: z.object({ i: number }),
    output: number,
    run: ({ i }) => {
      if (isBad(i)) throw new RangeError(`not ${i}`)
      return i
    },
  })
  return pipeline('inner', { n: number }).broadcast(TEN, { as: 'i' }).step(odd, policy).aggregate()
}

const start = pipeline('p', { n: number })
const SHARE =
  "9 of 10 rows failed in 'inner/odd' (at most 1 may). The first, of item 2 of input number 1"

describe('a pipeline that is asked as a whole', () => {
  it('[F19] fails where too few of its rows succeed, in the words of a run, and is tried again', async () => {
    await withClient(async (client) => {
      const flat = await failureOf(
        client.run(start.step(inner({ minSuccessRatio: 0.9 })), { n: 1 }),
      )
      expect(flat.message).toContain(SHARE)
      let asked = 0
      const counted = inner({ minSuccessRatio: 0.9 }, (i) => {
        asked++
        return i > 0
      })
      const whole = await failureOf(client.run(start.step(counted, { retries: 1 }), { n: 1 }))
      expect(whole.message).toContain(SHARE)
      expect(whole.result.failures).toMatchObject([
        { step: 'inner', error: { code: 'RUN_FAILED' } },
      ])
      // The row that had its answer is not asked again.
      expect(asked).toBe(10 + 9)
    })
  })

  it('[F19] fails so where a step calls it', async () => {
    const body = step({
      name: 'body',
      input: z.object({ n: number }),
      output: z.unknown(),
      run: (row, { call }) => call(inner({ minSuccessRatio: 0.9 }), row),
    })
    await withClient(async (client) => {
      const { message } = await failureOf(client.run(start.step(body), { n: 1 }))
      expect(message).toContain(SHARE.replace('inner/odd', 'body/odd'))
    })
  })

  it('[F19] lists what it has put up with among the failures of the run, of the try that counts', async () => {
    let tries = 0
    const flaky = step({
      name: 'flaky',
      input: z.array(number),
      output: z.array(number),
      run: (list) => {
        if (++tries === 1) throw new RangeError('not yet')
        return list
      },
    })
    const plan = start.step(inner({ minSuccessRatio: 0.9 }, (i) => i === 3).step(flaky), {
      retries: 1,
    })
    await withClient(async (client) => {
      const result = await client.run(plan, [{ n: 1 }, { n: 2 }])
      expect(result.output).toEqual(Array(2).fill(TEN.toSpliced(3, 1)))
      expect(result.failures).toHaveLength(2)
      expect(result.failures).toMatchObject([
        { step: 'inner/odd', index: 0, input: { n: 1, i: 3 } },
        { step: 'inner/odd', index: 1, input: { n: 2, i: 3 } },
      ])
      expect(client.runs.failures(result.id)).toHaveLength(2)
    })
  })

  it('[F19] lists nothing of tries that came to nothing, and made up for', async () => {
    const plan = start.step(inner({ minSuccessRatio: 0.9 }), { retries: 1, fallback: () => [] })
    await withClient(async (client) => {
      const { output, failures } = await client.run(plan, { n: 1 })
      expect(output).toEqual([])
      expect(failures).toEqual([])
    })
  })

  it('[F19] lists failures that its branches collect', async () => {
    const broken = step({
      name: 'broken',
      input: z.object({ n: number }),
      output: number,
      run: () => {
        throw new RangeError('no')
      },
    })
    const kept = step({
      name: 'kept',
      input: z.object({ n: number }),
      output: number,
      run: ({ n }) => n,
    })
    const branches = pipeline('branches', { n: number }).parallel(
      { broken, kept },
      { onError: 'collect' },
    )
    await withClient(async (client) => {
      const { output, failures } = await client.run(start.step(branches, { retries: 1 }), { n: 4 })
      expect(output).toMatchObject({ kept: 4 })
      expect(failures).toMatchObject([{ step: expect.stringContaining('broken') as unknown }])
    })
  })

  it('[F19] begins no further row after a failure that ends all, and then fails with it', async () => {
    const ran: number[] = []
    const slow = step({
      name: 'slow',
      input: z.object({ i: number }),
      output: number,
      run: async ({ i }) => {
        ran.push(i)
        await new Promise((resolve) => setTimeout(resolve, 1))
        if (i === 2) throw new RangeError('not two')
        return i
      },
    })
    const plan = pipeline('inner', { n: number })
      .broadcast(TEN, { as: 'i' })
      .step(slow, { failFast: true, minSuccessRatio: 0.5, concurrency: 1 })
      .aggregate()
    await withClient(async (client) => {
      const { message } = await failureOf(
        client.run(start.step(plan, { retries: 0, timeout: '1m' }), { n: 1 }),
      )
      expect(message).toContain('not two')
      expect(ran).toHaveLength(ran.indexOf(2) + 1)
    })
  })
})
