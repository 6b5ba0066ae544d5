import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const Item = z.object({ item: z.number() })

/** Waits on the second item until it is told to stop. */
const slow = step({
  name: 'slow',
  input: Item,
  output: z.number(),
  run: ({ item }, { signal }) => {
    if (item !== 2) return item
    return new Promise<number>((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('stopped'))
      })
    })
  },
})

const picky = step({
  name: 'picky',
  input: Item,
  output: z.number(),
  run: async ({ item }) => {
    await new Promise((resolve) => setImmediate(resolve))
    if (item === 2) throw new RangeError('two')
    return item
  },
})

const half = { minSuccessRatio: 0.5 }
const items = pipeline('plan', { items: z.array(z.number()) })
  .scatter('items')
  .map((row) => ({ item: row.items }))

describe('a failure that is put up with, beside something that is still at work', () => {
  it('[F19] [P6] drops its row from what is gathered of branches, and no other', async () => {
    const plan = items
      .parallel({ slow, picky: (rows) => rows.step(picky, half) })
      .map(({ item }) => item)
      .aggregate()
    const { output, failures } = await withClient(async (client) =>
      client.run(plan, { items: [1, 2, 3] }),
    )
    expect(output).toEqual([1, 3])
    expect(failures.map(({ path }) => path)).toEqual([[0, 1]])
  })

  it('[F19] [P6] drops its row from what is gathered of graphs, and no other', async () => {
    const both = graph('both', { input: Item }, (g, input) => ({
      slow: g(slow, input),
      picky: g(picky, input, half),
    }))
    const plan = items.pipe(both).aggregate()
    const { output } = await withClient(async (client) => client.run(plan, { items: [1, 2, 3] }))
    expect(output).toEqual([
      { slow: 1, picky: 1 },
      { slow: 3, picky: 3 },
    ])
  })

  it('[P6] gathers nothing of the branch that was stopped in the middle', async () => {
    const gathered: unknown[] = []
    const many = pipeline('many', { item: z.number() })
      .broadcast([1, 2], { as: 'item' })
      .step(slow)
      .callback((rows) => {
        gathered.push(rows)
        return rows.length
      })
    const plan = pipeline('plan', { item: z.number() }).parallel({
      many,
      picky: (rows) => rows.step(picky, half),
    })
    const error = await withClient(async (client) => failureOf(client.run(plan, { item: 2 })))
    expect(error.result.failures.map((failure) => failure.step)).toEqual(['parallel.picky/picky'])
    expect(gathered).toEqual([])
  })
})
