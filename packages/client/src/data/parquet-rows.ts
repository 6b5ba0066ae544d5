import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet'
import { insistOnColumns, type RawRecord } from './data-file.ts'

/** Its first four bytes, its last four, and how long what stands before them is. */
const SHORTEST_FILE = 12

/** The rows of a Parquet file that has the needed columns, one row group in memory at a time. */
export async function* readParquet(
  file: string,
  needed: readonly string[],
): AsyncGenerator<RawRecord, void> {
  const buffer = await asyncBufferFromFile(file)
  if (buffer.byteLength === 0) throw new RangeError('it is empty')
  if (buffer.byteLength < SHORTEST_FILE) throw new RangeError('it is no Parquet file')
  const metadata = await parquetMetadataAsync(buffer)
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name)
  if (metadata.row_groups.length > 0) insistOnColumns('its schema', { columns, needed })
  let rowStart = 0
  for (const { num_rows: count } of metadata.row_groups) {
    const rowEnd = rowStart + Number(count)
    const rows = await parquetReadObjects({ file: buffer, metadata, rowStart, rowEnd })
    for (const [index, value] of rows.entries()) {
      yield { place: `row ${rowStart + index + 1}`, value }
    }
    rowStart = rowEnd
  }
}
