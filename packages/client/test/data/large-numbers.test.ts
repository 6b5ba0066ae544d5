import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { read, save } from '../../src/index.ts'
import { folderOfTests } from './files.ts'

const folder = folderOfTests()

async function rowsOf(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  return Array.fromAsync(rows)
}

const CSV = 'id,n\n9007199254740993,1\n9007199254740992,2\n-9007199254740993,3\n7,4\n'
const JSONL =
  '{"id":9007199254740993,"n":1}\n{"id":9007199254740992,"n":2}\n{"id":-9007199254740993,"n":3}\n{"id":7,"n":4}\n'

describe('numbers that are too large to be held exactly', () => {
  it.each([
    ['csv', CSV, 'line 2', 'line 4'],
    ['jsonl', JSONL, 'line 1', 'line 3'],
  ])('[D33] make a bad row of .%s, so that two ids never become one', async (...given) => {
    const [format, content, ...places] = given
    const file = folder.path(`ids.${format}`)
    await writeFile(file, content)
    const shape = { id: z.number(), n: z.number() }
    const failures = folder.path('ids-failures.jsonl')
    await expect(rowsOf(read(file, shape))).rejects.toThrow(
      /ids.* line [12]: id: a number beyond 2\^53 would be rounded; .*read the column as text/,
    )
    expect(await rowsOf(read(file, shape, { failures }))).toEqual([
      { id: 9007199254740992, n: 2 },
      { id: 7, n: 4 },
    ])
    const kept = (await readFile(failures, 'utf8')).trim().split('\n')
    const bad = kept.map((line) => JSON.parse(line) as unknown)
    const [first, second] = places
    expect(bad).toMatchObject([
      { place: first, row: { id: '9007199254740993' } },
      { place: second, row: { id: '-9007199254740993' } },
    ])
    expect(await rowsOf(read(file, { n: z.number() }))).toHaveLength(4)
  })

  it('[D33] are read whole as text or bigint from .csv and .parquet', async () => {
    await writeFile(folder.path('whole.csv'), CSV)
    const ids = [9007199254740993n, 9007199254740992n, -9007199254740993n, 7n]
    await save(
      folder.path('whole.parquet'),
      ids.map((id) => ({ id })),
    )
    for (const name of ['whole.csv', 'whole.parquet']) {
      const file = folder.path(name)
      const texts = ids.map((id) => ({ id: String(id) }))
      expect(await rowsOf(read(file, { id: z.string() }))).toEqual(texts)
      expect(await rowsOf(read(file, { id: z.coerce.bigint() }))).toEqual(ids.map((id) => ({ id })))
      const row = `${name === 'whole.csv' ? 'line 2' : 'row 1'}: id: a number beyond`
      await expect(rowsOf(read(file, { id: z.number() }))).rejects.toThrow(row)
      await expect(rowsOf(read(file, { id: z.coerce.number() }))).rejects.toThrow(row)
      const shape = { id: z.number().transform((id) => `no. ${id}`) }
      await expect(rowsOf(read(file, shape))).rejects.toThrow(row)
    }
  })

  it('[D33] are found within lists and objects as well', async () => {
    const shape = { ids: z.array(z.object({ id: z.number() })) }
    const list = '[{"id":1},{"id":123456789012345678901}]'
    await writeFile(folder.path('deep.jsonl'), `{"ids":${list}}\n`)
    await writeFile(folder.path('deep.csv'), `ids\n"${list.replaceAll('"', '""')}"\n`)
    for (const name of ['deep.jsonl', 'deep.csv']) {
      await expect(rowsOf(read(folder.path(name), shape))).rejects.toThrow(
        'ids: a number beyond 2^53 would be rounded',
      )
    }
  })

  const rounded = [
    '9007199254740993.0',
    '9007199254740993.5',
    '-9007199254740993.0',
    '9.007199254740993e15',
    '90071992547409930E-1',
    '1e400',
    '-1e400',
    '9'.repeat(400),
  ]
  it.each(rounded)('[D33] are told however they are written: %s', async (n) => {
    const told = 'n: a number beyond 2^53 would be rounded'
    const shape = { n: z.custom<number>((cell) => typeof cell === 'number') }
    await writeFile(folder.path('forms.jsonl'), `{"n":${n}}\n`)
    await writeFile(folder.path('forms.csv'), `n\n${n}\n`)
    await expect(rowsOf(read(folder.path('forms.jsonl'), shape))).rejects.toThrow(`line 1: ${told}`)
    await expect(rowsOf(read(folder.path('forms.csv'), shape))).rejects.toThrow(`line 2: ${told}`)
    expect(await rowsOf(read(folder.path('forms.csv'), { n: z.string() }))).toEqual([{ n }])
  })

  const held = [
    '0.1',
    '1.10',
    '1e3',
    '0.1234567890123456789',
    '1.7e308',
    '1.7E+308',
    '1e-400',
    '-0.0',

    '9007199254740992.0',
    '9007199254740994',
    '1e20',
    '100000000000000000000',
    '1.5e15',
    '0e999',
  ]
  it.each(held)(
    '[D33] are not those that are what was written, as far as digits go: %s',
    async (n) => {
      await writeFile(folder.path('held.jsonl'), `{"n":${n}}\n`)
      await writeFile(folder.path('held.csv'), `n\n${n}\n`)
      for (const name of ['held.jsonl', 'held.csv']) {
        const rows = await rowsOf(read(folder.path(name), { n: z.number() }))
        expect(rows).toEqual([{ n: Number(n) }])
      }
    },
  )

  it.each(['jsonl', 'csv', 'parquet'])(
    '[D33] of ours come back from .%s as they were',
    async (format) => {
      const rows = [1e20, 123456789012345680000, 2 ** 53, 1.7e308, -(2 ** 70)].map((n) => ({ n }))
      const file = folder.path(`ours.${format}`)
      await save(file, rows)
      expect(await rowsOf(read(file, { n: z.number() }))).toEqual(rows)
    },
  )
})
