import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import type { RawRecord } from './data-file.ts'

/** The rows of a Parquet file, one row group in memory at a time. */
export async function* readParquet(file: string): AsyncGenerator<RawRecord, void> {
  const buffer = await asyncBufferFromFile(file)
  const metadata = await parquetMetadataAsync(buffer)
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
