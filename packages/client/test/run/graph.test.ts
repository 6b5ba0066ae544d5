import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step, type Ref } from '../../src/index.ts'
import { double, sleep, withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const load = step({
  name: 'load',
  input: z.object({ path: z.string() }),
  output: z.array(z.number()),
  run: ({ path }) => Array.from(path, (_, i) => i),
})
const stats = step({
  name: 'stats',
  input: z.array(z.number()),
  output: z.object({ mean: z.number(), size: z.number() }),
  run: (data) => ({ mean: data.reduce((sum, n) => sum + n, 0) / data.length, size: data.length }),
})
const train = step({
  name: 'train',
  input: z.object({ data: z.array(z.number()), mean: z.number() }),
  output: z.string(),
  run: ({ data, mean }) => `${data.length} around ${mean}`,
})
const path = { input: { path: z.string() } }
const number = { input: z.number() }

function isBig(size: number): boolean {
  return size > 2
}

/** A step that counts how often it runs. */
function counting(name: string, counts: Record<string, number>) {
  return step({
    name,
    input: z.array(z.number()),
    output: z.number(),
    run: (all) => {
      counts[name] = (counts[name] ?? 0) + 1
      return all.reduce((sum, n) => sum + n, 1)
    },
  })
}

const always = () => true

describe('a graph', () => {
  it('[F7][B2] wires steps by reference: one value to many, many to one that runs once with all of them', async () => {
    const plan = graph('training', path, (g, input) => {
      const data = g(load, input)
      const about = g(stats, data)
      const model = g(train, { data, mean: about.mean })
      return { model, size: about.size }
    })
    const { output, stats: counted } = await withClient(async (client) =>
      client.run(plan, { path: 'abc' }),
    )
    expect(output).toEqual({ model: '3 around 1', size: 3 })
    expect(counted.bySteps.map(({ step: name, done }) => `${name} ${done}`)).toEqual([
      'load 1',
      'stats 1',
      'train 1',
    ])
  })

  // A busy machine may be late; one that does one after the other always is.
  it('[F7] runs four independent steps of 300 ms in less than 450 ms', { retry: 5 }, async () => {
    const plan = graph('four', number, (g, ms) => [
      g(sleep, ms),
      g(sleep, ms),
      g(sleep, ms),
      g(sleep, ms),
    ])
    const startedAt = performance.now()
    const { output } = await withClient(async (client) => client.run(plan, 300))
    expect(output).toEqual([300, 300, 300, 300])
    expect(performance.now() - startedAt).toBeLessThan(450)
  })

  it('[F7] of seven layers of three, where each waits for all before it, runs each of its 19 steps once', async () => {
    const counts: Record<string, number> = {}
    const plan = graph('layers', number, (g, input) => {
      let layer: Ref<number>[] = [g(counting('first', counts), [input])]
      for (let depth = 0; depth < 6; depth++) {
        const above = layer
        layer = [0, 1, 2].map((i) => g(counting(`${depth}-${i}`, counts), above))
      }
      return layer
    })
    const { output } = await withClient(async (client) => client.run(plan, 1))
    expect(Object.keys(counts)).toHaveLength(19)
    expect(new Set(Object.values(counts))).toEqual(new Set([1]))
    expect(new Set(output).size).toBe(1)
  })

  it('[F7] starts its steps in the order in which they are written, each time', async () => {
    const orders = new Set<string>()
    const plan = graph('order', number, (g, input) => {
      const a = g(double, input, { name: 'a' })
      const b = g(double, input, { name: 'b' })
      return [g(double, b, { name: 'c' }), g(double, a, { name: 'd' })]
    })
    await withClient(async (client) => {
      for (let i = 0; i < 20; i++) {
        const run = client.run(plan, 1)
        const order: string[] = []
        for await (const event of run) {
          if (event.type === 'task' && event.state === 'queued') order.push(event.step)
        }
        orders.add(order.join(' '))
      }
    })
    expect([...orders]).toEqual(['a b d c'])
  })

  it('stands in a pipeline, and pipelines stand in it', async () => {
    const inner = pipeline('inner', { n: z.number() })
      .map(({ n }) => n)
      .step(double)
    const plan = graph('outer', { input: { n: z.number() } }, (g, input) => {
      const twice = g(inner, input)
      return { twice, sum: g(double, twice) }
    })
    const whole = pipeline('whole', { list: z.array(z.number()) })
      .scatter('list')
      .map(({ list: n }) => ({ n }))
      .step(plan, { as: 'made' })
      .map((row) => row.made.sum)
    await withClient(async (client) => {
      const { output, stats: counted } = await client.run(whole, { list: [1, 2] })
      expect(output).toEqual([4, 8])
      expect(counted.bySteps.map(({ step: name }) => name)).toEqual([
        'outer/inner/double',
        'outer/double',
      ])
    })
  })

  it('[P6] fails with the first of its steps, stops the others and starts none that come after', async () => {
    const ran: string[] = []
    let isAborted = false
    const bad = step({
      name: 'bad',
      input: z.number(),
      output: z.number(),
      run: () => Promise.reject(new RangeError('bad')),
    })
    const slow = step({
      name: 'slow',
      input: z.number(),
      output: z.number(),
      run: (_, { signal }) =>
        new Promise<number>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            isAborted = true
            reject(new RangeError('stopped'))
          })
        }),
    })
    const after = step({
      name: 'after',
      input: z.number(),
      output: z.number(),
      run: (n) => {
        ran.push('after')
        return n
      },
    })
    const plan = graph('failing', number, (g, input) => {
      g(after, g(slow, input))
      return g(after, g(bad, input))
    })
    const error = await withClient(async (client) => failureOf(client.run(plan, 1)))
    expect(error.result.failures).toMatchObject([{ step: 'bad' }])
    expect(isAborted).toBe(true)
    expect(ran).toEqual([])
  })

  it('[P11][F17] skips what its condition rules out, and what needs that; what can do without runs', async () => {
    const needy = step({
      name: 'needy',
      input: z.object({ model: z.string() }),
      output: z.string(),
      run: ({ model }) => model,
    })
    const easy = step({
      name: 'easy',
      input: z.object({ model: z.string().optional(), size: z.number() }),
      output: z.string(),
      run: ({ model = 'none', size }) => `${model} of ${size}`,
    })
    const plan = graph('conditional', path, (g, input) => {
      const data = g(load, input)
      const about = g(stats, data)
      const model = g.when(about.size, isBig, train, { data, mean: about.mean })
      return { needy: g(needy, { model }), easy: g(easy, { model, size: about.size }) }
    })
    await withClient(async (client) => {
      expect((await client.run(plan, { path: 'abc' })).output).toEqual({
        needy: '3 around 1',
        easy: '3 around 1 of 3',
      })
      const run = client.run(plan, { path: 'ab' })
      const skipped: string[] = []
      for await (const event of run) {
        if (event.type === 'task' && event.state === 'skipped') {
          skipped.push(`${event.step}: ${event.why}`)
        }
      }
      expect((await run).output).toEqual({ easy: 'none of 2' })
      expect(skipped).toEqual(['train: when', "needy: 'train' is absent"])
    })
  })

  it('takes options for each step', async () => {
    let tries = 0
    const flaky = step({
      name: 'flaky',
      input: z.number(),
      output: z.number(),
      run: (n) => {
        if (++tries < 3) throw new RangeError('not yet')
        return n
      },
    })
    const plan = graph('options', number, (g, input) => ({
      tried: g(flaky, input, { retries: 2 }),
      skipped: g(double, input, { name: 'odd', when: (n) => n % 2 === 1 }),
    }))
    const { output } = await withClient(async (client) => client.run(plan, 2))
    expect(output).toEqual({ tried: 2 })
  })

  it('[F7] [F24] takes the same options for a step with a condition', async () => {
    let tries = 0
    const flaky = step({
      name: 'flaky',
      input: z.number(),
      output: z.number(),
      run: (n) => {
        if (++tries < 3) throw new RangeError('not yet')
        return n
      },
    })
    const bad = step({
      name: 'bad',
      input: z.number(),
      output: z.number(),
      run: () => {
        throw new RangeError('never')
      },
    })
    const plan = graph('options', number, (g, input) => ({
      tried: g.when(input, always, flaky, input, { retries: 2 }),
      made: g.when(input, always, bad, input, { name: 'made', fallback: (_, n) => n * 10 }),
      plain: g(bad, input, { fallback: (_, n) => n * 100 }),
    }))
    const { output, stats: sums } = await withClient(async (client) => client.run(plan, 2))
    expect(output).toEqual({ tried: 2, made: 20, plain: 200 })
    expect(sums.bySteps.map((each) => each.step)).toEqual(['flaky', 'made', 'bad'])
  })
})
