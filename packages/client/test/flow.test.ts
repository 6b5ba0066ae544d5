import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, RunError, step, type Client } from '../src/index.ts'
import { smallNetwork } from './small-network.ts'

const numbers = pipeline('numbers', { n: z.number() }).map(({ n }) => n)
const list = pipeline('list', { items: z.array(z.number()) })
  .scatter('items')
  .map((row) => row.items)

const double = step({
  name: 'double',
  input: z.number(),
  output: z.number(),
  run: (n) => n * 2,
})

/** Takes as long as its input says, in ms. */
const sleep = step({
  name: 'sleep',
  input: z.number(),
  output: z.number(),
  run: (ms) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms)),
})

async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  await using net = await smallNetwork([])
  return await work(net.client)
}

/** What the heap holds when nothing in it is garbage. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}

/** A promise that is settled from outside. */
function gate() {
  return Promise.withResolvers<undefined>()
}

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
      .broadcast(
        ['x', 'y'].map((tag) => ({ tag })),
        { as: 'extra' } as never,
      )
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
    const slow = gate()
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
    const slow = gate()
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

describe('inputs', () => {
  it('[D24] are one, a list, or a stream', async () => {
    async function* stream() {
      yield { n: 1 }
      await Promise.resolve()
      yield { n: 2 }
    }
    const plan = numbers.step(double)
    await withClient(async (client) => {
      expect((await client.run(plan, { n: 4 })).output).toBe(8)
      expect((await client.run(plan, [{ n: 1 }, { n: 2 }])).output).toEqual([2, 4])
      expect((await client.run(plan, new Set([{ n: 3 }]))).output).toEqual([6])
      expect((await client.run(plan, stream())).output).toEqual([2, 4])
      expect((await client.run(plan, [])).output).toEqual([])
    })
  })

  it('[D24] are read no faster than rows are done', async () => {
    let read = 0
    let done = 0
    let ahead = 0
    async function* stream() {
      for (; read < 500; read++) {
        await Promise.resolve()
        ahead = Math.max(ahead, read - done)
        yield { n: 0 }
      }
    }
    const plan = numbers.step(sleep).tap(() => {
      done++
    })
    await withClient(async (client) => client.run(plan, stream(), { concurrency: 8 }))
    expect(read).toBe(500)
    expect(ahead).toBeLessThanOrEqual(9)
  })

  it('that do not fit are listed with their number, and the others are run', async () => {
    const bad = { n: 'two' } as unknown as { n: number }
    await withClient(async (client) => {
      const error = await failureOf(client.run(numbers, [{ n: 1 }, bad, { n: 3 }]))
      expect(error.message).toContain('input number 2')
      expect(error.result.output).toEqual([1, 3])
      expect(error.result.failures).toMatchObject([{ step: 'input', index: 1, input: bad }])
      const single = await failureOf(client.run(numbers, bad))
      expect(single.code).toBe('INVALID_INPUT')
      expect(single.message).toContain("the input of 'numbers': n:")
    })
  })

  it('that end with an error end the run, and what was done is kept', async () => {
    async function* stream() {
      yield { n: 1 }
      await new Promise((resolve) => setTimeout(resolve, 5))
      throw new RangeError('row 2 of the file is broken')
    }
    const error = await withClient(async (client) => failureOf(client.run(numbers, stream())))
    expect(error.code).toBe('INVALID_INPUT')
    expect(error.message).toContain('row 2 of the file is broken')
    expect(error.result.output).toEqual([1])
  })

  it('keep the memory flat when their rows are not wanted', async () => {
    const rows = 20_000
    const inUse: number[] = []
    function* many() {
      for (let n = 0; n < rows; n++) {
        if (n % 5000 === 4999) inUse.push(bytesInUse())
        yield { n }
      }
    }
    const fat = step({
      name: 'fat',
      input: z.number(),
      output: z.array(z.number()),
      run: (n) => Array.from({ length: 1000 }, () => n),
    })
    const plan = numbers.step(fat).filter(() => false)
    const result = await withClient(async (client) => client.run(plan, many()))
    expect(result.stats.done).toBe(rows)
    // 5,000 rows more are 40 MB more, if they are kept.
    const [first = 0] = inUse
    expect(inUse).toHaveLength(4)
    expect((inUse.at(-1) ?? 0) - first).toBeLessThan(8 * 2 ** 20)
  })
})

