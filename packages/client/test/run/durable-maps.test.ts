import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type StepContext } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const number = z.number()

function body(run: (n: number, context: StepContext) => Promise<unknown>) {
  return step({ name: 'body', input: number, output: z.unknown(), run })
}

describe('the map of a durable step', () => {
  it('[X2] [Q6] does not give a part of its answers when the run is cancelled', async () => {
    const begun = Promise.withResolvers<void>()
    const open = Promise.withResolvers<void>()
    const gated = step({
      name: 'gated',
      input: number,
      output: number,
      run: async (n) => {
        if (n === 2) begun.resolve()
        await open.promise
        return n * 2
      },
    })
    const seen: unknown[] = []
    const sum = body(async (_, { map }) => {
      const doubled = await map([1, 2, 3, 4], gated, { concurrency: 2 })
      seen.push(doubled)
      return doubled
    })
    await withClient(async (client) => {
      const run = client.run(sum, 0, { id: 'cut' })
      await begun.promise
      const over = run.cancel()
      open.resolve()
      await over
      await failureOf(run)
      expect((await client.resume('cut', sum)).output).toEqual([2, 4, 6, 8])
    })
    expect(seen).toEqual([[2, 4, 6, 8]])
  })

  it('[Q6] may fail, and be asked again one by one: a resume finds it as it was', async () => {
    const late = Promise.withResolvers<void>()
    const waiting = Promise.withResolvers<void>()
    const ran: number[] = []
    const leaf = step({
      name: 'leaf',
      input: number,
      output: number,
      run: async (n) => {
        ran.push(n)
        if (n === 0) await late.promise
        if (n === 2) setImmediate(late.resolve)
        if (n === 0) throw new RangeError('zero')
        return n
      },
    })
    let isUp = false
    const other = step({
      name: 'other',
      input: z.string(),
      output: z.string(),
      run: async (text, { signal }) => {
        waiting.resolve()
        if (!isUp) await new Promise((_, no) => signal.addEventListener('abort', no))
        return text
      },
    })
    const patient = body(async (_, { map, call }) => {
      const failure = await map([0, 1, 2, 3], leaf, { concurrency: 2 }).catch(String)
      const one = await call(leaf, 3)
      return call(other, `${String(failure)} ${one}`)
    })
    await withClient(async (client) => {
      const run = client.run(patient, 0, { id: 'again' })
      await waiting.promise
      await run.cancel()
      await failureOf(run)
      isUp = true
      const { output } = await client.resume('again', patient)
      expect(output).toBe("ClientError: step 'leaf' threw: zero 3")
    })
    expect(ran.filter((n) => n === 0)).toEqual([0])
  })
})

describe('steps in steps', () => {
  it('[Q6] [P4] have names as long as they like: what is far below is not taken for what they asked', async () => {
    const input = { n: number }
    let isUp = false
    const first = step({
      name: 'first',
      input: z.object(input),
      output: number,
      run: ({ n }) => n + 1,
    })
    const second = step({
      name: 'second',
      input: z.object(input),
      output: number,
      run: ({ n }) => {
        if (!isUp) throw new RangeError('down')
        return n * 2
      },
    })
    const inner = pipeline('check-one-paragraph', input).step(first, { as: 'm' }).step(second)
    const outer = pipeline('translate-and-check', input).step(inner, { retries: 1 })
    const plan = pipeline('plan', input).step(outer, { retries: 1 })
    await withClient(async (client) => {
      await failureOf(client.run(plan, { n: 1 }, { id: 'long' }))
      isUp = true
      const { output, stats } = await client.resume('long', plan)
      expect({ output, cached: stats.cached }).toEqual({ output: 2, cached: 1 })
    })
  })
})
