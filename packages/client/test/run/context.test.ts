import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, plans, step } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { clientOn, onFile } from '../durable-client.ts'
import { withClient } from '../local-plans.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { failureOf } from '../waiting.ts'

const Settings = z.object({ rate: z.number(), power: z.number() })
const scale = step({
  name: 'scale',
  input: z.number(),
  output: z.number(),
  context: Settings,
  run: (n, { context: { rate, power } }) => n * rate ** power,
})
const only = ({ n }: { n: number }) => n
const scaled = pipeline('scaled', { n: z.number() }).map(only).step(scale)

describe('the values of a context', () => {
  it('[F4] may be said by the pipeline; a run changes them for itself only', async () => {
    await withClient(async (client) => {
      const usual = scaled.withContext({ rate: 10, power: 1 })
      expect((await client.run(usual, { n: 2 })).output).toBe(20)
      expect((await client.run(usual, { n: 2 }, { context: { power: 2 } })).output).toBe(200)
      expect((await client.run(usual, { n: 2 })).output).toBe(20)
      const half = scaled.withContext({ rate: 10 })
      expect((await client.run(half, { n: 2 }, { context: { power: 3 } })).output).toBe(2000)
      // @ts-expect-error the power is still to be given
      const error = await failureOf(client.run(half, { n: 2 }))
      expect(error.message).toContain("step 'scale' needs another context: power")
    })
  })

  it('[F4] are the same when a run is taken up, whatever they are', async () => {
    await using folder = await temporaryFolder()
    const rates = z.object({ rates: z.map(z.string(), z.bigint()), since: z.date() })
    const priced = pipeline('priced', { name: z.string() })
      .map(({ name }) => name)
      .step(
        step({
          name: 'price',
          input: z.string(),
          output: z.bigint(),
          context: rates,
          run: (name, { context }) =>
            (context.rates.get(name) ?? 0n) + BigInt(context.since.getTime()),
        }),
      )
    const context = { rates: new Map([['a', 2n ** 60n]]), since: new Date(5) }
    await onFile(folder.file('runs.db'), async (client) => {
      const { output } = await client.run(priced, { name: 'a' }, { id: 'r', context })
      expect(output).toBe(2n ** 60n + 5n)
      expect((await client.rerun('r', priced, { from: 'price' })).output).toBe(output)
      const odd = { ...context, rates: new Map(), since: () => 1 }
      // @ts-expect-error a function is no date
      const run = client.run(priced, { name: 'a' }, { id: 's', context: odd })
      await expect(run).rejects.toThrow("the context of run 's': a function cannot be recorded")
    })
  })

  it('[F4] cannot be of another type, nor be none', () => {
    // @ts-expect-error a rate is a number
    scaled.withContext({ rate: 'high' })
    // @ts-expect-error no values at all
    expect(() => scaled.withContext('high')).toThrow('withContext() takes values by name')
  })

  it('[F4] of a pipeline count in pipelines, branches and calls inside it, those around first', async () => {
    const inner = scaled.withContext({ rate: 10, power: 1 })
    const asks = step({
      name: 'asks',
      input: z.number(),
      output: z.number(),
      context: Settings,
      run: (n, { call }) => call(scaled, { n }),
    })
    const outer = pipeline('outer', { n: z.number() })
      .parallel({
        inner,
        branch: (rows) => rows.map(only).step(scale),
        asks: (rows) => rows.map(only).step(asks),
      })
      .withContext({ rate: 3, power: 2 })
    await withClient(async (client) => {
      const { output } = await client.run(outer, { n: 2 })
      expect(output).toEqual({ n: 2, inner: 18, branch: 18, asks: 18 })
      const mixed = pipeline('mixed', { n: z.number() }).step(inner).withContext({ rate: 7 })
      expect((await client.run(mixed, { n: 2 })).output).toBe(14)
    })
  })

  it('[F4] may be of a pipeline that is made for each row', async () => {
    const plan = pipeline('made', { n: z.number() }).pipe((row: { n: number }) =>
      scaled.withContext({ rate: row.n, power: 1 }),
    )
    await withClient(async (client) => {
      expect((await client.run(plan, [{ n: 2 }, { n: 3 }])).output).toEqual([4, 9])
    })
  })

  it('[F4] neither hide columns of the same name nor are hidden by them', async () => {
    const rate = step({
      name: 'rate',
      input: z.object({ n: z.number() }),
      output: z.number(),
      context: z.object({ rate: z.number() }),
      run: ({ n }, { context }) => n + context.rate,
    })
    const plan = pipeline('shadows', { n: z.number() })
      .step(rate, { as: 'rate' })
      .step(rate, { as: 'again' })
    await withClient(async (client) => {
      const { output } = await client.run(plan, { n: 1 }, { context: { rate: 100 } })
      expect(output).toEqual({ n: 1, rate: 101, again: 101 })
    })
  })

  it('[F4] cannot be of a branch, where nobody would look for them', () => {
    const start = pipeline('p', { n: z.number() })
    const withOwn = () =>
      start.parallel({ own: (rows) => rows.map(only).step(scale).withContext({ rate: 1 }) })
    expect(withOwn).toThrow("'own' of parallel() has withContext(): say it of the pipeline around")
  })

  it('[F1] [F15] that the pipeline says anew make its steps anew, and no others', async () => {
    const plus = step({ name: 'plus', input: z.number(), output: z.number(), run: (n) => n + 1 })
    const plan = pipeline('p', { n: z.number() }).map(only).step(plus).step(scale)
    await using client = clientOn(createMemoryStore())
    await client.run(plan.withContext({ rate: 2, power: 1 }), { n: 1 }, { id: 'r' })
    const again = await client.rerun('r', plan.withContext({ rate: 5, power: 1 }))
    expect(again).toMatchObject({ output: 10, stats: { cached: 1, done: 2 } })
  })

  it('[F4] [F15] of a rerun that no step takes is refused: what was meant would stay as it was', async () => {
    await using client = clientOn(createMemoryStore())
    const nested = pipeline('nested', { n: z.number() }).parallel({ a: scaled })
    await client.run(nested, { n: 1 }, { id: 'r', context: { rate: 2, power: 1 } })
    const error = await failureOf(client.rerun('r', nested, { context: { rat: 3 } }))
    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      message: "no step takes the context 'rat'; they take rate, power",
    })
    const { output } = await client.rerun('r', nested, { context: { rate: 3 } })
    expect(output).toEqual({ n: 1, a: 3 })
    // Steps that are chosen as it runs may take anything.
    const open = nested.pipe(() => pipeline('open', { n: z.number() }))
    await expect(client.rerun('r', open, { context: { rat: 3 } })).resolves.toMatchObject({
      ok: true,
    })
  })

  it('[F4] [F8] that steps take can be asked for before anything runs', () => {
    const named = pipeline('p', { n: z.number() }).parallel({ a: scaled.withContext({ rate: 2 }) })
    expect(named.validate().context).toEqual(['rate', 'power'])
    expect(pipeline('none', { n: z.number() }).validate().context).toEqual([])
    // Steps that are chosen as it runs may take anything.
    const open = named.pipe(() => pipeline('open', { n: z.number() }))
    expect(open.validate()).not.toHaveProperty('context')
  })

  it('[F4] of a rerun may be anything where a step takes whatever there is', async () => {
    await using client = clientOn(createMemoryStore())
    const loose = step({
      name: 'loose',
      input: z.number(),
      output: z.number(),
      context: z.looseObject({ rate: z.number() }),
      run: (n, { context }) => n * context.rate,
    })
    const plan = pipeline('any', { n: z.number() }).map(only).step(loose)
    await client.run(plan, { n: 1 }, { id: 'r', context: { rate: 2 } })
    const again = await client.rerun('r', plan, { context: { rat: 3 } })
    expect(again.output).toBe(2)
  })

  it('[F14] [P8] are sealed with the pipeline, and go through JSON and TOML', async () => {
    const one = scaled.withContext({ rate: 2, power: 1 })
    const other = scaled.withContext({ rate: 3, power: 1 })
    expect(one.freeze().hash).not.toBe(other.freeze().hash)
    expect(one.freeze().hash).toBe(scaled.withContext({ power: 1, rate: 2 }).freeze().hash)
    expect(plans.diff(one, other)).toEqual([{ kind: 'change', step: '', what: ['context'] }])
    const text = plans.toToml(one)
    const read = plans.fromToml(text, { scale, only })
    expect(plans.toToml(read)).toBe(text)
    await withClient(async (client) => {
      expect((await client.run(read, { n: 4 })).output).toBe(8)
    })
  })
})
