import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { chain, graph, pipeline, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'

const half = step({
  name: 'half',
  input: z.object({ n: z.number() }),
  output: z.number(),
  run: ({ n }) => n / 2,
})
const sum = step({
  name: 'sum',
  input: z.array(z.number()),
  output: z.number(),
  run: (all) => all.reduce((one, other) => one + other, 0),
})
const count = step({
  name: 'count',
  input: z.object({ all: z.array(z.number()) }),
  output: z.number(),
  run: ({ all }) => all.length,
})
const many = pipeline('many', { n: z.number() }).broadcast(2).step(half)
const outer = pipeline('outer', { n: z.number() })

describe('a pipeline of many rows as a step', () => {
  it.each([
    ['in a chain', chain('chained', many, sum), 4],
    ['in a pipeline', outer.step(many).step(sum), 4],
    ['as a column', outer.step(many, { as: 'all' }).step(count), 2],
    [
      'in a graph',
      graph('wired', { input: { n: z.number() } }, (g, row) => g(sum, g(many, row))),
      4,
    ],
    ['scattered again', outer.step(many).scatter().step(half).aggregate().step(sum), 2],
  ])('[F12][F13] gives the step after it the list of them: %s', async (_, plan, output) => {
    expect(plan.validate()).toMatchObject({ ok: true })
    await withClient(async (client) => {
      expect((await client.run(plan, { n: 4 })).output).toBe(output)
    })
  })

  it('[F8] is refused where the step after it takes one of them', () => {
    // @ts-expect-error the list is no number
    const plan = outer.step(many).step(half)
    const message = 'what it is given does not fit its input: it is number[], not object'
    expect(plan.validate().errors).toEqual([{ step: 'half', message }])
  })

  it('[F13] may give whatever its function decides when it runs', async () => {
    const decided = outer.step(pipeline('made', { n: z.number() }).callback(() => [1, 2])).step(sum)
    await withClient(async (client) => {
      expect((await client.run(decided, { n: 4 })).output).toBe(3)
    })
  })
})
