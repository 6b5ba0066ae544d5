import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { read, save } from '../../src/index.ts'
import { folderOfTests } from './files.ts'

const folder = folderOfTests()

async function rowsOf(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  return Array.fromAsync(rows)
}

async function fileOf(name: string, content: string): Promise<string> {
  await writeFile(folder.path(name), content)
  return folder.path(name)
}

describe('an empty cell', () => {
  it('[D33] is what its schema has for nothing: absent, then null, then an empty text', async () => {
    const file = await fileOf('empty.csv', 'n,a,b,c,d\n1,,,,\n')
    const shape = {
      n: z.number(),
      a: z.string().optional(),
      b: z.string().nullable(),
      c: z.string(),
      d: z.number().nullable(),
    }
    expect(await rowsOf(read(file, shape))).toStrictEqual([
      { n: 1, a: undefined, b: null, c: '', d: null },
    ])
  })

  it.each([
    ['an empty text to one that coerces texts', z.coerce.string(), ''],
    ['absent to one that may be absent', z.coerce.number().optional(), undefined],
    ['null to one that may be null', z.coerce.date().nullable(), null],
    ['the default of a number', z.coerce.number().default(7), 7],
    ['the default before the text is parsed', z.coerce.number().prefault('8'), 8],
    ['the default of a text', z.string().default('none'), 'none'],
    ['what stands in for a failure', z.coerce.date().catch(new Date(0)), new Date(0)],
    ['a text to what goes on from it', z.coerce.string().transform((text) => text.length), 0],
    ['null to what goes on from it', z.string().nullable().transform(String), 'null'],
    ['absent to what takes everything', z.unknown(), undefined],
    ['null to one of several', z.union([z.number(), z.null()]), null],
  ])('[D33] is %s', async (_, cell, value) => {
    const file = await fileOf('says.csv', 'n,cell\n1,\n')
    const rows = await rowsOf(read(file, { n: z.number(), cell }))
    expect(rows).toStrictEqual([{ n: 1, cell: value }])
  })

  it.each([
    ['number', z.coerce.number()],
    ['date', z.coerce.date()],
    ['bigint', z.coerce.bigint()],
    ['number that goes on', z.coerce.number().transform((n) => n + 1)],
  ])('[D33] is never made a %s: the row is a bad one', async (_, cell) => {
    const file = await fileOf('coerced.csv', 'n,cell\n1,\n2,\n')
    await expect(rowsOf(read(file, { cell }))).rejects.toThrow('line 2: cell: the cell is empty')
    const failures = folder.path('coerced-failures.jsonl')
    expect(await rowsOf(read(file, { cell }, { failures }))).toEqual([])
    expect(await readFile(failures, 'utf8')).toContain('"place":"line 3"')
  })

  it.each([z.coerce.string(), z.coerce.boolean()])(
    '[D33] is another thing than a column that is missing, also to a schema that coerces',
    async (cell) => {
      const file = await fileOf('missing.csv', 'n\n1\n')
      await expect(rowsOf(read(file, { cell }))).rejects.toThrow(
        'line 1 names no column "cell", but "n"',
      )
      expect(await rowsOf(read(file, { cell: cell.optional() }))).toEqual([{}])
    },
  )

  it('[D33] of Parquet is nothing as well, and no text of its name', async () => {
    const file = folder.path('empty.parquet')
    await save(file, [{ cell: null }, { cell: 'x' }])
    expect(await rowsOf(read(file, { cell: z.string().nullable() }))).toEqual([
      { cell: null },
      { cell: 'x' },
    ])
    await expect(rowsOf(read(file, { cell: z.coerce.string() }))).rejects.toThrow(
      'row 1: cell: the cell is empty',
    )
  })
})

describe('a cell', () => {
  it('[D33] is read as what it says where its schema has a value for failures', async () => {
    const file = await fileOf('catch.csv', 'n\n5\nmany\n')
    expect(await rowsOf(read(file, { n: z.number().catch(0) }))).toEqual([{ n: 5 }, { n: 0 }])
  })
})
