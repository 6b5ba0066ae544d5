import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createMemoryStore,
  pipeline,
  step,
  type RunOptions,
  type Runnable,
} from '../../src/index.ts'
import { smallNetwork } from '../small-network.ts'

const shape = { n: z.number() }
const numbers = { input: z.object(shape), output: z.number() }
const ROWS = [1, 2, 3, 4, 5].map((n) => ({ n }))

/** A step that waits for four rows for an hour, and the batches that came to it. */
function gatherer(name = 'gatherer') {
  const batches: (readonly number[])[] = []
  const work = step({
    name,
    ...numbers,
    coalesce: { size: 4, wait: '1h' },
    run: (rows) => {
      batches.push(rows.map(({ n }) => n))
      return rows.map(({ n }) => n * 10)
    },
  })
  return { batches, work }
}

type Input = z.infer<typeof numbers.input>

async function outputOf(
  plan: Runnable<Input, unknown>,
  options: RunOptions = {},
): Promise<unknown> {
  await using net = await smallNetwork([], { store: createMemoryStore() })
  return (await net.client.run(plan, ROWS, options)).output
}

const TENFOLD = [10, 20, 30, 40, 50]

describe('rows that wait to be answered together', () => {
  it('[B5] go on when no other can come: as many wait as the step allows at once', async () => {
    const { batches, work } = gatherer()
    const plan = pipeline('p', shape).step(work, { concurrency: 2 })
    expect(await outputOf(plan)).toEqual(TENFOLD)
    expect(batches).toEqual([[1, 2], [3, 4], [5]])
  })

  it('[B5] go on when no other can come: as many wait as the run allows at once', async () => {
    const { batches, work } = gatherer()
    const plan = pipeline('p', shape).step(work)
    expect(await outputOf(plan, { concurrency: 3 })).toEqual(TENFOLD)
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5],
    ])
  })

  it('[B5] go on when no other can come: the inputs have ended', async () => {
    const { batches, work } = gatherer()
    expect(await outputOf(pipeline('p', shape).step(work))).toEqual(TENFOLD)
    expect(batches).toEqual([[1, 2, 3, 4], [5]])
  })

  it('[B5] go on when the rows that could have come have gone elsewhere', async () => {
    const { batches, work } = gatherer()
    const slow = step({
      name: 'slow',
      ...numbers,
      run: async ({ n }) => {
        await new Promise(setImmediate)
        return n
      },
    })
    const plan = pipeline('p', shape)
      .step(slow, { as: 'same' })
      .filter(({ n }) => n < 3)
      .step(work)
    expect(await outputOf(plan)).toEqual([10, 20])
    expect(batches).toEqual([[1, 2]])
  })

  it('[B5] go on at each step where others wait at another', async () => {
    const one = gatherer('one')
    const other = gatherer('other')
    const plan = pipeline('p', shape).parallel({ one: one.work, other: other.work })
    expect(await outputOf(plan, { concurrency: 2 })).toHaveLength(ROWS.length)
    expect([one.batches.flat(), other.batches.flat()]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ])
  })

  it('[B5] wait for inputs that are still to come', async () => {
    const { batches, work } = gatherer()
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const more = Promise.withResolvers<undefined>()
    async function* inputs() {
      yield* ROWS.slice(0, 2)
      await more.promise
      yield* ROWS.slice(2, 4)
    }
    const run = net.client.run(pipeline('p', shape).step(work), inputs())
    await expect.poll(() => run.status().bySteps[0]?.running).toBe(2)
    expect(batches).toEqual([])
    more.resolve(undefined)
    await run
    expect(batches).toEqual([[1, 2, 3, 4]])
  })
})
