import { createReadStream } from 'node:fs'
import { CsvError, parse } from 'csv-parse'
import { insistOnColumns, type RawRecord } from './data-file.ts'

/** Characters of one row: more means a quote that never ends. */
const LONGEST_ROW = 64 * 1024 * 1024

/**
 * The rows of a CSV file whose first line names the columns, those that are needed among them. Cells are texts. A row with
 * more or fewer cells than there are columns is a row that cannot be read; what breaks the quoting breaks the file.
 */
export async function* readCsv(
  file: string,
  needed: readonly string[],
): AsyncGenerator<RawRecord, void> {
  const parser = parse({
    bom: true,
    info: true,
    // Files that were put together of others mix them.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
  })
  const source = createReadStream(file)
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  let columns: readonly string[] | undefined
  let line = 1
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      const place = `line ${line}`
      line = info.lines + 1
      if (columns) yield rowOf(columns, record, place)
      else columns = checkColumns(record, needed)
    }
  } catch (error) {
    throw error instanceof CsvError ? new RangeError(`line ${line}: ${error.message}`) : error
  } finally {
    source.destroy()
  }
}

interface Parsed {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

function checkColumns(names: readonly string[], needed: readonly string[]): readonly string[] {
  const columns = names.map((name) => name.trim())
  const twice = columns.find((name, index) => columns.indexOf(name) !== index)
  if (twice !== undefined) throw new RangeError(`line 1 names the column "${twice}" twice`)
  insistOnColumns('line 1', { columns, needed })
  return columns
}

function rowOf(columns: readonly string[], cells: readonly string[], place: string): RawRecord {
  if (cells.length !== columns.length) {
    const problem = `${cells.length} cells, but line 1 names ${columns.length} columns`
    return { place, problem, text: cells.join(',') }
  }
  return { place, value: Object.fromEntries(columns.map((name, index) => [name, cells[index]])) }
}
