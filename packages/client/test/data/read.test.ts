import { existsSync } from 'node:fs'
import { link, readFile, symlink, writeFile } from 'node:fs/promises'
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

describe('a file of rows', () => {
  it('[D33] of JSON lines is read with its shape, blank lines and Windows line ends and all', async () => {
    const file = await fileOf('a.jsonl', '\uFEFF{"topic":"雁","more":1}\r\n\n  \n{"topic":"b"}')
    const rows = read(file, topic)
    expectTypeOf(rows).toEqualTypeOf<AsyncIterable<{ topic: string }>>()
    expect(await rowsOf(rows)).toEqual([{ topic: '雁' }, { topic: 'b' }])
    expect(await rowsOf(rows)).toEqual([{ topic: '雁' }, { topic: 'b' }])
  })

  it('[D33] of JSON lines may have lines of many megabytes, each read but once', async () => {
    // Read anew with each piece that is added to it, it would take longer than a test may.
    const long = '雁'.repeat(24 * 1024 * 1024)
    const file = await fileOf('long.jsonl', `{"topic":"a"}\n{"topic":"${long}"}\n{"topic":"b"}`)
    const lengths = []
    for await (const row of read(file, topic)) lengths.push(row.topic.length)
    expect(lengths).toEqual([1, long.length, 1])
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
      { name: 'Anna, "Ann"', age: 41, tags: ['a'], old: true, note: null },
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
    ['quote.csv', 'topic\n"never ends\n', 'line 2: a quote is opened here and never closed'],
    ['stray.csv', 'topic,n\n\n"abc"x,1\nx,2\n', 'line 3: a cell has a quote that is neither'],
    ['inner.csv', 'topic,n\r\n"a\r\nb",1\r\na"b,1\r\n', 'line 4: a cell has a quote that is'],
    ['breaks.csv', 'topic\r\n\n\r\na\r\n\nb"c\r\n', 'line 6: a cell has a quote that is neither'],
    ['returns.csv', 'topic\r\ra\rb"c\r', 'line 4: a cell has a quote that is neither'],
    ['names.csv', '"topic"s,n\na,1\n', 'line 1: a cell has a quote that is neither'],
    ['lacks.csv', 'Topic,n\na,1\n', 'line 1 names no column "topic", but "Topic", "n"'],
    ['semicolon.csv', 'topic;n\na;1\n', 'separated by commas, not by ";"'],
    ['empty.parquet', '', 'empty.parquet: it is empty'],
    ['short.parquet', 'PAR1', 'it is no Parquet file'],
  ])('%s: names the file, the place and what is wrong', async (name, content, message) => {
    const error: unknown = await rowsOf(read(await fileOf(name, content), topic)).catch(
      (cause: unknown) => cause,
    )
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    expect(String(error)).toContain(folder.path(name))
    expect(String(error)).toContain(message)
    expect(String(error)).not.toContain('secret')
  })

  it('[D33] names all columns that a file lacks', async () => {
    const file = await fileOf('few.csv', 'b,more\n1,2\n')
    const shape = { a: z.string(), b: z.string(), c: z.string() }
    await expect(rowsOf(read(file, shape))).rejects.toThrow(
      'line 1 names none of the columns "a" and "c", but "b", "more"',
    )
  })

  it('[D33] names a column that a Parquet file lacks, and those that it has', async () => {
    const file = folder.path('lacks.parquet')
    await save(file, [{ title: 'a', n: 1 }])
    const error = `cannot read ${file}: its schema names no column "topic", but "title", "n"`
    await expect(rowsOf(read(file, topic))).rejects.toThrow(error)
    const failures = folder.path('lacks.failures.jsonl')
    await expect(rowsOf(read(file, topic, { failures }))).rejects.toThrow(error)
    expect(await rowsOf(read(file, { topic: topic.topic.optional() }))).toEqual([{}])
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

  it('[D33] goes on after a row of CSV with stray quotes, however the lines end', async () => {
    const file = await fileOf(
      'stray-quotes.csv',
      'topic,n\r\n"abc"x,1\r\n"a ""b""",2\r\n\r\n"so "hi, you"",3\r\n"c\r\nd",4\r\n5" pipe,5\r\ne,6',
    )
    const failures = folder.path('stray-quotes.jsonl')
    const topics = await rowsOf(read(file, topic, { failures }))
    expect(topics).toEqual([{ topic: 'a "b"' }, { topic: 'c\r\nd' }, { topic: 'e' }])
    const kept = (await readFile(failures, 'utf8')).trim().split('\n')
    expect(kept.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { place: 'line 2', text: '"abc"x,1' },
      { place: 'line 5', text: '"so "hi, you"",3' },
      { place: 'line 8', text: '5" pipe,5' },
    ])
  })

  it.each(['jsonl', 'csv'])(
    '[D33] is refused where it is not UTF-8, with the line (.%s)',
    async (format) => {
      const row = (text: string) => (format === 'csv' ? `${text}\n` : `{"topic":"${text}"}\n`)
      const start = `${format === 'csv' ? 'topic\n' : '\n'}${row('雁').repeat(20_000)}`
      const file = folder.path(`latin.${format}`)
      await writeFile(file, Buffer.concat([Buffer.from(start), Buffer.from(row('Käse'), 'latin1')]))
      const failures = folder.path('latin-failures.jsonl')
      for (const options of [{}, { failures }]) {
        await expect(rowsOf(read(file, topic, options))).rejects.toMatchObject({
          code: 'INVALID_INPUT',
          message: `cannot read ${file}: line 20002: it is not UTF-8; save the file as UTF-8`,
        })
      }
      await writeFile(file, Buffer.from(`${start}雁`).subarray(0, -1))
      await expect(rowsOf(read(file, topic))).rejects.toThrow('line 20002: it is not UTF-8')
      const wide = `\uFEFF${format === 'csv' ? 'topic\n' : ''}${row('雁 Käse')}`
      await writeFile(file, Buffer.from(wide, 'utf16le'))
      expect(await rowsOf(read(file, topic))).toEqual([{ topic: '雁 Käse' }])
    },
  )

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