describe('plans inside plans', () => {
  const sum = list.aggregate().map((rows) => rows.reduce((total, n) => total + n, 0))

  it('[F13] are steps: their whole output becomes the row or a column', async () => {
    const plan = pipeline('outer', { items: z.array(z.number()) })
      .step(sum, { as: 'total' })
      .step(list, { with: ({ items }) => ({ items }), as: 'copies' })
    const { output, stats } = await withClient(async (client) =>
      client.run(plan, { items: [1, 2, 3] }),
    )
    expect(output).toEqual({ items: [1, 2, 3], total: 6, copies: [1, 2, 3] })
    expect(stats.tasks).toBe(0)
  })

  it('[F13] can be chosen by the row, and their rows flow on', async () => {
    const plan = pipeline('outer', { items: z.array(z.number()) })
      .pipe(({ items }) => (items.length > 2 ? list : sum))
      .map((n) => n * 10)
    await withClient(async (client) => {
      expect((await client.run(plan, { items: [1, 2, 3] })).output).toEqual([10, 20, 30])
      expect((await client.run(plan, { items: [1, 2] })).output).toEqual(30)
    })
  })

  it('[F13] name their steps after themselves in keys and failures', async () => {
    const broken = step({
      name: 'broken',
      input: z.number(),
      output: z.number(),
      run: () => {
        throw new RangeError('no')
      },
    })
    const inner = pipeline('inner', { n: z.number() })
      .map(({ n }) => n)
      .step(broken)
    const plan = pipeline('outer', { n: z.number() }).step(inner)
    const error = await withClient(async (client) => failureOf(client.run(plan, { n: 1 })))
    expect(error.result.failures).toMatchObject([{ step: 'inner/broken' }])
  })

  it('run side by side in parallel and become columns', async () => {
    const running = { now: 0, most: 0 }
    const busy = (name: string) =>
      step({
        name,
        input: z.object({ n: z.number() }),
        output: z.string(),
        run: async ({ n }) => {
          running.most = Math.max(running.most, ++running.now)
          await new Promise((resolve) => setTimeout(resolve, 5))
          running.now--
          return `${name} ${n}`
        },
      })
    const plan = pipeline('p', { n: z.number() }).parallel({ a: busy('a'), b: busy('b') })
    const { output } = await withClient(async (client) => client.run(plan, { n: 1 }))
    expect(output).toEqual({ n: 1, a: 'a 1', b: 'b 1' })
    expect(running.most).toBe(2)
  })

  it('[P6] are cancelled when the one beside them fails', async () => {
    let cancelled = false
    const slow = step({
      name: 'slow',
      input: z.object({ n: z.number() }),
      output: z.number(),
      run: (_, { signal }) =>
        new Promise<number>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            cancelled = true
            reject(new RangeError('stopped'))
          })
        }),
    })
    const bad = step({
      name: 'bad',
      input: z.object({ n: z.number() }),
      output: z.number(),
      run: () => Promise.reject(new RangeError('bad')),
    })
    const plan = pipeline('p', { n: z.number() }).parallel({ slow, bad })
    const error = await withClient(async (client) => failureOf(client.run(plan, { n: 1 })))
    expect(error.result.failures).toMatchObject([{ step: 'parallel.bad/bad' }])
    expect(cancelled).toBe(true)
  })

  it('[P9] are chosen by name; a name without a plan fails the row and is named', async () => {
    const plan = numbers.choose((n) => (n > 0 ? 'double' : ('nothing' as 'double')), { double })
    await withClient(async (client) => {
      expect((await client.run(plan, { n: 3 })).output).toBe(6)
      const error = await failureOf(client.run(plan, { n: -3 }))
      expect(error.message).toContain('choose() has no case "nothing"; it has double')
    })
  })

  it('are taken by the rows that pass a test', async () => {
    const plan = list.when(
      (n) => n > 1,
      (big) => big.step(double),
      (small) => small.map((n) => -n),
    )
    const { output } = await withClient(async (client) => client.run(plan, { items: [1, 2, 3] }))
    expect(output).toEqual([-1, 4, 6])
  })
})

