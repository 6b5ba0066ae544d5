/* oxlint-disable unicorn/no-thenable -- who awaits them is what these tests are about */

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const n = z.number()
const half = step({ name: 'half', input: z.object({ n }), output: n, run: (row) => row.n / 2 })
const keys = step({
  name: 'keys',
  input: z.record(z.string(), z.unknown()),
  output: z.array(z.string()),
  run: (row) => Object.keys(row),
})

/** Nobody may call it. */
const never = (): never => {
  throw new RangeError('called')
}
const start = pipeline('p', { n })
const THEN = 'then'
const functions: readonly unknown[] = [never]
const withFunction = start.broadcast(functions, { as: THEN })
const REFUSED = 'a function cannot be recorded'

describe("a column named 'then'", () => {
  it('[P3] is a column like any other', async () => {
    await withClient(async (client) => {
      const column = start.step(half, { as: THEN })
      expect((await client.run(column, { n: 4 })).output).toEqual({ n: 4, [THEN]: 2 })
      expect((await client.run(column.step(keys), { n: 4 })).output).toEqual(['n', THEN])
      const beside = start.parallel({ [THEN]: half })
      expect((await client.run(beside, { n: 4 })).output).toEqual({ n: 4, [THEN]: 2 })
      const tried = start.step(column, { retries: 1 })
      expect((await client.run(tried, { n: 4 })).output).toEqual({ n: 4, [THEN]: 2 })
    })
  })

  it('[P3] is refused where it holds a function, which nobody calls', async () => {
    await withClient(async (client) => {
      const run = client.run(withFunction, [{ n: 1 }])
      const rows: unknown[] = []
      const reading = async () => {
        for await (const row of run.rows()) rows.push(Object.keys(row))
      }
      expect((await failureOf(reading())).message).toContain(REFUSED)
      expect(rows).toEqual([['n', THEN]])
    })
  })

  it('[F13] is refused where a pipeline that is tried as a whole, or asked for, gives it', async () => {
    const asking = step({
      name: 'asking',
      input: z.object({ n }),
      output: z.unknown(),
      run: (row, { call }) => call(withFunction, row),
    })
    await withClient(async (client) => {
      for (const whole of [start.step(withFunction, { retries: 1 }), start.step(asking)]) {
        expect((await failureOf(client.run(whole, { n: 1 }))).message).toContain(REFUSED)
      }
    })
  })
})

describe('a graph', () => {
  it("[F7] wires the fields named 'then' of its input and of answers", async () => {
    const makes = step({
      name: 'makes',
      input: z.object({ n }),
      output: z.object({ [THEN]: n }),
      run: (row) => ({ [THEN]: row.n }),
    })
    const plan = graph('g', { input: { n, [THEN]: z.string() } }, (g, input) => ({
      [THEN]: g(makes, { n: input.n })[THEN],
      text: input[THEN],
    }))
    await withClient(async (client) => {
      const { output } = await client.run(plan, { n: 4, [THEN]: 'next' })
      expect(output).toEqual({ [THEN]: 4, text: 'next' })
    })
  })

  it("[F8] whose output has a function named 'then' is refused", () => {
    expect(() =>
      graph('g', { input: { n } }, (g, input) => ({ [THEN]: never, half: g(half, input) })),
    ).toThrow("'then' of the output of graph 'g' is a function")
  })

  it('[F8] whose function is async is refused, also where it gives a reference', () => {
    expect(() => graph('g', { input: { n } }, async (g, input) => g(half, input))).toThrow(
      'its function cannot be async',
    )
  })
})
