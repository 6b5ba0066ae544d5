import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type CacheOptions } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { clientOn } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

/** A plan whose one step is cached and notes what it runs on. */
function cached(
  ran: unknown[],
  answer: (value: unknown) => unknown = (value) => value,
  { cache = true, version = '1' }: { cache?: boolean | CacheOptions; version?: string } = {},
) {
  const ask = step({
    name: 'ask',
    version,
    input: z.unknown(),
    output: z.unknown(),
    context: z.object({ mood: z.string().optional() }),
    run: async (value) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      ran.push(value)
      return answer(value)
    },
  })
  return pipeline('p', { value: z.unknown() })
    .map(({ value }) => value)
    .step(ask, { cache })
}

function long(n: number) {
  return { value: `${n}${'x'.repeat(700)}` }
}

describe('a step with a cache', () => {
  it('[F1] runs again when its input, declared context or definition changes, and only then', async () => {
    await using client = clientOn(createMemoryStore())
    const ran: unknown[] = []
    const run = async (value: unknown, plan = cached(ran), context = {}) => {
      const { stats } = await client.run(plan, { value }, { context })
      return stats.cached
    }
    expect(await run({ a: 1, b: 2 })).toBe(0)
    expect(await run({ b: 2, a: 1 })).toBe(1)
    expect(await run({ a: 1, b: 3 })).toBe(0)
    expect(await run({ a: 1, b: 2 }, cached(ran), { mood: 'good' })).toBe(0)
    expect(await run({ a: 1, b: 2 }, cached(ran), { mood: 'good', weather: 'bad' })).toBe(1)
    expect(await run({ a: 1, b: 2 }, cached(ran, undefined, { version: '2' }))).toBe(0)
    expect(ran).toHaveLength(4)
  })

  it('[F2] keeps null, 0, the empty text and false, but no failures', async () => {
    await using folder = await temporaryFolder()
    await using client = clientOn(createSqliteStore(folder.file('runs.db')))
    for (const value of [null, 0, '', false]) {
      const ran: unknown[] = []
      const plan = cached(ran)
      await client.run(plan, { value })
      expect(await client.run(plan, { value })).toMatchObject({ output: value })
      expect(ran).toEqual([value])
    }
    const ran: unknown[] = []
    const broken = cached(ran, () => {
      throw new RangeError('no')
    })
    for (let i = 0; i < 2; i++) {
      await expect(client.run(broken, { value: 1 })).rejects.toThrow('no')
    }
    expect(ran).toEqual([1, 1])
    const fallen: unknown[] = []
    const ask = step({
      name: 'falls',
      input: z.number(),
      output: z.number(),
      run: (n): number => {
        fallen.push(n)
        throw new RangeError('no')
      },
    })
    const plan = pipeline('p', { n: z.number() })
      .map(({ n }) => n)
      .step(ask, { cache: true, fallback: () => 7 })
    for (let i = 0; i < 2; i++)
      expect(await client.run(plan, { n: 1 })).toMatchObject({ output: 7 })
    expect(fallen).toEqual([1, 1])
  })

  it('[F2] runs once for five who ask the same at once', async () => {
    await using client = clientOn(createMemoryStore())
    const ran: unknown[] = []
    const inputs = Array.from({ length: 5 }, () => ({ value: 'same' }))
    const { output, stats } = await client.run(cached(ran), inputs)
    expect(output).toEqual(['same', 'same', 'same', 'same', 'same'])
    expect(ran).toEqual(['same'])
    expect(stats.cached).toBe(4)
  })

  it('[F2] [F3] runs once for five who ask the same at once, also where the answer is too large to be kept', async () => {
    await using client = clientOn(createMemoryStore({ cacheSize: 100 }))
    const ran: unknown[] = []
    const inputs = Array.from({ length: 5 }, () => long(0))
    const { output, stats } = await client.run(cached(ran), inputs)
    expect(output).toHaveLength(5)
    expect(ran).toHaveLength(1)
    expect(stats.cached).toBe(4)
    expect(client.cache.stats().entries).toBe(0)
  })

  it('[F2] [F15] asks again, once, when a run is done again from it, and keeps the new answer', async () => {
    await using client = clientOn(createMemoryStore())
    const ran: unknown[] = []
    let answers = 0
    const plan = cached(ran, () => ++answers)
    const inputs = [{ value: 'same' }, { value: 'same' }]
    const options = { concurrency: 1 }
    expect((await client.run(plan, inputs, { id: 'r', ...options })).output).toEqual([1, 1])
    expect((await client.rerun('r', plan, { from: 'ask', ...options })).output).toEqual([2, 2])
    expect((await client.run(plan, inputs)).output).toEqual([2, 2])
    expect(ran).toHaveLength(2)
  })

  it('[F2] tells 1, true, "1" and [1] apart', async () => {
    await using client = clientOn(createMemoryStore())
    const ran: unknown[] = []
    const inputs = [1, true, '1', [1]].map((value) => ({ value }))
    const { output } = await client.run(cached(ran), inputs)
    expect(output).toEqual([1, true, '1', [1]])
    expect(ran).toHaveLength(4)
  })

  it('[F22] shares answers with its run, its project or everybody, as it says', async () => {
    await using client = clientOn(createMemoryStore())
    const runs = async (scope: 'run' | 'project' | 'network') => {
      const ran: unknown[] = []
      const plan = cached(ran, undefined, { cache: { scope } })
      for (const project of ['a', 'a', 'b']) {
        await client.run(plan, [{ value: scope }, { value: scope }], { project })
      }
      return ran.length
    }
    expect([await runs('run'), await runs('project'), await runs('network')]).toEqual([3, 2, 1])
  })

  it('[F3] forgets by step, and what is too old', async () => {
    let now = 1000
    await using client = clientOn(createMemoryStore({ now: () => now }))
    const ran: unknown[] = []
    const plan = cached(ran, undefined, { cache: { ttl: '1m' } })
    const run = async () => (await client.run(plan, { value: 1 })).stats.cached
    expect([await run(), await run()]).toEqual([0, 1])
    now += 60_000
    expect([await run(), await run()]).toEqual([0, 1])
    expect(client.cache.clear({ step: 'other' })).toBe(0)
    expect(client.cache.clear({ step: 'ask', before: now })).toBe(0)
    expect(await run()).toBe(1)
    expect(client.cache.clear({ step: 'ask', before: now + 1 })).toBe(1)
    expect(await run()).toBe(0)
  })

  it('[F3] forgets by step in whatever plan, used however often, and by scope', async () => {
    await using client = clientOn(createMemoryStore())
    const number = z.number()
    const half = step({ name: 'half', input: number, output: number, run: (n) => n / 2 })
    const inner = pipeline('inner', { n: number })
      .map(({ n }) => n)
      .step(half, { cache: true })
      .step(half, { cache: true })
    const outer = pipeline('outer', { n: number }).step(inner, { cache: { scope: 'network' } })
    const { cache } = client
    const run = () => client.run(outer, { n: 8 })
    await run()
    expect(cache.clear({ step: 'half' })).toBe(2)
    expect(cache.clear({ step: 'inner' })).toBe(1)
    await run()
    expect(cache.clear({ step: 'inner/half-2' })).toBe(1)
    expect(cache.clear({ scope: 'project' })).toBe(1)
    expect(cache.clear({ scope: 'project' })).toBe(0)
    expect(cache.clear({ scope: 'network' })).toBe(1)
  })

  it('[F3] holds no more than its store may', async () => {
    await using client = clientOn(createMemoryStore({ cacheSize: 3000 }))
    const ran: unknown[] = []
    for (let n = 0; n < 6; n++) await client.run(cached(ran), long(n))
    expect(client.cache.stats().size).toBeLessThanOrEqual(3000)
    await client.run(cached(ran), long(5))
    expect(ran).toHaveLength(6)
    await client.run(cached(ran), long(0))
    expect(ran).toHaveLength(7)
  })
})
