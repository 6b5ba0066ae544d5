import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { read, save } from '../../src/index.ts'
import { folderOfTests } from './files.ts'

const folder = folderOfTests()

async function rowsOf(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  return Array.fromAsync(rows)
}

describe('dates and bigints', () => {
  const rows = [
    { at: new Date(0), n: 2n ** 60n },
    { at: new Date('2024-02-29T12:30:00.5Z'), n: -9007199254740993n },
    { at: new Date(8.64e15), n: 0n },
    { at: null, n: null },
  ]

  it.each(['csv', 'parquet'])(
    '[D33] that are saved to .%s are read as what they were',
    async (format) => {
      const file = folder.path(`values.${format}`)
      await save(file, rows)
      const shape = { at: z.date().nullable(), n: z.bigint().nullable() }
      expect(await rowsOf(read(file, shape))).toEqual(rows)
      const texts = { at: z.string().nullable(), n: z.string().nullable() }
      expect(await rowsOf(read(file, texts))).toMatchObject([
        { at: '1970-01-01T00:00:00.000Z', n: String(2n ** 60n) },
        { n: '-9007199254740993' },
        { n: '0' },
        { at: null, n: null },
      ])
    },
  )

  it.each([
    ['2024-01-05', '2024-01-05T00:00:00.000Z'],
    ['2024-01-05T10:00:00+02:00', '2024-01-05T08:00:00.000Z'],
    [' 2024-01-05 ', '2024-01-05T00:00:00.000Z'],
  ])('[D33] a cell of CSV is a date where it says one: %s', async (cell, date) => {
    await writeFile(folder.path('date.csv'), `at\n${cell}\n`)
    const back = await rowsOf(read(folder.path('date.csv'), { at: z.date() }))
    expect(back).toEqual([{ at: new Date(date) }])
  })

  it.each(['2024-02-30', '2024-01-05T10:00:00', '05.01.2024', '7', 'soon'])(
    '[D33] a cell of CSV is no date where it says none, or none that is the same everywhere: %s',
    async (cell) => {
      await writeFile(folder.path('no-date.csv'), `at\n${cell}\n`)
      await expect(rowsOf(read(folder.path('no-date.csv'), { at: z.date() }))).rejects.toThrow(
        'line 2: at: ',
      )
    },
  )

  it.each(['1.5', '1e3', '0x10', 'many'])(
    '[D33] a cell of CSV is no bigint where it is no whole number: %s',
    async (cell) => {
      await writeFile(folder.path('no-bigint.csv'), `n\n${cell}\n`)
      await expect(rowsOf(read(folder.path('no-bigint.csv'), { n: z.bigint() }))).rejects.toThrow(
        'line 2: n: ',
      )
    },
  )
})
