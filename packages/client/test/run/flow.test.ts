import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, RunError, step } from '../../src/index.ts'
import { double, list, numbers, sleep, withClient } from '../local-plans.ts'

describe('rows', () => {
  it('[D21] lose nothing when they are scattered twice: 3 outputs × 2 items give 6 rows in input order', async () => {
    const plan = pipeline('twice', { items: z.array(z.array(z.string())) })
      .map(({ items }) => items)
      .scatter()
      .scatter()
    const items = [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ]
    const { output } = await withClient(async (client) => client.run(plan, { items }))
    expect(output).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('[D21] come back in input order however long each takes', async () => {
    const plan = list.step(sleep)
    const { output } = await withClient(async (client) =>
      client.run(plan, { items: [40, 10, 30, 0, 20] }),
    )
    expect(output).toEqual([40, 10, 30, 0, 20])
  })

  it('[D22] are copied by broadcast and gathered by aggregate, after any other verb', async () => {
    const five = pipeline('five', { n: z.number() }).broadcast(5)
    const gathered = five.aggregate().map((rows) => rows.length)
    const again = five
      .map(({ n }) => n)
      .filter((n) => n > 0)
      .step(double)
      .broadcast(['x', 'y'], { as: 'extra' })
    await withClient(async (client) => {
      expect((await client.run(five, { n: 1 })).output).toHaveLength(5)
      expect((await client.run(gathered, { n: 1 })).output).toBe(5)
      await expect(client.run(again, { n: 1 })).rejects.toThrow('only a row with columns')
    })
  })

  it('[D22] gain the value of their copy as a column', async () => {
    const plan = numbers.map((n) => ({ n })).broadcast(['a', 'b'], { as: 'tag' })
    const { output } = await withClient(async (client) => client.run(plan, { n: 7 }))
    expect(output).toEqual([
      { n: 7, tag: 'a' },
      { n: 7, tag: 'b' },
    ])
  })

  it('[D25] enter the second step while others are still in the first', async () => {
    const slow = Promise.withResolvers<undefined>()
    const order: string[] = []
    const first = step({
      name: 'first',
      input: z.number(),
      output: z.number(),
      run: async (n) => {
        if (n === 0) await slow.promise
        order.push(`first ${n}`)
        return n
      },
    })
    const second = step({
      name: 'second',
      input: z.number(),
      output: z.number(),
      run: (n) => {
        order.push(`second ${n}`)
        if (n === 2) slow.resolve(undefined)
        return n
      },
    })
    const plan = list.step(first).step(second)
    await withClient(async (client) => client.run(plan, { items: [0, 1, 2] }))
    expect(order.indexOf('second 1')).toBeLessThan(order.indexOf('first 0'))
    expect(order.at(-1)).toBe('second 0')
  })

  it('[D25] wait in aggregate and callback only', async () => {
    const slow = Promise.withResolvers<undefined>()
    const seen: number[] = []
    const hold = step({
      name: 'hold',
      input: z.number(),
      output: z.number(),
      run: async (n) => {
        if (n === 0) await slow.promise
        return n
      },
    })
    const plan = list
      .step(hold)
      .tap((n) => {
        seen.push(n)
        if (seen.length === 2) slow.resolve(undefined)
      })
      .aggregate()
      .tap((rows) => {
        seen.push(rows.length)
      })
    await withClient(async (client) => client.run(plan, { items: [0, 1, 2] }))
    expect(seen).toEqual([1, 2, 0, 3])
  })

  it('[B3] that a filter drops never go on; zero, false and the empty text do when the test says so', async () => {
    const plan = pipeline('values', { items: z.array(z.unknown()) })
      .map(({ items }) => items)
      .scatter()
      .filter((value) => value !== 'out')
    const items = [0, 'out', '', false, null]
    const { output } = await withClient(async (client) => client.run(plan, { items }))
    expect(output).toEqual([0, '', false, null])
  })

  it('[B4] make ceil(m/n) batches in order, the last one smaller', async () => {
    const plan = list.batch(2)
    const { output } = await withClient(async (client) =>
      client.run(plan, { items: [1, 2, 3, 4, 5] }),
    )
    expect(output).toEqual([[1, 2], [3, 4], [5]])
  })

  it('are grouped by a column, groups in the order of their first row', async () => {
    const row = z.object({ kind: z.string(), n: z.number() })
    const plan = pipeline('rows', { rows: z.array(row) })
      .map(({ rows }) => rows)
      .scatter()
      .aggregate({ by: 'kind' })
      .map((group) => group.map(({ n }) => n))
    const rows = [
      { kind: 'b', n: 1 },
      { kind: 'a', n: 2 },
      { kind: 'b', n: 3 },
    ]
    const { output } = await withClient(async (client) => client.run(plan, { rows }))
    expect(output).toEqual([[1, 3], [2]])
  })

  it('[D22] are grouped by what equals: two dates of one day are one group', async () => {
    const row = z.object({ day: z.date(), n: z.number() })
    const plan = pipeline('rows', { rows: z.array(row) })
      .map(({ rows }) => rows)
      .scatter()
      .aggregate({ by: 'day' })
      .map((group) => group.map(({ n }) => n))
    const rows = [0, 1, 0, 2, 1].map((day, n) => ({ day: new Date(day), n }))
    const { output } = await withClient(async (client) => client.run(plan, { rows }))
    expect(output).toEqual([[0, 2], [1, 4], [3]])
  })

  it('are grouped each by itself where their column holds what no value is', async () => {
    const kinds = [/a/, /a/]
    const plan = pipeline('rows', { kinds: z.array(z.number()) })
      .map((row) => row.kinds.map((kind, n) => ({ kind: kinds[kind], n })))
      .scatter()
      .aggregate({ by: 'kind' })
      .map((group) => group.map(({ n }) => n))
    const rows = { kinds: [0, 1, 0] }
    const { output } = await withClient(async (client) => client.run(plan, rows))
    expect(output).toEqual([[0, 2], [1]])
  })

  it('can be none: scatter of an empty list, then aggregate', async () => {
    const plan = list.aggregate()
    await withClient(async (client) => {
      expect((await client.run(plan, { items: [] })).output).toEqual([])
      expect((await client.run(list, { items: [] })).output).toEqual([])
    })
  })

  it('of one input are gathered without those of another', async () => {
    const plan = list.aggregate()
    const { output } = await withClient(async (client) =>
      client.run(plan, [{ items: [1, 2] }, { items: [] }, { items: [3] }]),
    )
    expect(output).toEqual([[1, 2], [], [3]])
  })

  it('[P2] are frozen: a function that changes its input fails, its neighbour sees the original', async () => {
    const seen: string[] = []
    const plan = pipeline('shared', { deep: z.object({ text: z.string() }) })
      .broadcast([0, 1], { as: 'copy' })
      .map((row) => {
        if (row.copy === 0) row.deep.text = 'changed'
        seen.push(row.deep.text)
        return row.copy
      })
    const failure = await withClient(async (client) =>
      client.run(plan, { deep: { text: 'original' } }).then(undefined, (error: unknown) => error),
    )
    expect(failure).toBeInstanceOf(RunError)
    expect(seen).toEqual(['original'])
  })
})
