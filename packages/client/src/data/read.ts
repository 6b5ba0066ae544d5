import type { InferShape, Shape } from '@skein/workflows'
import { z } from 'zod'
import { ClientError, messageOf } from '../errors.ts'
import { isRecord, ownMember } from '../guards.ts'
import { ownColumns } from '../plan/own-columns.ts'
import { insistOnKnown } from '../known-options.ts'
import { describeIssues } from '../schema-issues.ts'
import { readCsv } from './csv-rows.ts'
import { fileTrouble, formatOf, type DataFormat, type RawRecord } from './data-file.ts'
import { holds, holdsRounded } from './exact-json.ts'
import { EMPTY, fitCells } from './fit-cells.ts'
import { readJsonLines } from './json-lines.ts'
import { takesNothing } from './nothing.ts'
import { readParquet } from './parquet-rows.ts'
import { openRejects } from './rejects.ts'

export interface ReadOptions {
  /**
   * A file of JSON lines that takes the rows that are wrong, each with its place and what is wrong; reading goes on
   * after them. Each reading begins it anew. Without it the first wrong row ends the reading with an error.
   */
  readonly failures?: string
}

/** Reads a file that has columns of these names. */
type Reader = (file: string, needed: readonly string[]) => AsyncIterable<RawRecord>

const READERS: Readonly<Record<DataFormat, Reader>> = {
  jsonl: readJsonLines,
  csv: readCsv,
  parquet: readParquet,
}

/**
 * The rows of a file as inputs of a run, read as they are asked for. Columns that the shape does not know are left
 * out; cells of CSV and Parquet are read as what their schema wants.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the file, the line or row and what is wrong, or the option; `STORE_FAILED` the file of
 * wrong rows cannot be written
 */
export function read<const S extends Shape>(
  file: string,
  shape: S,
  options?: ReadOptions,
): AsyncIterable<InferShape<S>>
export function read(file: string, shape: Shape, options: ReadOptions = {}): unknown {
  const format = formatOf(file)
  insistOnKnown('read()', options, ['failures'])
  return new FileRows(file, shape, { format, failures: options.failures })
}

/** Can be read any number of times; each time from the beginning. */
class FileRows implements AsyncIterable<unknown> {
  readonly #file: string
  readonly #shape: Readonly<Record<string, z.ZodType>>
  readonly #schema: z.ZodType
  readonly #columns: readonly string[]
  readonly #format: DataFormat
  readonly #failures: string | undefined

  constructor(
    file: string,
    shape: Readonly<Record<string, z.ZodType>>,
    { format, failures }: { format: DataFormat; failures: string | undefined },
  ) {
    this.#file = file
    this.#shape = shape
    this.#schema = z.object(shape)
    this.#columns = Object.keys(shape)
    this.#format = format
    this.#failures = failures
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void> {
    const failures = this.#failures
    await using rejects =
      failures === undefined ? undefined : await openRejects(failures, this.#file)
    try {
      for await (const record of READERS[this.#format](this.#file, this.#needed)) {
        const reading = this.#parse(record)
        if ('row' in reading) yield reading.row
        else if (rejects) await rejects.add(record, reading.problem)
        else throw this.#refusal(record.place, reading.problem)
      }
    } catch (error) {
      throw fileTrouble(this.#file, 'read', error)
    }
  }

  #parse(record: RawRecord): { readonly row: unknown } | { readonly problem: string } {
    if ('problem' in record) return record
    try {
      const fitted = this.#fitted(record.value)
      const problem = this.#roundedIn(fitted) ?? this.#emptyIn(fitted)
      if (problem !== undefined) return { problem }
      const parsed = this.#schema.safeParse(ownColumns(fitted, this.#columns))
      return parsed.success ? { row: parsed.data } : { problem: describeIssues(parsed.error) }
    } catch (thrown) {
      return { problem: `its schema threw: ${messageOf(thrown)}` }
    }
  }

  #fitted(value: unknown): unknown {
    if (this.#format === 'jsonl') return value
    return fitCells(value, this.#shape, this.#format === 'csv' ? 'nothing' : 'text')
  }

  #roundedIn(row: unknown): string | undefined {
    if (!isRecord(row)) return undefined
    const name = Object.keys(this.#shape).find((column) => holdsRounded(ownMember(row, column)))
    if (name === undefined) return undefined
    const mend = this.#format === 'jsonl' ? 'write it in quotes and read' : 'read'
    const digits = this.#format === 'parquet' ? ', or of too many digits,' : ''
    return `${name}: a number beyond 2^53${digits} would be rounded; ${mend} the column as text: z.string()`
  }

  #emptyIn(row: unknown): string | undefined {
    if (!isRecord(row)) return undefined
    const name = Object.keys(this.#shape).find((column) =>
      holds(ownMember(row, column), (part) => part === EMPTY),
    )
    return name === undefined ? undefined : `${name}: the cell is empty`
  }

  /** Columns that every row must have. */
  get #needed(): string[] {
    return Object.keys(this.#shape).filter((name) => !isOptional(this.#shape[name]))
  }

  #refusal(place: string, problem: string): ClientError {
    const mend = "mend it, or say where bad rows go: { failures: 'bad-rows.jsonl' }"
    return new ClientError('INVALID_INPUT', `${this.#file} ${place}: ${problem}; ${mend}`)
  }
}

function isOptional(schema: z.ZodType | undefined): boolean {
  try {
    return schema === undefined || takesNothing(schema, undefined)
  } catch {
    // A schema of the user that throws says what it wants with each row.
    return true
  }
}
