import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step, type Run } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const number = z.number()
const half = step({
  name: 'half',
  input: z.object({ n: number }),
  output: number,
  run: ({ n }) => n / 2,
})
const Half = z.object({ half: number })
const strict = step({ name: 'strict', input: Half, output: number, run: (row) => row.half })
/** The same where the compiler does not see that it may be absent: inside a column or a list. */
const Hidden: z.ZodType<{ half: number }, { half?: number | undefined }> = Half
const HiddenList: z.ZodType<number[], readonly (number | undefined)[]> = z.array(number)
const count = step({
  name: 'count',
  input: z.object({ rows: z.array(Hidden) }),
  output: number,
  run: ({ rows }) => rows.length,
})
const lenient = step({
  name: 'lenient',
  input: z.object({ half: number.optional() }),
  output: z.string(),
  run: (row) => `half is ${row.half}`,
})

const isEven = ({ n }: { readonly n: number }) => n % 2 === 0
const io = { input: { n: number } }
const halved = pipeline('halved', { n: number }).step(half, { as: 'half', when: isEven })
const halves = pipeline('halves', { ns: z.array(number) })
  .scatter('ns')
  .map(({ ns }) => ({ n: ns }))
  .step(half, { as: 'half', when: isEven })

/** The output of a plan, and why steps were left out that were to run. */
async function cameOf(run: Run<unknown, unknown>) {
  const skips: string[] = []
  for await (const event of run.events()) {
    const isSkip = event.type === 'task' && event.state === 'skipped' && event.why !== 'when'
    if (isSkip) skips.push(`${event.step}: ${event.why}`)
  }
  const { output, failures } = await run
  expect(failures).toEqual([])
  return { output, skips }
}

describe('what is absent in a graph', () => {
  it('[P11] has its origin in what a part gave', async () => {
    const plan = graph('g', io, (g, input) => {
      const row = g(halved, input)
      return {
        strict: g(strict, row),
        field: g(strict, { half: row.half }, { name: 'field' }),
        easy: g(lenient, row),
      }
    })
    await withClient(async (client) => {
      expect(await cameOf(client.run(plan, { n: 3 }))).toEqual({
        output: { easy: 'half is undefined' },
        skips: ["strict: 'halved/half' is absent", "field: 'halved/half' is absent"],
      })
      const whole = { strict: 2, field: 2, easy: 'half is 2' }
      expect(await cameOf(client.run(plan, { n: 4 }))).toEqual({ output: whole, skips: [] })
    })
  })

  it('[P11] has its origin in rows that a part gave as a list', async () => {
    const plan = graph('g', { input: { ns: z.array(number) } }, (g, input) => {
      const rows = g(halves, input)
      return g(count, { rows })
    })
    await withClient(async (client) => {
      const skips = ["count: 'halves/half' is absent"]
      expect(await cameOf(client.run(plan, { ns: [4, 3] }))).toEqual({ output: undefined, skips })
    })
  })

  it('[P11] has its origin in the steps after it', async () => {
    const plan = graph('g', io, (g, input) => {
      const value = g.when(input.n, (n) => n % 2 === 0, half, input)
      return { half: value, list: [value], n: input.n }
    })
    const told = step({
      name: 'told',
      input: z.object({ list: HiddenList }),
      output: number,
      run: ({ list }) => list.length,
    })
    await withClient(async (client) => {
      expect(await cameOf(client.run(plan.step(strict), { n: 3 }))).toEqual({
        output: undefined,
        skips: ["strict: 'half' is absent"],
      })
      expect(await cameOf(client.run(plan.step(told), { n: 3 }))).toEqual({
        output: undefined,
        skips: ["told: 'half' is absent"],
      })
      const outer = pipeline('outer', { n: number }).step(plan, { as: 'g' })
      const columns = outer.map((row) => row.g).step(strict)
      expect(await cameOf(client.run(outer, { n: 3 }))).toMatchObject({ output: { g: { n: 3 } } })
      expect(await cameOf(client.run(columns, { n: 4 }))).toEqual({ output: 2, skips: [] })
    })
  })

  it('[P11] has its origin in the plan around it', async () => {
    const inner = graph('inner', { input: { n: number, half: number.optional() } }, (g, input) => ({
      strict: g(strict, { half: input.half }),
      easy: g(lenient, { half: input.half }),
    }))
    await withClient(async (client) => {
      expect(await cameOf(client.run(halved.step(inner), { n: 3 }))).toEqual({
        output: { easy: 'half is undefined' },
        skips: ["inner/strict: 'half' is absent"],
      })
    })
  })

  it('[P11] is an input that was not given', async () => {
    const plan = graph('g', { input: { half: number.optional() } }, (g, input) => ({
      strict: g(strict, { half: input.half }),
      tested: g.when(input.half, (given) => given === undefined, lenient, input),
    }))
    await withClient(async (client) => {
      expect(await cameOf(client.run(plan, {}))).toEqual({
        output: { tested: 'half is undefined' },
        skips: ["strict: 'input 'half'' is absent"],
      })
    })
  })

  it('[P11] hides nothing else that a part is not given', async () => {
    const both = step({
      name: 'both',
      input: z.object({ half: number.optional(), other: number }),
      output: number,
      run: ({ other }) => other,
    })
    const forgetful = step({
      name: 'forgetful',
      input: z.object({ n: number }),
      output: z.object({ other: z.custom<number>(() => true) }),
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its schema looks at nothing
      run: () => ({ other: undefined as unknown as number }),
    })
    const plan = graph('g', io, (g, input) => {
      const value = g.when(input.n, (n) => n % 2 === 0, half, input)
      return g(both, { half: value, other: g(forgetful, input).other })
    })
    await withClient(async (client) => {
      const { code } = await failureOf(client.run(plan, { n: 3 }))
      expect(code).toBe('INVALID_INPUT')
    })
  })
})
