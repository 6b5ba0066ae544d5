import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, plans, step } from '../../src/index.ts'
import { double, withClient } from '../local-plans.ts'

function times(by: number) {
  return step({
    name: 'times',
    version: String(by),
    input: z.number(),
    output: z.number(),
    run: (n) => n * by,
  })
}

describe('a pipeline as data', () => {
  it('[P8] tells functions without names from each other: one never stands for another', async () => {
    const nameless = pipeline('nameless', { n: z.number() })
      .map(({ n }) => ({ n: n + 1 }))
      .map(({ n }) => ({ n: n * 10 }))
      .step(double, {
        when: ({ n }) => n > 10,
        with: ({ n }) => n,
        retry: { attempts: 2, filter: () => true },
        as: 'a',
      })
      .step(double, { when: () => false, with: () => 1, as: 'b' })
    const json: unknown = JSON.parse(JSON.stringify(nameless))
    expect(json).toMatchObject({
      steps: [
        { map: 'anonymous' },
        { map: 'anonymous-2' },
        { when: 'when', retry: { filter: 'filter' } },
        { when: 'when-2', with: 'with-2' },
      ],
    })
    const known = {
      double,
      anonymous: ({ n }: { n: number }) => ({ n: n + 1 }),
      when: ({ n }: { n: number }) => n > 10,
      filter: () => true,
      with: ({ n }: { n: number }) => n,
    }
    expect(() => plans.fromJson(json, known)).toThrow("steps[1].map names 'anonymous-2'")
    const rest = {
      'anonymous-2': ({ n }: { n: number }) => ({ n: n * 10 }),
      'when-2': () => false,
      'with-2': () => 1,
    }
    const output = { n: 30, a: 60, b: undefined }
    const read = plans.fromJson(json, { ...known, ...rest })
    const result = await withClient(async (client) => client.run(read, { n: 2 }))
    expect(result.output).toEqual(output)
  })

  it('[P8] gives functions and steps of one name different names, and the same ones the same', () => {
    const named = { times: (row: unknown) => Number(row) }.times
    const [twice, thrice] = [times(2), times(3)]
    const written = pipeline('p', { n: z.number() })
      .map(named)
      .step(twice)
      .step(thrice)
      .step(twice)
      .map(named)
    expect(written.toJSON()).toMatchObject({
      steps: [
        { map: 'times' },
        { step: 'times-2', version: '2' },
        { step: 'times-3', version: '3' },
        { step: 'times-2' },
        { map: 'times' },
      ],
    })
  })

  it('[P8] tells steps from each other that differ in what they take only', async () => {
    const parts = { name: 'take', output: z.unknown(), run: () => 'taken' }
    const anything = step({ ...parts, input: z.object({ n: z.number() }) })
    const positive = step({ ...parts, input: z.object({ n: z.number().min(1) }) })
    const both = pipeline('both', { n: z.number() })
      .step(anything, { as: 'a' })
      .step(positive, { as: 'b' })
    const json: unknown = JSON.parse(JSON.stringify(both))
    expect(json).toMatchObject({ steps: [{ step: 'take' }, { step: 'take-2' }] })
    const back = plans.fromJson(json, { take: anything, 'take-2': positive })
    await withClient(async (client) => {
      await expect(client.run(back, { n: 0 })).rejects.toThrow("step 'take'")
      expect(await client.run(back, { n: 1 })).toMatchObject({ ok: true })
    })
  })
})
