import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, plans, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'

const texts = step({
  name: 'texts',
  input: z.array(z.string()),
  output: z.number(),
  run: (all) => all.length,
})

const Count = z.preprocess((value) => Number(value ?? 0), z.number())
const double = (input: z.ZodType) =>
  step({
    name: 'double',
    input: z.object({ n: input }),
    output: z.number(),
    run: ({ n }) => Number(n) * 2,
  })

describe('a plan that cannot work', () => {
  it('[P4] refuses to run what it says is wrong, before any step runs', async () => {
    const begun: unknown[] = []
    const first = step({
      name: 'first',
      input: z.any(),
      output: z.number(),
      run: () => begun.push('first'),
    })
    const json = {
      pipeline: 'p',
      input: { m: 'number' },
      steps: [{ step: 'first' }, { step: 'texts' }],
    }
    const plan = plans.fromJson(json, { first, texts })
    await withClient(async (client) => {
      const running = client.run(plan, { m: 1 }, { id: 'refused' })
      await expect(running).rejects.toMatchObject({
        code: 'INVALID_PLAN',
        message:
          "pipeline 'p' cannot work: step 'texts': what it is given does not fit its input: it is number, not string[]",
      })
      expect(begun).toEqual([])
      expect(await client.runs.list()).toEqual([])
    })
  })

  it('[P4] takes what the schema of a plan makes of its inputs, not what they were', async () => {
    const length = z.string().transform((text) => text.length)
    const plan = pipeline('p', { n: length }).step(
      step({
        name: 'next',
        input: z.object({ n: z.number() }),
        output: z.number(),
        run: ({ n }) => n + 1,
      }),
    )
    expect(plan.validate()).toMatchObject({ ok: true, errors: [] })
    await withClient(async (client) => {
      expect((await client.run(plan, { n: 'four' })).output).toBe(5)
    })
  })

  it.each([
    ['as it is', Count, 8],
    ['optional', Count.optional(), 8],
    ['with more after it', Count.transform((n) => n + 1), 10],
  ])(
    '[P4] lets a step make what it wants of anything before its schema looks: %s',
    async (_, input, output) => {
      const plan = pipeline('p', { n: z.string() }).step(double(input))
      expect(plan.validate()).toMatchObject({ ok: true, errors: [] })
      await withClient(async (client) => {
        expect((await client.run(plan, { n: '4' })).output).toBe(output)
      })
    },
  )

  it('[P4] says nothing of a column that is missing where its step makes one of nothing', () => {
    const json = { pipeline: 'p', input: { m: 'string', k: 'string' }, steps: ['double'] }
    const plan = plans.fromJson(json, { double: double(Count) })
    expect(plan.validate()).toMatchObject({ ok: true, errors: [] })
  })

  it('[F13] takes what the schema of a piped pipeline makes of the row, not the row', async () => {
    const input = { n: z.string().transform(Number), k: z.number().default(7) }
    const sub = pipeline('sub', input).step(double(z.number())).step(double(z.number()))
    const piped = pipeline('p', { n: z.string() }).pipe(sub)
    expect(piped.validate()).toMatchObject({ ok: true, errors: [] })
    await withClient(async (client) => {
      expect((await client.run(piped, { n: '4' })).output).toBe(16)
    })
  })

  it('[F13] says of a piped pipeline what it lacks', () => {
    const sub = pipeline('sub', { n: z.number(), k: z.number() }).step(double(z.number()))
    // @ts-expect-error n is no number, and there is no k
    const piped = pipeline('p', { n: z.string() }).pipe(sub)
    const message = 'what it is given does not fit its input: n is string, not number'
    expect(piped.validate().errors).toEqual([{ step: 'pipe', message }])
  })
})
