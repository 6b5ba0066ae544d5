import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  graph,
  pipeline,
  step,
  type Client,
  type PolicyOptions,
  type Runnable,
} from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { clientOn, onFile } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { withClient } from '../local-plans.ts'

const number = z.number()
const start = pipeline('p', { n: number })
const N = z.object({ n: number })
const half = step({ name: 'half', input: N, output: number, run: ({ n }) => n / 2 })
const strict = step({
  name: 'strict',
  input: z.object({ half: number }),
  output: z.string(),
  run: (row) => `half is ${row.half}`,
})
const last = step({ name: 'last', input: z.string(), output: z.string(), run: (text) => text })

const isEven = ({ n }: { readonly n: number }) => n % 2 === 0
const even = pipeline('inner', N.shape).step(half, { when: isEven })
const evenColumn = pipeline('inner', N.shape).step(half, { as: 'half', when: isEven })
const needing = pipeline('inner', { half: number.optional() }).step(strict)

const POLICIES: [how: string, policy: PolicyOptions][] = [
  ['row by row', {}],
  ['tried as a whole', { retries: 1 }],
  ['cached', { cache: true }],
]

/** Why steps were left out of a run on an odd number, and what came of it. */
async function leftOut<Out>(client: Client, plan: Runnable<{ n: number }, Out>): Promise<unknown> {
  const run = client.run(plan, { n: 3 })
  const outside: string[] = []
  for await (const event of run.events()) {
    const isSkip = event.type === 'task' && event.state === 'skipped'
    if (isSkip && !event.step.includes('/')) outside.push(`${event.step}: ${event.why}`)
  }
  const { output, failures } = await run
  return { output, failures, outside }
}

describe('what a pipeline leaves absent', () => {
  it.each(POLICIES)('[P11] [F20] is absent with its origin where it is %s', async (_, policy) => {
    const because = "'inner/half' is absent"
    const column = start.step(even, { ...policy, as: 'half' })
    const cases: [plan: Runnable<{ n: number }, unknown>, output: unknown][] = [
      [start.step(even, policy).step(strict), undefined],
      [column.step(strict), undefined],
      [column.step(strict, { as: 'strict' }), { n: 3, half: undefined, strict: undefined }],
      [start.step(evenColumn, policy).step(strict), undefined],
    ]
    await withClient(async (client) => {
      for (const [plan, output] of cases) {
        const expected = { output, failures: [], outside: [`strict: ${because}`] }
        expect(await leftOut(client, plan)).toEqual(expected)
        // Out of the cache, where there is one.
        expect(await leftOut(client, plan)).toEqual(expected)
        expect((await client.run(plan, { n: 4 })).failures).toEqual([])
      }
    })
  })

  it.each(POLICIES)(
    '[P11] [F20] because of what was absent before it has that origin where it is %s',
    async (_, policy) => {
      const plan = start.step(half, { as: 'half', when: isEven }).step(needing, policy).step(last)
      await withClient(async (client) => {
        expect(await leftOut(client, plan)).toEqual({
          output: undefined,
          failures: [],
          outside: ['half: when', "last: 'half' is absent"],
        })
        expect((await client.run(plan, { n: 4 })).output).toBe('half is 2')
      })
    },
  )

  it('[P11] [F20] is told with the names of all pipelines that were tried as a whole around it', async () => {
    const outer = pipeline('outer', N.shape).step(even, { retries: 1 })
    const deep = start.step(outer, { retries: 1 }).step(strict)
    const through = pipeline('outer', { half: number.optional() }).step(needing, { retries: 1 })
    const before = start.step(half, { as: 'half', when: isEven }).step(through, { retries: 1 })
    await withClient(async (client) => {
      expect(await leftOut(client, deep)).toMatchObject({
        outside: ["strict: 'outer/inner/half' is absent"],
      })
      expect(await leftOut(client, before.step(last))).toMatchObject({
        outside: ['half: when', "last: 'half' is absent"],
      })
    })
  })

  it('[P11] [F15] [X2] stays absent when its run is resumed, and done again', async () => {
    await using folder = await temporaryFolder()
    let isUp = false
    const flaky = step({
      name: 'flaky',
      input: z.object({ n: number }),
      output: number,
      run: ({ n }) => {
        if (!isUp) throw new RangeError('not yet')
        return n
      },
    })
    const plan = start
      .step(even, { retries: 1, as: 'half' })
      .step(flaky, { as: 'flaky' })
      .step(strict, { as: 'strict' })
    const output = { n: 3, half: undefined, flaky: 3, strict: undefined }
    await onFile(folder.file('runs.db'), async (client) => {
      await expect(client.run(plan, { n: 3 }, { id: 'r' })).rejects.toThrow('not yet')
    })
    isUp = true
    await onFile(folder.file('runs.db'), async (client) => {
      expect((await client.resume('r', plan)).output).toEqual(output)
      expect((await client.rerun('r', plan)).output).toEqual(output)
    })
  })

  it('[P11] [F20] is put nowhere', async () => {
    await using client = clientOn(createMemoryStore())
    const put: unknown[] = []
    const route = (value: unknown) => String(put.push(value))
    const routed = start.step(even, { route: 'box' })
    const stack = { ...client.stack, routes: { box: route } }
    expect((await client.run(routed, { n: 3 }, { stack })).output).toBeUndefined()
    expect((await client.run(routed, { n: 4 }, { stack })).output).toBe(2)
    expect(put).toEqual([2])
  })

  it('[P11] [F8] is no longer absent where its pipeline makes do without it', async () => {
    const makesDo = even.map((value) => value ?? 0)
    const double = step({ name: 'double', input: number, output: number, run: (n) => n * 2 })
    const plan = graph('g', { input: { n: number } }, (g, input) => g(double, g(makesDo, input)))
    await withClient(async (client) => {
      expect((await client.run(plan, { n: 3 })).output).toBe(0)
      expect((await client.run(plan, { n: 4 })).output).toBe(4)
    })
  })
})
