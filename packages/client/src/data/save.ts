import { stringify } from 'csv-stringify/sync'
import { fileTrouble, formatOf, type DataFormat } from './data-file.ts'
import { ownMember } from '../guards.ts'
import { recordOf, jsonTextOf } from './json-text.ts'
import { parquetOf } from './parquet-columns.ts'
import { insistOnWellFormed } from './well-formed.ts'
import { writeWhole } from './whole-file.ts'

export type Rows = Iterable<unknown> | AsyncIterable<unknown>

/**
 * Saves rows to a file, by the end of its name: `.jsonl`, `.csv` or `.parquet`. The file is there whole or stays
 * as it was; a link is written through, what it leads to keeps its mode, and a pipe is written to as rows come. A row that is no object becomes the column `value`; lists and objects in cells are written as JSON. CSV has but one
 * empty cell: for nothing and for an empty text. An error is written as its
 * name, message, code and own fields; a value that the file would lose, such as a Map, is refused.
 *
 * @throws {ClientError} `INVALID_INPUT` no such format; `STORE_FAILED` naming the file and the reason
 */
export async function save(file: string, rows: Rows): Promise<void> {
  const format = formatOf(file)
  try {
    await writeWhole(file, WRITERS[format](rows))
  } catch (error) {
    throw fileTrouble(file, 'write', error)
  }
}

const WRITERS: Readonly<Record<DataFormat, (rows: Rows) => AsyncIterable<string | Uint8Array>>> = {
  jsonl: jsonLines,
  csv: csvLines,
  parquet: parquetFile,
}

async function* jsonLines(rows: Rows): AsyncGenerator<string, void> {
  let index = 0
  for await (const row of rows)
    yield `${jsonTextOf(row, index++) ?? 'null'}
`
}

/** All rows are needed before the first line: it names the columns of every one. */
async function* csvLines(rows: Rows): AsyncGenerator<string, void> {
  const { columns, records } = await tableOf(rows)
  yield csvLine(columns)
  for (const [index, record] of records.entries()) {
    yield csvLine(columns.map((name) => cellOf(ownMember(record, name), index, name)))
  }
}

/** A line of nothing would be no row: readers skip it. */
function csvLine(cells: readonly string[]): string {
  return cells.length === 1 && cells[0] === '' ? '""\n' : stringify([cells])
}

async function* parquetFile(rows: Rows): AsyncGenerator<Uint8Array, void> {
  const { columns, records } = await tableOf(rows)
  yield parquetOf(columns, records)
}

type Records = readonly Readonly<Record<string, unknown>>[]

/** Rows as records, and every column that any of them has, in the order of appearance. */
async function tableOf(rows: Rows): Promise<{ columns: string[]; records: Records }> {
  const columns = new Set<string>()
  const records = []
  for await (const row of rows) {
    const record = recordOf(row)
    for (const name of Object.keys(record)) columns.add(name)
    records.push(record)
  }
  for (const name of columns) insistOnName(name)
  if (columns.size === 0 && records.length > 0) {
    throw new RangeError(
      'its rows have no column, and would be none in the file: save them as .jsonl',
    )
  }
  return { columns: [...columns], records }
}

function insistOnName(column: string): void {
  const name = JSON.stringify(column)
  if (column.startsWith(MARK)) {
    throw new RangeError(
      `column ${name} begins with a byte order mark, which readers drop: rename it`,
    )
  }
  insistOnWellFormed(column, `column ${name}`)
}

/** Byte order mark: at the beginning of a file it is no part of what the file says. */
const MARK = '\uFEFF'

/** What is a text, or becomes one as JSON, stands as it is: a date has no quotes around it. */
function cellOf(value: unknown, index: number, column: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return insistOnWellFormed(value, `row ${index + 1}, ${column}`)
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'bigint') return String(value)
  const json = jsonTextOf(value, index, column) ?? ''
  return json.startsWith('"') ? String(JSON.parse(json)) : json
}
