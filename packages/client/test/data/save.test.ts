import { readdir, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { read, save } from '../../src/index.ts'
import { folderOfTests } from './files.ts'

const folder = folderOfTests()

async function rowsOf(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  return Array.fromAsync(rows)
}

async function* broken() {
  yield 1
  await Promise.resolve()
  throw new RangeError('the stream broke')
}

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

  it.each([
    ['empty texts', z.string(), ['', 'x', ''], ['', 'x', '']],
    ['nulls', z.string().nullable(), [null, 'x', null], [null, 'x', null]],
    ['nothing', z.number().optional(), [undefined, 1, undefined], [undefined, 1, undefined]],
  ] as const)(
    '[D33] to .csv with one column keep those that hold but %s',
    async (...[, schema, given, back]) => {
      const file = folder.path('one-column.csv')
      const cases = [
        ['a', given.map((a) => ({ a }))],
        ['value', given],
      ] as const
      for (const [name, rows] of cases) {
        await save(file, rows)
        const rowsBack = await rowsOf(read(file, { [name]: schema }))
        expect(rowsBack).toEqual(back.map((cell) => ({ [name]: cell })))
      }
    },
  )

  it('may come as a stream, and leave nothing behind when it breaks', async () => {
    const file = folder.path('broken.jsonl')
    await expect(save(file, broken())).rejects.toThrow(`cannot write ${file}: the stream broke`)
    await expect(readFile(file)).rejects.toThrow('ENOENT')
    expect((await readdir(folder.path('.'))).filter((name) => name.startsWith('broken'))).toEqual(
      [],
    )
  })

  it('to a folder that is not there fail with its name', async () => {
    const file = folder.path('nowhere/rows.csv')
    await expect(save(file, [1])).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await expect(save(file, [1])).rejects.toThrow(`cannot write ${file}`)
  })

  it.each([
    ['jsonl', [{ at: '1970-01-01T00:00:00.000Z' }]],
    ['csv', [{ at: '1970-01-01T00:00:00.000Z' }]],
    ['parquet', [{ at: '1970-01-01T00:00:00.000Z' }]],
  ])('[D33] to .%s hold a date as its text, without quotes around it', async (format, back) => {
    const file = folder.path(`date.${format}`)
    await save(file, [{ at: new Date(0) }])
    expect(await rowsOf(read(file, { at: z.string() }))).toEqual(back)
  })

  it('[D33] to .parquet keep an empty text apart from nothing', async () => {
    const file = folder.path('empty-text.parquet')
    await save(file, [{ a: '', b: '' }, { b: 'x' }])
    const rows = await rowsOf(read(file, { a: z.string().optional(), b: z.any() }))
    expect(rows).toEqual([{ a: '', b: '' }, { b: 'x' }])
  })

  it('[D33] to .csv write numbers that JSON does not know by their names', async () => {
    const file = folder.path('numbers.csv')
    await save(file, [{ n: NaN }, { n: -Infinity }, { n: 1.5 }])
    expect(await readFile(file, 'utf8')).toBe('n\nNaN\n-Infinity\n1.5\n')
    const n = z.custom<number>((cell) => typeof cell === 'number')
    expect(await rowsOf(read(file, { n }))).toEqual([{ n: NaN }, { n: -Infinity }, { n: 1.5 }])
  })

  it.each(['csv', 'parquet'])('[D33] to .%s hold bigints', async (format) => {
    const file = folder.path(`big.${format}`)
    await save(file, [{ n: 2n ** 60n }, { n: -1n }])
    const rows = await rowsOf(read(file, { n: z.coerce.bigint() }))
    expect(rows).toEqual([{ n: 2n ** 60n }, { n: -1n }])
  })

  it.each([
    ['jsonl', { a: 1, n: 1n }, 'row 2, n: JSON has no bigint; make it a number or a text'],
    ['csv', { a: 1, n: [1n] }, 'row 2, n: JSON has no bigint'],
    ['parquet', { a: 1, n: { m: 1n } }, 'row 2, n: JSON has no bigint'],
    ['jsonl', circle(), 'row 2, self: it holds itself'],
  ])(
    '[D33] to .%s that cannot be written are named by row and column',
    async (format, row, reason) => {
      const file = folder.path(`unwritable.${format}`)
      await expect(save(file, [{ a: 0, n: 'x' }, row])).rejects.toMatchObject({
        name: 'ClientError',
        code: 'STORE_FAILED',
      })
      await expect(save(file, [{ a: 0, n: 'x' }, row])).rejects.toThrow(
        `cannot write ${file}: ${reason}`,
      )
    },
  )
})