describe('failures', () => {
  const picky = step({
    name: 'picky',
    input: z.number(),
    output: z.number(),
    run: (n) => {
      if (n % 10 === 3) throw new RangeError(`not ${n}`)
      return n
    },
  })
  const ten = Array.from({ length: 10 }, (_, n) => n)

  it('[F19] below the allowed share drop the row and are listed', async () => {
    const plan = list.step(picky, { minSuccessRatio: 0.9 }).aggregate()
    const { output, failures } = await withClient(async (client) =>
      client.run(plan, { items: ten }),
    )
    expect(output).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9])
    expect(failures).toMatchObject([{ step: 'picky', index: 0, input: 3, attempts: 1, nodes: [] }])
    expect(failures[0]?.error.message).toContain('not 3')
  })

  it('[F19] above the allowed share fail the run, which keeps what was done', async () => {
    const plan = list.step(picky, { minSuccessRatio: 0.9 })
    const items = [...ten, 13]
    const error = await withClient(async (client) => failureOf(client.run(plan, { items })))
    expect(error.code).toBe('RUN_FAILED')
    expect(error.message).toContain("2 of 11 rows failed in 'picky' (at most 1 may)")
    expect(error.result.output).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9])
    expect(error.result.stats).toMatchObject({ tasks: 11, done: 9, failed: 2 })
  })

  it('[F19] of no rows are none: zero items succeed', async () => {
    const plan = list.step(picky)
    const { output } = await withClient(async (client) => client.run(plan, { items: [] }))
    expect(output).toEqual([])
  })

  it('[F19] end the run at once with failFast', async () => {
    let started = 0
    const counting = step({
      name: 'counting',
      input: z.number(),
      output: z.number(),
      run: async (n) => {
        started++
        await new Promise((resolve) => setTimeout(resolve, 1))
        if (n === 1) throw new RangeError('first')
        return n
      },
    })
    const plan = list.step(counting, { failFast: true, concurrency: 2 })
    const items = Array.from({ length: 100 }, (_, n) => n)
    const error = await withClient(async (client) => failureOf(client.run(plan, { items })))
    expect(error.code).toBe('STEP_FAILED')
    expect(started).toBeLessThan(10)
  })

  it('of a row that may not fail leave nothing half to be gathered', async () => {
    const gathered: number[] = []
    const plan = list
      .step(picky)
      .aggregate()
      .tap((rows) => {
        gathered.push(rows.length)
      })
    const inputs = [{ items: [1, 2] }, { items: [3, 4] }]
    const error = await withClient(async (client) => failureOf(client.run(plan, inputs)))
    expect(gathered).toEqual([2])
    expect(error.result.output).toEqual([[1, 2]])
  })

  it('[F18] never lets more rows into a step than it says, and keeps that many busy', async () => {
    const running = { now: 0, most: 0 }
    const busy = step({
      name: 'busy',
      input: z.number(),
      output: z.number(),
      run: async (n) => {
        running.most = Math.max(running.most, ++running.now)
        await new Promise((resolve) => setTimeout(resolve, 1))
        running.now--
        return n
      },
    })
    const plan = list.step(busy, { concurrency: 4 })
    const items = Array.from({ length: 40 }, (_, n) => n)
    const { output } = await withClient(async (client) => client.run(plan, { items }))
    expect(output).toEqual(items)
    expect(running.most).toBe(4)
  })

  it('[F10] of a tap keep the row from every later step', async () => {
    let later = 0
    const plan = numbers
      .tap((n) => {
        if (n > 0) throw new RangeError('too big')
      })
      .map((n) => {
        later++
        return n
      })
    const error = await withClient(async (client) => failureOf(client.run(plan, { n: 1 })))
    expect(error.message).toContain('too big')
    expect(later).toBe(0)
  })
})

async function failureOf(run: PromiseLike<unknown>): Promise<RunError> {
  const thrown = await run.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (thrown instanceof RunError) return thrown
  throw new RangeError(`the run did not fail with a RunError, but with ${String(thrown)}`)
}
