import { parquetWriteBuffer, type BasicType, type ColumnSource } from 'hyparquet-writer'
import { ownMember } from '../guards.ts'
import { jsonTextOf } from './json-text.ts'
import { insistOnWellFormed } from './well-formed.ts'

type Records = readonly Readonly<Record<string, unknown>>[]

/** Rows in a group: a reader holds one group in memory. */
const ROWS_IN_GROUP = 10_000

/** Rows as a Parquet file. */
export function parquetOf(columns: readonly string[], records: Records): Uint8Array {
  const columnData = columns.map((name) => columnOf(name, records))
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: ROWS_IN_GROUP }))
}

/** One column, of the narrowest type that holds all its values; JSON where they are of several kinds. */
function columnOf(name: string, records: Records): ColumnSource {
  const values = records.map((record) => ownMember(record, name) ?? undefined)
  const type = typeOf(values)
  const data = type === 'JSON' ? values.map((value, i) => jsonValue(value, i, name)) : values
  for (const [i, value] of values.entries()) {
    if (typeof value === 'string' && type === 'STRING')
      insistOnWellFormed(value, `row ${i + 1}, ${name}`)
  }
  return { name, data, type, nullable: values.includes(undefined) }
}

const INT32 = 2 ** 31

function typeOf(values: readonly unknown[]): BasicType {
  const there = values.filter((value) => value !== undefined)
  if (there.every((value) => typeof value === 'string')) return 'STRING'
  if (there.every((value) => typeof value === 'boolean')) return 'BOOLEAN'
  if (there.every((value) => value instanceof Uint8Array)) return 'BYTE_ARRAY'
  if (there.every((value) => typeof value === 'bigint' && isInt64(value))) return 'INT64'
  if (!there.every((value) => typeof value === 'number')) return 'JSON'
  const isWhole = there.every((value) => Number.isInteger(value) && Math.abs(value) < INT32)
  return isWhole ? 'INT32' : 'DOUBLE'
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value
}

/** As JSON would have it: what has a form of its own there, like a date, takes it. */
function jsonValue(value: unknown, index: number, column: string): unknown {
  const json = jsonTextOf(value, index, column)
  return json === undefined ? undefined : (JSON.parse(json) as unknown)
}
