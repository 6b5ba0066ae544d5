import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const n = z.number()
const half = step({
  name: 'half',
  input: z.object({ n }),
  output: z.object({ h: n }),
  run: (row) => ({ h: row.n / 2 }),
})
const more = step({ name: 'more', input: z.object({ h: n }), output: n, run: ({ h }) => h + 1 })
const even = pipeline('plan', { n }).step(half, { when: (row) => row.n % 2 === 0 })
const rows = [{ n: 1 }, { n: 2 }]

describe('a row that is absent as a whole', () => {
  it('[P11] gains no column from branches: it stays so', async () => {
    await withClient(async (client) => {
      const plan = even.parallel({ more, again: more })
      expect((await client.run(plan, rows)).output).toEqual([
        undefined,
        { h: 1, more: 2, again: 2 },
      ])
    })
  })

  it('[P11] gains no column from copies: each stays so', async () => {
    await withClient(async (client) => {
      const plan = even.broadcast([1, 2], { as: 'copy' })
      expect((await client.run(plan, rows)).output).toEqual([
        undefined,
        undefined,
        { h: 1, copy: 1 },
        { h: 1, copy: 2 },
      ])
    })
  })

  it('[P11] keeps its origin as the optional input of a pipeline', async () => {
    const number = step({ name: 'number', input: z.object({ n }), output: n, run: (row) => row.n })
    const need = step({ name: 'need', input: z.object({ v: n }), output: n, run: ({ v }) => v })
    const inner = pipeline('inner', { v: n.optional() }).step(need)
    const plan = pipeline('plan', { n })
      .step(number, { when: () => false })
      .step(inner)
    const whys = await withClient(async (client) => {
      const events = await Array.fromAsync(client.run(plan, { n: 1 }).events())
      return events.flatMap((event) => ('why' in event ? [event.why] : []))
    })
    expect(whys).toEqual(['when', "'number' is absent"])
  })

  it('[P11] is not absent any more in a column that another step has answered with nothing', async () => {
    const never = step({ name: 'never', input: z.object({ n }), output: n, run: () => 1 })
    const nothing = step({
      name: 'nothing',
      input: z.object({ n }),
      output: z.any(),
      run: () => undefined,
    })
    const need = step({ name: 'need', input: z.object({ x: n }), output: n, run: ({ x }) => x })
    const plan = pipeline('plan', { n })
      .step(never, { as: 'x', when: () => false })
      .step(nothing, { as: 'x' })
      .step(need)
    const error = await withClient(async (client) => failureOf(client.run(plan, { n: 1 })))
    expect(error.message).toContain("step 'need': x: Invalid input: expected number")
  })
})

describe('the fallback of a pipeline', () => {
  it('[F20] gets its input by name, also where the row is the value of the only one', async () => {
    const bad = step({
      name: 'bad',
      input: z.object({ n }),
      output: n,
      run: () => {
        throw new RangeError('no')
      },
    })
    const inner = pipeline('inner', { n }).step(bad)
    const plan = pipeline('plan', { v: n })
      .map(({ v }) => v)
      .step(inner, { fallback: (_, input) => input.n })
    expect(await withClient(async (client) => client.run(plan, { v: 4 }))).toMatchObject({
      output: 4,
    })
  })
})

describe('a pipeline that is tried as a whole', () => {
  it('[F13] takes an object as the value of its only input', async () => {
    const text = step({
      name: 'text',
      input: z.object({ doc: z.object({ text: z.string() }) }),
      output: z.string(),
      run: ({ doc }) => doc.text,
    })
    const inner = pipeline('inner', { doc: z.object({ text: z.string() }) }).step(text)
    const plan = pipeline('plan', { text: z.string() }).step(inner, { retries: 1 })
    expect(await withClient(async (client) => client.run(plan, { text: 'a' }))).toMatchObject({
      output: 'a',
    })
  })
})
