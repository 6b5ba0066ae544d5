import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { read, save } from '../../src/index.ts'
import { folderOfTests } from './files.ts'

const folder = folderOfTests()

describe('what a table cannot hold', () => {
  it.each(['csv', 'parquet'])('[D33] is refused by .%s: half a character', async (format) => {
    const file = folder.path(`half.${format}`)
    const saving = save(file, [{ n: 'x' }, { n: 'x\ud800' }])
    await expect(saving).rejects.toThrow(/row 2, n: half a character .* save it as \.jsonl/)
    await expect(save(file, [{ 'n\ud800': 1 }])).rejects.toThrow(
      /column "n\\ud800": half a character/,
    )
  })

  it.each(['csv', 'parquet'])('[D33] is refused by .%s: rows without a column', async (format) => {
    const file = folder.path(`none.${format}`)
    await expect(save(file, [{}, {}])).rejects.toThrow(/its rows have no column.*\.jsonl/)
    await save(file, [])
    expect(await Array.fromAsync(read(file, { n: z.number().optional() }))).toEqual([])
  })

  it.each(['csv', 'parquet'])(
    '[D33] is refused by .%s: a column that begins with a mark',
    async (format) => {
      const saving = save(folder.path(`mark.${format}`), [{ '\ufeffn': 1 }])
      await expect(saving).rejects.toThrow(/byte order mark, which readers drop: rename it/)
    },
  )

  it('[D33] is kept by JSON lines: half a character, and rows without a column', async () => {
    const file = folder.path('kept.jsonl')
    const rows = [{ n: 'x\ud800' }, {}]
    await save(file, rows)
    expect(await Array.fromAsync(read(file, { n: z.string().optional() }))).toEqual(rows)
  })
})

describe('what a table can hold', () => {
  it('[D33] comes back from Parquet: bytes', async () => {
    const file = folder.path('bytes.parquet')
    const bytes = new Uint8Array([0, 200, 255])
    await save(file, [{ n: bytes }, { n: undefined }, bytes])
    const shape = {
      n: z.instanceof(Uint8Array).nullish(),
      value: z.instanceof(Uint8Array).nullish(),
    }
    expect(await Array.fromAsync(read(file, shape))).toEqual([
      { n: bytes, value: null },
      { n: null, value: null },
      { n: null, value: bytes },
    ])
  })

  it('[D33] comes back from CSV: a zero with a sign', async () => {
    const file = folder.path('zero.csv')
    await save(file, [{ n: -0 }, { n: 0 }])
    expect(await Array.fromAsync(read(file, { n: z.number() }))).toEqual([{ n: -0 }, { n: 0 }])
  })
})
