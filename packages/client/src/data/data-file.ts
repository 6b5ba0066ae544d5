import { extname } from 'node:path'
import { ClientError } from '../errors.ts'
import { enumerated } from '../listing.ts'

/** Files that rows come from and go to, by the end of their name. */
export type DataFormat = 'jsonl' | 'csv' | 'parquet'

/** A record of a file before it has met its schema. */
export type RawRecord =
  | { readonly place: string; readonly value: unknown }
  /** It could not be read at all; `text` is what stands there. */
  | { readonly place: string; readonly problem: string; readonly text: string }

const FORMATS: Readonly<Record<string, DataFormat>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.parquet': 'parquet',
}

/** @throws {ClientError} `INVALID_INPUT` the name ends in nothing that is known */
export function formatOf(file: string): DataFormat {
  const format = FORMATS[extname(file).toLowerCase()]
  if (format) return format
  throw new ClientError(
    'INVALID_INPUT',
    `${file}: rows are read from and saved to .jsonl, .csv and .parquet; name the file so`,
  )
}

/**
 * Refuses a file that lacks a column without which no row of it fits.
 *
 * @throws {RangeError} naming the column and those that there are
 */
export function insistOnColumns(
  place: string,
  { columns, needed }: Readonly<Record<'columns' | 'needed', readonly string[]>>,
): void {
  const missing = needed.filter((name) => !columns.includes(name))
  if (missing.length === 0) return
  const [only = ''] = columns
  const separator = columns.length === 1 ? /[;\t|]/.exec(only)?.[0] : undefined
  const mend =
    separator === undefined
      ? ''
      : `; cells are separated by commas, not by ${JSON.stringify(separator)}`
  const names = columns.map((name) => JSON.stringify(name)).join(', ')
  const lacking = enumerated(missing.map((name) => JSON.stringify(name)))
  const what = missing.length === 1 ? `no column ${lacking}` : `none of the columns ${lacking}`
  throw new RangeError(`${place} names ${what}, but ${names}${mend}`)
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  ENOSPC: 'the disk is full',
}

/** What went wrong with a file, as an error that names it. */
export function fileTrouble(file: string, verb: 'read' | 'write', cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const reason = REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause))
  const errorCode = verb === 'read' ? 'INVALID_INPUT' : 'STORE_FAILED'
  return new ClientError(errorCode, `cannot ${verb} ${file}: ${reason}`, { cause })
}
