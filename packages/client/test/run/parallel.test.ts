import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { sleep, withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const Text = z.object({ text: z.string() })
const start = pipeline('analyze', { text: z.string() })

const features = step({
  name: 'features',
  input: Text,
  output: z.array(z.string()),
  run: ({ text }) => text.split(' '),
})
const mood = step({ name: 'mood', input: Text, output: z.string(), run: () => 'good' })
const Analysis = z.object({ features: z.array(z.string()), mood: z.string() })

function failing(name: string, tried = () => {}) {
  return step({
    name,
    input: Text,
    output: z.string(),
    run: (): string => {
      tried()
      throw new RangeError('no')
    },
  })
}

const broken = failing('broken')

describe('branches side by side', () => {
  // A busy machine may be late; one that does one after the other always is.
  it('[P1] that each sleep 100 ms run at the same time', { retry: 5 }, async () => {
    const both = pipeline('both', { ms: z.number() }).parallel({
      left: (rows) => rows.map(({ ms }) => ms).step(sleep),
      right: (rows) => rows.map(({ ms }) => ms).step(sleep),
    })
    const startedAt = performance.now()
    const { output } = await withClient(async (client) => client.run(both, { ms: 100 }))
    expect(output).toEqual({ ms: 100, left: 100, right: 100 })
    expect(performance.now() - startedAt).toBeLessThan(180)
  })

  it('[P3] become columns, one object of a schema, or both', async () => {
    const input = { text: 'a b' }
    const whole = { features: ['a', 'b'], mood: 'good' }
    const columns = start.parallel({ features, mood })
    const object = start.parallel({ features, mood }, { combined: Analysis })
    const column = start.parallel({ features, mood }, { combined: Analysis, as: 'analysis' })
    const both = start.parallel(
      { features, mood },
      { combined: Analysis, as: 'analysis', each: true },
    )
    await withClient(async (client) => {
      expect((await client.run(columns, input)).output).toEqual({ ...input, ...whole })
      expect((await client.run(object, input)).output).toEqual(whole)
      expect((await client.run(column, input)).output).toEqual({ ...input, analysis: whole })
      expect((await client.run(both, input)).output).toEqual({
        ...input,
        ...whole,
        analysis: whole,
      })
    })
  })

  it('[P4] fail the row where what they give does not combine', async () => {
    const short = start.parallel(
      { features, mood },
      { combined: Analysis.extend({ mood: z.string().max(2) }) },
    )
    const error = await withClient(async (client) => failureOf(client.run(short, { text: 'a' })))
    expect(error.message).toContain('does not combine: mood')
  })

  it('[P6] leave the rest alone where failures are collected', async () => {
    const plan = start.parallel({ features, broken }, { onError: 'collect' })
    const result = await withClient(async (client) => client.run(plan, { text: 'a' }))
    expect(result.output).toEqual({ text: 'a', features: ['a'], broken: undefined })
    expect(result.failures).toMatchObject([{ step: 'parallel.broken/broken' }])
  })

  it('[P11] that failed are absent: who needs them is skipped, who does not goes on', async () => {
    const told = step({
      name: 'told',
      input: z.object({ broken: z.string() }),
      output: z.string(),
      run: (row) => row.broken,
    })
    const plan = start
      .parallel({ features, broken }, { onError: 'collect' })
      .step(told, { as: 'told' })
      .map((row) => [row.features, row.told])
    const { output, stats } = await withClient(async (client) => client.run(plan, { text: 'a' }))
    expect(output).toEqual([['a'], undefined])
    expect(stats.bySteps).toContainEqual(expect.objectContaining({ step: 'told', skipped: 1 }))
  })

  it('[P6] have all settled before the run rejects, and every cause is listed', async () => {
    const settled: string[] = []
    const slow = step({
      name: 'slow',
      input: Text,
      output: z.string(),
      run: async (_, { signal }) => {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve)
        })
        await new Promise((resolve) => setTimeout(resolve, 30))
        settled.push('slow')
        return 'late'
      },
    })
    const plan = start.parallel({ slow, broken, also: failing('also') })
    const error = await withClient(async (client) => failureOf(client.run(plan, { text: 'a' })))
    expect(settled).toEqual(['slow'])
    expect(error.cause).toMatchObject({ message: "step 'broken' threw: no" })
    expect(error.result.failures.map((failure) => failure.step)).toEqual([
      'parallel.broken/broken',
      'parallel.also/also',
    ])
  })

  it('[P6] begin nothing more once one beside them has failed', async () => {
    const begun: string[] = []
    const late = (name: string) =>
      step({
        name,
        input: z.object({ text: z.string() }),
        output: z.object({ text: z.string() }),
        run: async (row) => {
          begun.push(`${name} ${row.text}`)
          await new Promise((resolve) => setTimeout(resolve, 10))
          return row
        },
      })
    const plan = start.parallel({
      chain: (rows) =>
        rows
          .map((row) => new Promise<typeof row>((resolve) => setTimeout(resolve, 5, row)))
          .tap(() => begun.push('tap'))
          .step(late('first')),
      gate: (rows) =>
        rows
          .map(({ text }) => [{ text }, { text: 'b' }])
          .scatter()
          .step(late('second'), { concurrency: 1 })
          .step(late('third')),
      broken,
    })
    const error = await withClient(async (client) => failureOf(client.run(plan, { text: 'a' })))
    expect(begun).toEqual(['second a'])
    expect(error.result.failures.map((failure) => failure.step)).toEqual(['parallel.broken/broken'])
  })

  it('[P2] cannot change what the others and the row around them see', async () => {
    const Deep = z.object({ deep: z.object({ text: z.string() }) })
    const changes = step({
      name: 'changes',
      input: Deep,
      output: z.string(),
      run: (row) => {
        row.deep.text = 'changed'
        return row.deep.text
      },
    })
    const looks = step({
      name: 'looks',
      input: Deep,
      output: z.string(),
      run: async ({ deep }) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return deep.text
      },
    })
    const plan = pipeline('p', Deep.shape).parallel({ changes, looks }, { onError: 'collect' })
    const input = { deep: { text: 'original' } }
    const { output, failures } = await withClient(async (client) => client.run(plan, input))
    expect(output).toEqual({ ...input, changes: undefined, looks: 'original' })
    expect(failures.map(({ step: name }) => name)).toEqual(['parallel.changes/changes'])
    expect(failures[0]?.error.message).toContain('read only')
  })

  it('[P7] have options of their own', async () => {
    const tries = { left: 0, right: 0 }
    const left = failing('left', () => tries.left++)
    const right = failing('right', () => tries.right++)
    const plan = start.parallel(
      { left: (rows) => rows.step(left, { retries: 2 }), right },
      { onError: 'collect' },
    )
    await withClient(async (client) => client.run(plan, { text: 'a' }))
    expect(tries).toEqual({ left: 3, right: 1 })
  })

  it('[P7] [F24] are not told what nobody would heed: policies of a branch of many steps', () => {
    const a = step({ name: 'a', input: z.number(), output: z.number(), run: (n) => n })
    const many = () =>
      pipeline('p', { n: z.number() }).parallel(
        { a: (rows) => rows.map(({ n }) => n).step(a) },
        { retries: 2 },
      )
    expect(many).toThrow("'a' of parallel() adds steps of its own: say retries of those")
  })

  it('[P7] share what is said about all of them', async () => {
    let tries = 0
    const a = failing('a', () => tries++)
    const plan = start.parallel({ a }, { retries: 1, onError: 'collect' })
    await withClient(async (client) => client.run(plan, { text: 'a' }))
    expect(tries).toBe(2)
  })
})
