import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { pipeline, read, save, step } from '../../src/index.ts'
import { z } from 'zod'
import { list, numbers, withClient } from '../local-plans.ts'
import { folderOfTests } from './files.ts'

const folder = folderOfTests()

async function saved(name: string): Promise<string> {
  return readFile(folder.path(name), 'utf8')
}

describe('the result of a run', () => {
  it('[D33] saves each element of its output as a row, whatever shape the plan has', async () => {
    await withClient(async (client) => {
      const many = await client.run(numbers, [{ n: 1 }, { n: 2 }])
      await many.save(folder.path('many.jsonl'))
      expect(await saved('many.jsonl')).toBe('1\n2\n')
      const gathered = await client.run(list, { items: [3, 4] })
      await gathered.save(folder.path('gathered.csv'))
      expect(await saved('gathered.csv')).toBe('value\n3\n4\n')
      const whole = pipeline('whole', { n: z.number() }).map(({ n }) => ({ n, twice: 2 * n }))
      await (await client.run(whole, { n: 5 })).save(folder.path('one.csv'))
      expect(await saved('one.csv')).toBe('n,twice\n5,10\n')
    })
  })

  it('[D33] has failures that are saved with what went wrong', async () => {
    await withClient(async (client) => {
      const fails = step({
        name: 'fails',
        input: z.object({ n: z.number() }),
        output: z.number(),
        run: ({ n }) => {
          throw new RangeError(`${n} is too much`)
        },
      })
      const plan = pipeline('failing', { n: z.number() }).step(fails, { minSuccessRatio: 0 })
      const { failures } = await client.run(plan, [{ n: 1 }, { n: 2 }])
      const error = { name: 'ClientError', code: 'STEP_FAILED' }
      for (const format of ['jsonl', 'csv']) {
        await save(folder.path(`failures.${format}`), failures)
        const shape = { index: z.number(), error: z.looseObject({ message: z.string() }) }
        const rows = await Array.fromAsync(read(folder.path(`failures.${format}`), shape))
        expect(rows).toMatchObject([
          { index: 0, error: { ...error, message: "step 'fails' threw: 1 is too much" } },
          { index: 1, error: { ...error, message: "step 'fails' threw: 2 is too much" } },
        ])
      }
    })
  })

  it('[D33] says which file it cannot save to, and why', async () => {
    await withClient(async (client) => {
      const result = await client.run(numbers, { n: 1 })
      await expect(result.save(folder.path('nowhere/rows.csv'))).rejects.toMatchObject({
        code: 'STORE_FAILED',
      })
      await expect(result.save(folder.path('rows.xlsx'))).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      })
    })
  })
})
