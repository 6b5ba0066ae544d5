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
})
