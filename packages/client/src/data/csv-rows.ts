import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { insistOnColumns, type RawRecord } from './data-file.ts'
import { textOf } from './utf8-text.ts'

/** Characters of one row: more means a quote that never ends. */
const LONGEST_ROW = 64 * 1024 * 1024

/** Cells that are wholly in quotes, those within doubled, or have none. */
const WELL_QUOTED =
  /^(?:"[^"]*(?:""[^"]*)*"|[^",\r\n]*)(?:,(?:"[^"]*(?:""[^"]*)*"|[^",\r\n]*))*[\r\n]*$/

const ILL_QUOTED =
  'a cell has a quote that is neither around all of it nor doubled; write it as "say ""so"""'

/**
 * The rows of a CSV file whose first line names the columns, those that are needed among them. Cells are texts. A row with
 * more or fewer cells than there are columns, or with stray quotes, is a row that cannot be read; a quote that is never
 * closed ends the reading.
 */
export async function* readCsv(
  file: string,
  needed: readonly string[],
): AsyncGenerator<RawRecord, void> {
  const parser = parse({
    raw: true,
    // Whether quotes stand where they may is looked at row by row: the parser would end at the first that does not.
    relax_quotes: true,
    // Files that were put together of others mix them.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
  })
  const source = Readable.from(textOf(file))
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  let columns: readonly string[] | undefined
  const lines = new LineCount()
  try {
    for await (const { record, raw } of parser as AsyncIterable<Parsed>) {
      const place = `line ${lines.startOf(raw)}`
      const isSound = isWellQuoted(record, raw)
      if (!columns && !isSound) throw new RangeError(`${place}: ${ILL_QUOTED}`)
      if (!columns) columns = checkColumns(record, { place, needed })
      else if (isSound) yield rowOf(columns, record, place)
      else yield { place, problem: ILL_QUOTED, text: raw.trim() }
    }
  } catch (error) {
    throw error instanceof CsvError ? new RangeError(problemOf(error, lines.next)) : error
  } finally {
    source.destroy()
  }
}

interface Parsed {
  readonly record: readonly string[]
  /** What stands in the file since the record before it. */
  readonly raw: string
}

/** Which line a record begins at; the parser gives but the first mark of a break between records. */
class LineCount {
  /** The line after the last record. */
  next = 1

  startOf(raw: string): number {
    const [blank = ''] = /^[\r\n]*/.exec(raw) ?? []
    const start = this.next + breaksIn(blank)
    this.next += breaksIn(raw)
    return start
  }
}

function breaksIn(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0
}

function isWellQuoted(cells: readonly string[], raw: string): boolean {
  return !cells.some((cell) => cell.includes('"')) || WELL_QUOTED.test(raw.replace(/^[\r\n]+/, ''))
}

function problemOf({ code, message }: CsvError, line: number): string {
  if (code === 'CSV_MAX_RECORD_SIZE') {
    return `line ${line}: a row is longer than 64 MiB; most likely a quote in it is never closed`
  }
  if (code !== 'CSV_QUOTE_NOT_CLOSED') return `line ${line}: ${message}`
  return `line ${line}: a quote is opened here and never closed; close it, or double it in a cell in quotes`
}

function checkColumns(
  names: readonly string[],
  { place, needed }: { readonly place: string; readonly needed: readonly string[] },
): readonly string[] {
  const columns = names.map((name) => name.trim())
  const twice = columns.find((name, index) => columns.indexOf(name) !== index)
  if (twice !== undefined) throw new RangeError(`${place} names the column "${twice}" twice`)
  insistOnColumns(place, { columns, needed })
  return columns
}

function rowOf(columns: readonly string[], cells: readonly string[], place: string): RawRecord {
  if (cells.length !== columns.length) {
    const problem = `${cells.length} cells, but line 1 names ${columns.length} columns`
    return { place, problem, text: cells.join(',') }
  }
  return { place, value: Object.fromEntries(columns.map((name, index) => [name, cells[index]])) }
}
