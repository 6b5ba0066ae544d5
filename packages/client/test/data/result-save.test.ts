import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { pipeline } from '../../src/index.ts'
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
