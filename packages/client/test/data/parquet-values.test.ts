import { readFile, writeFile } from 'node:fs/promises'
import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { read, save } from '../../src/index.ts'
import { folderOfTests } from './files.ts'

const folder = folderOfTests()

async function rowsOf(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  return Array.fromAsync(rows)
}

/** A file with one column, described as it is in Parquet. */
async function columnOf(
  name: string,
  elements: readonly SchemaElement[],
  data: unknown[],
): Promise<string> {
  const schema: SchemaElement[] = [{ name: 'root', num_children: 1 }, ...elements]
  const columnData = [{ name: elements[0]?.name ?? '', data }]
  const file = folder.path(`${name}.parquet`)
  await writeFile(file, new Uint8Array(parquetWriteBuffer({ columnData, schema })))
  return file
}

const LIST: SchemaElement[] = [
  { name: 'n', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', type: 'INT64' },
]
const STRUCT: SchemaElement[] = [
  { name: 'n', repetition_type: 'OPTIONAL', num_children: 2 },
  { name: 'a', repetition_type: 'OPTIONAL', type: 'INT64' },
  { name: 'b', repetition_type: 'OPTIONAL', type: 'INT64' },
]
const MAP: SchemaElement[] = [
  { name: 'n', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'MAP' },
  { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
  { name: 'key', repetition_type: 'REQUIRED', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  { name: 'value', repetition_type: 'OPTIONAL', type: 'INT64' },
]

describe('whole numbers within a column of Parquet', () => {
  const wide = 9007199254740993n
  const kinds = [
    ['list', LIST, [1n, 2n], [1n, wide], z.array(z.number()), [1, 2]],
    ['struct', STRUCT, { a: 1n, b: 2n }, { a: 1n, b: wide }, pair(z.number()), { a: 1, b: 2 }],
    ['map', MAP, { x: 1n }, { x: wide }, z.record(z.string(), z.number()), { x: 1 }],
  ] as const

  it.each(kinds)(
    '[D33] are numbers where a %s of numbers is wanted, if exact',
    async (...given) => {
      const [kind, elements, exact, rounded, schema, back] = given
      const file = await columnOf(kind, elements, [exact])
      for (const n of [schema, schema.optional(), z.union([z.string(), schema])]) {
        expect(await rowsOf(read(file, { n }))).toEqual([{ n: back }])
      }
      const tooWide = await columnOf(`wide-${kind}`, elements, [exact, rounded])
      await expect(rowsOf(read(tooWide, { n: schema }))).rejects.toThrow(
        'row 2: n: a number beyond 2^53',
      )
    },
  )

  it('[D33] may be bigints and texts as well', async () => {
    const file = await columnOf('struct-bigints', STRUCT, [{ a: 1n, b: wide }])
    const mixed = z.object({ a: z.number(), b: z.bigint() })
    expect(await rowsOf(read(file, { n: mixed }))).toEqual([{ n: { a: 1, b: wide } }])
    expect(await rowsOf(read(file, { n: pair(z.string()) }))).toEqual([
      { n: { a: '1', b: String(wide) } },
    ])
    expect(await rowsOf(read(file, { n: z.unknown() }))).toEqual([{ n: { a: 1n, b: wide } }])
  })

  it.each(kinds)('[D33] may be missing with all of their %s', async (...given) => {
    const [kind, elements, exact, , schema, back] = given
    const file = await columnOf(`null-${kind}`, elements, [null, exact])
    expect(await rowsOf(read(file, { n: schema.nullable() }))).toEqual([{ n: null }, { n: back }])
    expect(await rowsOf(read(file, { n: schema.optional() }))).toEqual([{}, { n: back }])
    await expect(rowsOf(read(file, { n: schema }))).rejects.toThrow('row 1: n: ')
  })
})

describe('a decimal of Parquet', () => {
  it.each(['INT32', 'INT64', 'BYTE_ARRAY'] as const)(
    '[D33] is the number that it says, stored as %s',
    async (type) => {
      const unscaled = [3n, 110n, -5n, 0n, 8224n]
      const data = type === 'INT32' ? unscaled.map(Number) : unscaled
      const file = await columnOf(`decimal-${type}`, [decimal(type, 1)], data.map(scaled(type)))
      const back = [0.3, 11, -0.5, 0, 822.4].map((n) => ({ n }))
      expect(await rowsOf(read(file, { n: z.number() }))).toEqual(back)
      expect(await rowsOf(read(file, { n: z.string() }))).toEqual(
        ['0.3', '11.0', '-0.5', '0.0', '822.4'].map((n) => ({ n })),
      )
    },
  )

  it('[D33] with more digits than a number has is read as text, or is a bad row', async () => {
    const data = [110n, 123456789012345678901n, null]
    const file = await columnOf('decimal-long', [decimal('BYTE_ARRAY', 2)], data)
    const texts = [{ n: '1.10' }, { n: '1234567890123456789.01' }, { n: null }]
    expect(await rowsOf(read(file, { n: z.string().nullable() }))).toEqual(texts)
    const row = /row 2: n: a number beyond 2\^53, or of too many digits, would be rounded; read the/
    for (const n of [z.number(), z.coerce.number(), z.number().transform(String)]) {
      await expect(rowsOf(read(file, { n: n.nullable() }))).rejects.toThrow(row)
    }
    const unknown = await rowsOf(read(file, { n: z.unknown() }))
    expect(unknown).toEqual([{ n: 1.1 }, { n: '1234567890123456789.01' }, { n: null }])
  })

  it('[D33] keeps its digits within a list', async () => {
    const [list, repeated] = LIST
    if (!list || !repeated) throw new RangeError('no list')
    const element = { ...decimal('INT64', 4), name: 'element' }
    const data = [[12345n, 9007199254740993n], [], null]
    const file = await columnOf('decimal-list', [list, repeated, element], data)
    const n = z.array(z.string()).nullable()
    expect(await rowsOf(read(file, { n }))).toEqual([
      { n: ['1.2345', '900719925474.0993'] },
      { n: [] },
      { n: null },
    ])
  })
})

describe('bytes of Parquet', () => {
  const latin = new Uint8Array([0x4b, 0xe4, 0x73, 0x65])
  const binary: SchemaElement = { name: 'n', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' }

  it.each([
    ['bytes', binary],
    ['texts', { ...binary, converted_type: 'UTF8' } as const],
  ])(
    '[D33] that are no UTF-8 stay bytes, and are a bad row where a text is wanted (%s)',
    async (kind, element) => {
      const file = await columnOf(
        `latin-${kind}`,
        [element],
        [new TextEncoder().encode('a'), latin],
      )
      const failures = folder.path('latin-failures.jsonl')
      const texts = await rowsOf(read(file, { n: z.string() }, { failures }))
      expect(texts).toEqual([{ n: 'a' }])
      expect(JSON.parse(await readFile(failures, 'utf8'))).toMatchObject({
        place: 'row 2',
        row: { n: 'S+RzZQ==' },
      })
      expect(await rowsOf(read(file, { n: z.instanceof(Uint8Array) }))).toEqual([
        { n: new TextEncoder().encode('a') },
        { n: latin },
      ])
    },
  )
})

describe('a text of Parquet', () => {
  it('[D33] keeps a mark at its beginning that elsewhere says how a file is written', async () => {
    const rows = [
      { text: '\uFEFFa', list: ['\uFEFFb'] },
      { text: '\uFEFF', list: [] },
    ]
    const file = folder.path('marks.parquet')
    await save(file, rows)
    const shape = { text: z.string(), list: z.array(z.string()) }
    expect(await rowsOf(read(file, shape))).toEqual(rows)
  })

  it('[D33] of JSON is a bad row when a number in it would be rounded', async () => {
    const json = { name: 'n', type: 'BYTE_ARRAY', converted_type: 'JSON' } as const
    const raw: unknown = Reflect.get(JSON, 'rawJSON')
    if (typeof raw !== 'function') throw new TypeError('JSON writes no raw numbers')
    const id: unknown = Reflect.apply(raw, JSON, ['9007199254740993'])
    const data = [{ id }]
    const file = await columnOf('json', [{ ...json, repetition_type: 'REQUIRED' }], data)
    await expect(rowsOf(read(file, { n: z.unknown() }))).rejects.toThrow(
      'row 1: n: a number beyond',
    )
  })
})

function decimal(type: 'INT32' | 'INT64' | 'BYTE_ARRAY', scale: number): SchemaElement {
  const [converted_type, repetition_type] = ['DECIMAL', 'OPTIONAL'] as const
  return { name: 'n', type, converted_type, repetition_type, scale, precision: 38 }
}

function pair<T extends z.ZodType>(part: T) {
  return z.object({ a: part, b: part })
}

/** The writer takes numbers as they are meant, and bigints as they are stored. */
function scaled(type: string) {
  return (value: number | bigint) => (type === 'INT32' ? Number(value) / 10 : value)
}
