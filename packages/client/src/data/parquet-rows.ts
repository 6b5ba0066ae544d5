import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type ParquetParsers,
} from 'hyparquet'
import { insistOnColumns, type RawRecord } from './data-file.ts'
import { parseExactly } from './exact-json.ts'
import { holdsDecimals, withDecimals, withRawDecimals } from './parquet-decimals.ts'
import { textOfBytes } from './utf8-text.ts'

/** Its first four bytes, its last four, and how long what stands before them is. */
const SHORTEST_FILE = 12

/** What is no text stays bytes, and no character of one is lost. */
const PARSERS: Partial<ParquetParsers> = {
  stringFromBytes: (bytes) => textOfBytes(bytes) ?? bytes,
  jsonFromBytes: (bytes) => {
    const text = textOfBytes(bytes)
    return text === undefined ? bytes : parseExactly(text.replace(/^\uFEFF/, ''))
  },
}

/** The rows of a Parquet file that has the needed columns, one row group in memory at a time. */
export async function* readParquet(
  file: string,
  needed: readonly string[],
): AsyncGenerator<RawRecord, void> {
  const buffer = await asyncBufferFromFile(file)
  if (buffer.byteLength === 0) throw new RangeError('it is empty')
  if (buffer.byteLength < SHORTEST_FILE) throw new RangeError('it is no Parquet file')
  const metadata = await parquetMetadataAsync(buffer)
  const trees = parquetSchema(metadata).children
  const columns = trees.map(({ element }) => element.name)
  if (metadata.row_groups.length > 0) insistOnColumns('its schema', { columns, needed })
  const exact = trees.filter(holdsDecimals)
  const options = { file: buffer, metadata: withRawDecimals(metadata), parsers: PARSERS }
  let rowStart = 0
  for (const { num_rows: count } of metadata.row_groups) {
    const rowEnd = rowStart + Number(count)
    const rows = await parquetReadObjects({ ...options, rowStart, rowEnd })
    for (const [index, row] of rows.entries()) {
      const value: Record<string, unknown> = { ...row }
      for (const tree of exact) {
        const { name } = tree.element
        value[name] = withDecimals(value[name], tree)
      }
      yield { place: `row ${rowStart + index + 1}`, value }
    }
    rowStart = rowEnd
  }
}
