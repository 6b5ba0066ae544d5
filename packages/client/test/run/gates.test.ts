import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type Pipeline } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'

const number = z.number()
const row = z.object({ n: number })
const turn = () => new Promise((resolve) => setTimeout(resolve, 2))

/** A pipeline whose step runs for so many rows at once, and notes how many did. */
function gated(concurrency: number) {
  const running = { now: 0, most: 0 }
  const slow = step({
    name: 'slow',
    input: row,
    output: number,
    run: async ({ n }) => {
      running.most = Math.max(running.most, ++running.now)
      await turn()
      running.now--
      return n
    },
  })
  return { running, plan: pipeline('inner', { n: number }).step(slow, { concurrency }) }
}

const start = pipeline('p', { n: number })
const rows = Array.from({ length: 12 }, (_, n) => ({ n }))

describe('the concurrency of a step', () => {
  it('[F18] holds for the whole run in a pipeline that is tried as a whole', async () => {
    const { running, plan } = gated(2)
    await withClient(async (client) => {
      const { output } = await client.run(start.step(plan, { retries: 1 }), rows)
      expect(output).toEqual(rows.map(({ n }) => n))
    })
    expect(running.most).toBe(2)
  })

  it('[F18] holds for all that steps call', async () => {
    const { running, plan } = gated(3)
    const body = step({
      name: 'body',
      input: row,
      output: z.array(number),
      run: async ({ n }, { call, map }) => {
        const one: unknown = await call(plan, { n })
        return number.array().parse([one, ...(await map([{ n: n + 1 }, { n: n + 2 }], plan))])
      },
    })
    await withClient(async (client) => {
      const { output } = await client.run(start.step(body), rows)
      expect(output).toEqual(rows.map(({ n }) => [n, n + 1, n + 2]))
    })
    expect(running.most).toBe(3)
  })

  it('[F18] keeps no call waiting for itself: a step may ask the plan that it is in', async () => {
    let plan: Pipeline<{ n: number }, unknown> | undefined
    const countdown = step({
      name: 'countdown',
      input: row,
      output: z.unknown(),
      run: async ({ n }, { call }) => {
        await turn()
        return n === 0 || !plan ? 0 : call(plan, { n: n - 1 })
      },
    })
    plan = start.step(countdown, { concurrency: 1 })
    await withClient(async (client) => {
      const { output } = await client.run(plan, [{ n: 3 }, { n: 2 }, { n: 3 }])
      expect(output).toEqual([0, 0, 0])
    })
  })

  it('[F18] keeps no two steps waiting for each other', async () => {
    const plans: Record<string, Pipeline<{ n: number }, unknown>> = {}
    const asking = (name: string, other: string) =>
      step({
        name,
        input: row,
        output: z.unknown(),
        run: async ({ n }, { call }) => {
          await turn()
          const plan = plans[other]
          return n === 0 || !plan ? name : call(plan, { n: n - 1 })
        },
      })
    plans['ping'] = pipeline('ping', { n: number }).step(asking('ping', 'pong'), { concurrency: 1 })
    plans['pong'] = pipeline('pong', { n: number }).step(asking('pong', 'ping'), { concurrency: 1 })
    const both = start.parallel({ ping: plans['ping'], pong: plans['pong'] })
    await withClient(async (client) => {
      const { output } = await client.run(both, [{ n: 3 }, { n: 2 }, { n: 3 }])
      expect(output).toMatchObject([{ ping: 'pong' }, { ping: 'ping' }, { pong: 'ping' }])
    })
  })

  it('[F18] gives the turn of a try whose time is over to the next', async () => {
    const ran: number[] = []
    const stuck = step({
      name: 'stuck',
      input: z.object({ i: number }),
      output: number,
      run: ({ i }, { signal }) => {
        ran.push(i)
        if (ran.length > 1) return i
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new RangeError('called off'))
          })
        })
      },
    })
    const inner = pipeline('inner', { n: number })
      .broadcast([7, 8], { as: 'i' })
      .step(stuck, { concurrency: 1 })
      .aggregate()
    await withClient(async (client) => {
      const plan = start.step(inner, { timeout: '50ms', retries: 1 })
      expect(await client.run(plan, { n: 1 })).toMatchObject({ output: [7, 8] })
    })
    expect(ran).toEqual([7, 7, 8])
  })
})
