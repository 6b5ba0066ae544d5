import { existsSync } from 'node:fs'
import { link, readFile, symlink, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { ClientError, read, save } from '../../src/index.ts'
import { folderOfTests } from './files.ts'

const folder = folderOfTests()
const topic = { topic: z.string() }

async function rowsOf(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  return Array.fromAsync(rows)
}

async function fileOf(name: string, content: string): Promise<string> {
  await writeFile(folder.path(name), content)
  return folder.path(name)
}

async function* broken() {
  yield 1
  await Promise.resolve()
  throw new RangeError('the stream broke')
}

describe('a file of rows', () => {
  it('[D33] of JSON lines is read with its shape, blank lines and Windows line ends and all', async () => {
    const file = await fileOf('a.jsonl', '\uFEFF{"topic":"雁","more":1}\r\n\n  \n{"topic":"b"}')
    const rows = read(file, topic)
    expectTypeOf(rows).toEqualTypeOf<AsyncIterable<{ topic: string }>>()
    expect(await rowsOf(rows)).toEqual([{ topic: '雁' }, { topic: 'b' }])
    expect(await rowsOf(rows)).toEqual([{ topic: '雁' }, { topic: 'b' }])
  })

  it('[D33] of CSV becomes what the shape wants: numbers, lists, flags, cells that are empty', async () => {
    const shape = {
      name: z.string(),
      age: z.number().optional(),
      tags: z.array(z.string()),
      old: z.boolean(),
      note: z.string().nullable(),
    }
    const content =
      'name,age,tags,old,note\r\n"Anna, ""Ann""",41,"[""a""]",TRUE,\n"two\nlines",,[],false,7\n'
    expect(await rowsOf(read(await fileOf('a.csv', content), shape))).toEqual([
      { name: 'Anna, "Ann"', age: 41, tags: ['a'], old: true, note: '' },
      { name: 'two\nlines', tags: [], old: false, note: '7' },
    ])
  })

  it('keeps a cell that looks like a number as text where text is wanted', async () => {
    const file = await fileOf('zip.csv', 'topic\n007\n')
    expect(await rowsOf(read(file, topic))).toEqual([{ topic: '007' }])
  })

  it('[D33] of Parquet is read across its row groups, large numbers and dates included', async () => {
    const file = folder.path('many.parquet')
    await save(
      file,
      Array.from({ length: 25_000 }, (_, n) => ({ n, text: `row ${n}`, half: n / 2 })),
    )
    const shape = { n: z.number(), text: z.string(), half: z.number() }
    const rows = await rowsOf(read(file, shape))
    expect(rows).toHaveLength(25_000)
    expect(rows.at(-1)).toEqual({ n: 24_999, text: 'row 24999', half: 12_499.5 })
  })

  it.each([
    ['bad.jsonl', '{"topic":"a"}\n{"topic": secret}\n', 'line 2: not valid JSON'],
    ['unfit.jsonl', '{"topic":"a"}\n\n{"topic":3}\n', 'line 3: topic: '],
    ['short.csv', 'topic,more\na,b\nc\n', 'line 3: 1 cells, but line 1 names 2 columns'],
    ['after.csv', 'topic,n\n"two\nlines",1\nx,y,z\n', 'line 4: 3 cells'],
    ['twice.csv', 'topic,topic\na,b\n', 'line 1 names the column "topic" twice'],
    ['quote.csv', 'topic\n"never ends\n', 'Quote Not Closed'],
  ])('%s: names the file, the place and what is wrong', async (name, content, message) => {
    const error: unknown = await rowsOf(read(await fileOf(name, content), topic)).catch(
      (cause: unknown) => cause,
    )
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    expect(String(error)).toContain(folder.path(name))
    expect(String(error)).toContain(message)
    expect(String(error)).not.toContain('secret')
  })

  it('gives the rows before a bad one', async () => {
    const seen: unknown[] = []
    const file = await fileOf('late.jsonl', '{"topic":"a"}\n{"topic":"b"}\n[]\n')
    const reading = (async () => {
      for await (const row of read(file, topic)) seen.push(row)
    })()
    await expect(reading).rejects.toThrow('line 3')
    expect(seen).toEqual([{ topic: 'a' }, { topic: 'b' }])
  })

  it('[D33] goes on after bad rows where they have a file to go to, with place and reason', async () => {
    const file = await fileOf(
      'mixed.jsonl',
      '{"topic":"a"}\n{"topic":3}\nnonsense\n{"topic":"d"}\n',
    )
    const failures = folder.path('failures.jsonl')
    expect(await rowsOf(read(file, topic, { failures }))).toEqual([{ topic: 'a' }, { topic: 'd' }])
    const kept = (await readFile(failures, 'utf8')).trim().split('\n')
    expect(kept.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { place: 'line 2', row: { topic: 3 } },
      { place: 'line 3', text: 'nonsense' },
    ])
  })

  it('[D33] begins the file of bad rows anew with each reading, so that an old one never looks like the present', async () => {
    const file = await fileOf('mended.jsonl', '{"topic":3}\n')
    const failures = folder.path('mended-failures.jsonl')
    const rows = read(file, topic, { failures })
    expect(await rowsOf(rows)).toEqual([])
    expect(await readFile(failures, 'utf8')).toContain('line 1')
    await fileOf('mended.jsonl', '{"topic":"c"}\n')
    expect(await rowsOf(rows)).toEqual([{ topic: 'c' }])
    expect(await readFile(failures, 'utf8')).toBe('')
  })

  it.each([
    ['a missing folder', () => folder.path('nowhere/bad.jsonl'), 'there is no such file or folder'],
    ['a folder', () => folder.path(''), 'it is a folder'],
  ])('[D33] ends with an error where bad rows would go to %s', async (_, path, reason) => {
    const file = await fileOf('unwritable.jsonl', '{"topic":"a"}\n{"topic":3}\n')
    const failures = path()
    const error: unknown = await rowsOf(read(file, topic, { failures })).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({
      code: 'STORE_FAILED',
      message: `cannot write ${failures}: ${reason}`,
    })
  })

  it.runIf(existsSync('/dev/full'))(
    '[D33] names the file of bad rows when its disk is full',
    async () => {
      const file = await fileOf('full.jsonl', '{"topic":3}\n')
      await expect(rowsOf(read(file, topic, { failures: '/dev/full' }))).rejects.toMatchObject({
        name: 'ClientError',
        message: 'cannot write /dev/full: the disk is full',
      })
    },
  )

  it.each(['itself', 'symlink', 'link'])(
    '[D33] leaves the input alone where bad rows would go to it (%s)',
    async (by) => {
      const content = '{"topic":"a"}\n{"topic":3}\n'
      const file = await fileOf(`input-${by}.jsonl`, content)
      const failures = by === 'itself' ? `${folder.path('.')}/./input-${by}.jsonl` : `${file}.${by}`
      if (by === 'symlink') await symlink(file, failures)
      if (by === 'link') await link(file, failures)
      const rows = read(file, topic, { failures })
      await expect(rowsOf(rows)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      await expect(rowsOf(rows)).rejects.toThrow(`${failures} is the file that is read`)
      expect(await readFile(file, 'utf8')).toBe(content)
    },
  )

  it('takes a schema that throws for a row that does not fit', async () => {
    const shape = {
      topic: z.string().transform((text): string => {
        throw new RangeError(text)
      }),
    }
    const file = await fileOf('throws.jsonl', '{"topic":"a"}\n')
    await expect(rowsOf(read(file, shape))).rejects.toThrow('line 1: its schema threw: a')
  })

  it.each([
    ['missing.jsonl', 'there is no such file'],
    ['missing.csv', 'there is no such file'],
    ['missing.parquet', 'there is no such file'],
  ])('%s that is not there is named', async (name, reason) => {
    const rows = rowsOf(read(folder.path(name), topic))
    await expect(rows).rejects.toThrow(`cannot read ${folder.path(name)}: ${reason}`)
  })

  it('of another kind is refused before anything is read', () => {
    expect(() => read('rows.xlsx', topic)).toThrow('rows.xlsx: rows are read from and saved to')
  })

  it('that claims to be Parquet and is none is refused', async () => {
    const file = await fileOf('fake.parquet', 'not parquet at all, whatever it claims')
    await expect(rowsOf(read(file, topic))).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('rows that are saved', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((text) => text !== ''),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    fc.boolean(),
  )

  it.each(['jsonl', 'csv', 'parquet'])('[D33] to .%s come back equal', async (format) => {
    const file = folder.path(`round.${format}`)
    const rows = fc.array(
      fc.record({ text: fc.string({ unit: 'grapheme' }), n: fc.integer(), list: fc.array(value) }),
      { minLength: 1, maxLength: 20 },
    )
    const shape = { text: z.string(), n: z.number(), list: z.array(z.unknown()) }
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        await save(file, given)
        expect(await rowsOf(read(file, shape))).toEqual(given)
      }),
      { numRuns: 60 },
    )
  })

  it('have every column that any row has; what is absent stays absent', async () => {
    const rows = [{ a: 1 }, { b: [true] }, { a: null, b: { c: 'd' } }]
    const shape = { a: z.number().optional(), b: z.unknown().optional() }
    await save(folder.path('gaps.csv'), rows)
    expect(await readFile(folder.path('gaps.csv'), 'utf8')).toBe(
      'a,b\n1,\n,[true]\n,"{""c"":""d""}"\n',
    )
    await save(folder.path('gaps.parquet'), rows)
    expect(await rowsOf(read(folder.path('gaps.parquet'), shape))).toMatchObject([
      { a: 1 },
      { b: [true] },
      { b: { c: 'd' } },
    ])
  })

  it('that are no objects get a column named value', async () => {
    await save(folder.path('plain.csv'), ['a', 'b\nc'])
    expect(await readFile(folder.path('plain.csv'), 'utf8')).toBe('value\na\n"b\nc"\n')
    await save(folder.path('plain.jsonl'), ['a'])
    expect(await readFile(folder.path('plain.jsonl'), 'utf8')).toBe('"a"\n')
  })

  it('may come as a stream, and leave nothing behind when it breaks', async () => {
    const file = folder.path('broken.jsonl')
    await expect(save(file, broken())).rejects.toThrow(`cannot write ${file}: the stream broke`)
    await expect(readFile(file)).rejects.toThrow('ENOENT')
    await expect(readFile(`${file}.unfinished`)).rejects.toThrow('ENOENT')
  })

  it('to a folder that is not there fail with its name', async () => {
    const file = folder.path('nowhere/rows.csv')
    await expect(save(file, [1])).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await expect(save(file, [1])).rejects.toThrow(`cannot write ${file}`)
  })
})
