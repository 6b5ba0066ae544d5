import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type Pipeline } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const number = z.number()
const row = z.object({ n: number })
const start = pipeline('p', { n: number })
const turn = (ms = 2) => new Promise((resolve) => setTimeout(resolve, ms))

type Plan = Pipeline<{ n: number }, unknown, 'one'>

/** Fibonacci numbers of a step that asks the plan that it is in, which may be built anew for each. */
function fibonacci(planOf: (work: ReturnType<typeof makeFib>) => Plan) {
  const ran: number[] = []
  const work = makeFib(ran, () => planOf(work))
  return { ran, plan: planOf(work) }
}

function makeFib(ran: number[], planOf: () => Plan) {
  return step({
    name: 'fib',
    input: row,
    output: number,
    run: async ({ n }, { call }) => {
      ran.push(n)
      await turn()
      if (n < 2) return n
      const [one, other] = await Promise.all([1, 2].map((less) => call(planOf(), { n: n - less })))
      return Number(one) + Number(other)
    },
  })
}

const POLICIES = [
  { cache: true },
  { cache: true, concurrency: 1 },
  { cache: true, concurrency: 2 },
] as const

/** A step that asks another plan on the rows that it is told to, after so many milliseconds. */
function asking(name: string, ms: number, ask: (n: number) => [plan: Plan | undefined, n: number]) {
  return step({
    name,
    input: row,
    output: z.unknown(),
    run: async ({ n }, { call }) => {
      await turn(ms)
      const [plan, next] = ask(n)
      return plan ? call(plan, { n: next }) : n
    },
  })
}

describe('calls that wait for the answers of others', () => {
  it.each(POLICIES)(
    '[F2] [F18] come to their end in a step that asks itself: %j',
    async (policy) => {
      const plans: { same?: Plan } = {}
      const { ran, plan } = fibonacci(
        (work) => (plans.same ??= start.step(work, policy).map((n): unknown => n)),
      )
      await withClient(async (client) => {
        const { output } = await client.run(plan, [{ n: 7 }, { n: 8 }, { n: 7 }, { n: 5 }])
        expect(output).toEqual([13, 21, 13, 5])
      })
      expect(ran.length).toBe(9)
    },
  )

  it.each(POLICIES)(
    '[F2] [F18] come to their end where the plan is built for each row: %j',
    async (policy) => {
      const { ran, plan } = fibonacci((work) => start.step(work, policy).map((n): unknown => n))
      await withClient(async (client) => {
        const { output } = await client.run(plan, [{ n: 7 }, { n: 8 }, { n: 7 }, { n: 5 }])
        expect(output).toEqual([13, 21, 13, 5])
      })
      expect(ran.length).toBe(9)
    },
  )

  it('[F2] [F18] come to their end where one has the turn that leads to the answer which it waits for', async () => {
    const plans: { shared?: Plan } = {}
    const first = asking('first', 5, (n) => (n > 0 ? [plans.shared, 7] : [undefined, 0]))
    const gated: Plan = pipeline('gated', { n: number }).step(first, { concurrency: 1 })
    const second = asking('second', 20, () => [gated, 0])
    const shared: Plan = pipeline('shared', { n: number }).step(second, { cache: true })
    plans.shared = shared
    await withClient(async (client) => {
      const { output } = await client.run(start.parallel({ gated, shared }), { n: 7 })
      expect(output).toEqual({ n: 7, gated: 0, shared: 0 })
    })
  })

  it('[F2] [F18] come to their end where the turn is waited for before the answer', async () => {
    const plans: { shared?: Plan } = {}
    const first = asking('first', 20, (n) => (n > 0 ? [plans.shared, 7] : [undefined, 0]))
    const gated: Plan = pipeline('gated', { n: number }).step(first, { concurrency: 1 })
    const second = asking('second', 5, () => [gated, 0])
    const shared: Plan = pipeline('shared', { n: number }).step(second, { cache: true })
    plans.shared = shared
    await withClient(async (client) => {
      const { output } = await client.run(start.parallel({ gated, shared }), { n: 7 })
      expect(output).toEqual({ n: 7, gated: 0, shared: 0 })
    })
  })

  it('[F2] [F18] come to their end where runs wait for the answers of each other', async () => {
    const plans: Record<string, Plan> = {}
    // Each has the one turn of its own run, and wants what the other run is about to answer.
    const runOf = (own: string, other: string): Plan => {
      const gate = asking(`gate ${own}`, 10, (n) => (n > 0 ? [plans[other], 1] : [undefined, 0]))
      const gated: Plan = pipeline(`gated ${own}`, { n: number }).step(gate, { concurrency: 1 })
      const work = asking(`work ${own}`, 30, () => [gated, 0])
      const cached: Plan = pipeline(own, { n: number }).step(work, { cache: true })
      plans[own] = cached
      return start.parallel({ gated, cached }).map((both): unknown => [both.gated, both.cached])
    }
    const both = [runOf('one', 'other'), runOf('other', 'one')]
    await withClient(async (client) => {
      const results = await Promise.all(both.map((plan) => client.run(plan, { n: 1 })))
      expect(results.map(({ output }) => output)).toEqual([
        [0, 0],
        [0, 0],
      ])
    })
  })

  it('[F2] fail, by name, where two steps ask each other for their answers', async () => {
    const plans: Record<string, Plan> = {}
    const ping = asking('ping', 2, (n) => [plans['pong'], n])
    const pong = asking('pong', 2, (n) => [plans['ping'], n])
    plans['ping'] = pipeline('ping', { n: number }).step(ping, { cache: true })
    plans['pong'] = pipeline('pong', { n: number }).step(pong, { cache: true })
    const both = start.parallel({ ping: plans['ping'], pong: plans['pong'] })
    await withClient(async (client) => {
      const { message } = await failureOf(client.run(both, { n: 1 }))
      expect(message).toContain('asks itself for the answer that it is to give')
    })
  })

  it('[F2] fail, by name, where a step asks itself for the answer that it is to give', async () => {
    const { plan } = circular((work) => start.step(work, { cache: true }))
    await withClient(async (client) => {
      const error = await failureOf(client.run(plan, { n: 1 }))
      expect(error.message).toContain(
        "step 'circle/circle' asks itself for the answer that it is to give",
      )
    })
  })
})

function circular(planOf: (work: ReturnType<typeof makeCircle>) => Plan) {
  const work = makeCircle(() => planOf(work))
  return { plan: planOf(work) }
}

function makeCircle(planOf: () => Plan) {
  return step({
    name: 'circle',
    input: row,
    output: z.unknown(),
    run: ({ n }, { call }) => call(planOf(), { n }),
  })
}