describe('values that a file would lose', () => {
  class Celsius {
    readonly #degrees = 21
    warmer() {
      return this.#degrees + 1
    }
  }
  const lost = [
    ['Map; make it an object or a list', new Map([['a', 1]])],
    ['Set; make it a list', new Set([1])],
    ['Map; make it an object or a list', Object.assign(new Map([['a', 1]]), { unit: 'kg' })],
    ['Set; make it a list', Object.assign(new Set([1]), { unit: 'kg' })],
    ['Uint8Array; make it a list or a text', new Uint8Array([1, 2])],
    ['RegExp; make it a text', /a/],
    ['Celsius; make it an object with fields, or a text', new Celsius()],
    ['function; make it a text, or leave it out', () => 1],
    ['symbol; make it a text, or leave it out', Symbol('a')],
    ['invalid date; make it null', new Date(NaN)],
    ['undefined in a list; make it null', [undefined]],
  ] as const
  const formats = ['jsonl', 'csv', 'parquet']

  it.each(formats.flatMap((format) => lost.map(([reason, value]) => ({ format, reason, value }))))(
    '[D33] to .$format are refused by row and column: $reason',
    async ({ format, reason, value }) => {
      const file = folder.path(`lost.${format}`)
      await save(file, [{ n: 'as it was' }])
      const before = await readFile(file)
      const message = `cannot write ${file}: row 2, n: JSON has no ${reason}`
      for (const n of [value, [value], { deep: value }]) {
        const saving = save(file, [{ n: 'x' }, { n }])
        await expect(saving).rejects.toMatchObject({ code: 'STORE_FAILED', message })
      }
      expect(await readFile(file)).toEqual(before)
    },
  )

  it.each([NaN, Infinity, -Infinity])(
    '[D33] %d is refused by JSON lines, also within a cell of a CSV file',
    async (n) => {
      const reason = `row 1, n: JSON has no ${n}; make it null or a text`
      await expect(save(folder.path('nan.jsonl'), [{ n }])).rejects.toThrow(reason)
      await expect(save(folder.path('nan.csv'), [{ n: [n] }])).rejects.toThrow(reason)
      await expect(save(folder.path('nan.parquet'), [{ n: { n } }])).rejects.toThrow(reason)
    },
  )

  it.each(formats)('[D33] as rows of .%s are refused as well', async (format) => {
    const file = folder.path(`row.${format}`)
    await expect(save(file, [new Map([['a', 1]])])).rejects.toThrow(/row 1.*: JSON has no Map/)
    await expect(save(file, [new Set([1])])).rejects.toThrow(/row 1.*: JSON has no Set/)
  })

  it('[D33] are not those that say what they are in JSON: dates, and objects with toJSON', async () => {
    const money = { toJSON: () => ({ cents: 5 }) }
    const rows = [new Date(0), money, Object.create(null), { a: undefined, b: {} }]
    await save(folder.path('said.jsonl'), rows)
    expect(await readFile(folder.path('said.jsonl'), 'utf8')).toBe(
      '"1970-01-01T00:00:00.000Z"\n{"cents":5}\n{}\n{"b":{}}\n',
    )
    await save(folder.path('said.csv'), rows)
    expect(await readFile(folder.path('said.csv'), 'utf8')).toBe(
      'value,cents,a,b\n1970-01-01T00:00:00.000Z,,,\n,5,,\n,,,\n,,,{}\n',
    )
  })
})

describe('errors that are saved', () => {
  class Refusal extends Error {
    override readonly name = 'Refusal'
    readonly code = 'NO'
    readonly at = { step: 'half' }
  }
  const cause = new Error('private')
  const errors = [new Refusal('not today', { cause }), new TypeError('a'), circularError()]
  const told = [
    { name: 'Refusal', message: 'not today', code: 'NO', at: { step: 'half' } },
    { name: 'TypeError', message: 'a' },
  ]

  it.each(['jsonl', 'csv', 'parquet'])(
    '[D33] to .%s are their name, message, code and own fields',
    async (format) => {
      const file = folder.path(`errors.${format}`)
      await save(
        file,
        errors.slice(0, 2).map((error, index) => ({ index, error })),
      )
      const rows = await rowsOf(read(file, { error: z.record(z.string(), z.unknown()) }))
      expect(rows).toEqual(told.map((error) => ({ error })))
      await save(file, errors.slice(0, 1))
      const shape = { name: z.string(), message: z.string(), at: z.object({ step: z.string() }) }
      expect(await rowsOf(read(file, shape))).toMatchObject([
        { name: 'Refusal', message: 'not today', at: { step: 'half' } },
      ])
    },
  )

  it('[D33] keep the errors that they gather, and are refused when they hold themselves', async () => {
    const file = folder.path('gathered.jsonl')
    await save(file, [{ error: new AggregateError(errors.slice(0, 2), 'both') }])
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      error: { name: 'AggregateError', message: 'both', errors: told },
    })
    await expect(save(file, [{ error: errors[2] }])).rejects.toThrow(
      'row 1, error: it holds itself',
    )
  })
})

function circularError(): Error {
  const error = new Error('again')
  return Object.assign(error, { again: error })
}

function circle(): object {
  const row: Record<string, unknown> = { a: 1 }
  row['self'] = row
  return row
}
