import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { ClientError, read } from '@skein/client'
import { BadRows, countBadRows, type BadRow } from './bad-rows.ts'
import { CliError, codeOf } from './errors.ts'
import { parseExactly } from './exact-json.ts'
import { reasonOf, syntaxProblem } from './files.ts'
import { fitRow, hasNames, inputHelp, type InputSchema, type Row } from './input.ts'
import { linesOf } from './lines.ts'

/** A larger file is never in memory whole: its rows would fit neither there nor into one record. */
const WHOLE_BYTES = 256 * 1024 * 1024

/** Its name where it is told of. */
const STDIN = 'standard input'

export interface RowsOptions {
  readonly schema: InputSchema
  /** Inputs that all rows share. */
  readonly common?: Row
  /** What `-` reads. */
  readonly stdin: Readable
  /** A file that takes rows that are wrong; the others are read all the same. @default nothing is read */
  readonly failures?: string
  /** Bytes of a file that is read whole. @default 268435456 */
  readonly wholeBytes?: number
}

/** What a file holds. */
export interface FileRows {
  /** A list, or rows that are read as they are asked for, once. */
  readonly rows: readonly unknown[] | AsyncIterable<unknown>
  /** How many rows were wrong and are left out, so far. */
  readonly bad: number
  /** Whether rows may be there that nobody has asked for. */
  readonly isUnread: boolean
  /** No more are asked for. */
  close(): void
}

/**
 * Reads a file of JSON lines, CSV or Parquet, all of it before anything is sent. A large one is looked through first, then
 * read again as rows are asked for. Of what has no end that could be waited for, such as a pipe, what has arrived is looked
 * at before any of it is sent. Blank lines are skipped; columns that the inputs do not know are an error in JSON lines and left
 * out elsewhere. With a file for wrong rows, the others are taken all the same.
 *
 * @param file a path, or `-` for standard input
 * @throws {CliError} `USAGE`, naming file and line; also the rows throw it, where they come as they are asked for
 */
export async function readRows(file: string, options: RowsOptions): Promise<FileRows> {
  if (/\.(?:csv|parquet)$/i.test(file)) return tableRows(file, options)
  const bytes = await sizeOf(file)
  const bad = await BadRows.begin(options.failures, file)
  const source = { file, options, bad }
  if (bytes === undefined) return arrivingRows(source)
  const { wholeBytes = WHOLE_BYTES } = options
  return bytes > wholeBytes ? largeRows(source) : wholeRows(source)
}

async function tableRows(file: string, options: RowsOptions): Promise<FileRows> {
  const { schema, common = {}, failures } = options
  if (!hasNames(schema)) {
    throw new CliError(
      'USAGE',
      `${nameOf(file)} is a table, and the input has no names for its columns`,
      {
        mend: inputHelp(schema),
      },
    )
  }
  const shape = Object.fromEntries(
    Object.entries(schema.shape).map(([name, field]) => [
      name,
      Object.hasOwn(common, name) ? field.optional() : field,
    ]),
  )
  try {
    const rows: Row[] = []
    const to = failures === undefined ? {} : { failures }
    for await (const row of read(file, shape, to)) rows.push(filledIn(row, common))
    const count = failures === undefined ? 0 : await countBadRows(failures)
    insistOnSome(rows.length, { file, options, bad: { count } })
    return listed(rows, count)
  } catch (cause) {
    if (!(cause instanceof ClientError)) throw cause
    const [problem = ''] = cause.message.split(/; (?:mend it|let bad rows)/)
    throw new CliError('USAGE', problem, {
      cause,
      mend: `Nothing was sent; --failures FILE leaves such rows out. ${inputHelp(schema)}`,
    })
  }
}

/** A row with what all rows share where its own cell is empty. */
function filledIn(row: Row, common: Row): Row {
  const filled = { ...row }
  for (const [name, value] of Object.entries(common)) filled[name] = row[name] ?? value
  return filled
}

/** A file of JSON lines, how it is read, and who takes what is wrong in it. */
interface Source {
  readonly file: string
  readonly options: RowsOptions
  readonly bad: BadRows
  /** What is read. @default the file is opened */
  readonly stream?: Readable
}

async function wholeRows(source: Source): Promise<FileRows> {
  const rows: unknown[] = []
  for await (const some of rowsIn(source)) for (const row of some) rows.push(row)
  insistOnSound(source)
  insistOnSome(rows.length, source)
  return listed(rows, source.bad.count)
}

async function largeRows(source: Source): Promise<FileRows> {
  let count = 0
  for await (const { length } of rowsIn(source)) count += length
  insistOnSound(source)
  insistOnSome(count, source)
  // What is wrong is told already; where nothing was, the file may be another by now.
  const again = { ...source, bad: await BadRows.begin(undefined, source.file) }
  return new RowStream(again, { batches: rowsIn(again), told: source.bad })
}

/** What another program writes, as it comes. */
async function arrivingRows(given: Source): Promise<FileRows> {
  const { file, options } = given
  const stream = file === '-' ? options.stdin : createReadStream(file)
  const source = { ...given, stream }
  const batches = rowsIn(source)
  const first: unknown[] = []
  while (first.length === 0) {
    const next = await batches.next()
    insistOnSound(source)
    if (next.done === true) break
    first.push(...next.value)
  }
  insistOnSome(first.length, source)
  return new RowStream(source, { first, batches, told: source.bad })
}

interface StreamParts {
  /** Rows that have been read already. */
  readonly first?: readonly unknown[]
  readonly batches: AsyncIterable<readonly unknown[]>
  /** Who knows how many were wrong. */
  readonly told: BadRows
}

class RowStream implements FileRows {
  readonly rows: AsyncIterable<unknown>
  readonly #source: Source
  readonly #parts: StreamParts
  #isOver = false

  constructor(source: Source, parts: StreamParts) {
    this.#source = source
    this.#parts = parts
    const rows = this.#read()
    // Who waits for the next row of a program that writes none would wait for its end as well.
    const end = (): Promise<IteratorResult<unknown>> => {
      this.close()
      return rows.return()
    }
    this.rows = { [Symbol.asyncIterator]: () => ({ next: () => rows.next(), return: end }) }
  }

  get bad(): number {
    return this.#parts.told.count
  }

  get isUnread(): boolean {
    return !this.#isOver
  }

  close(): void {
    this.#source.stream?.destroy()
  }

  async *#read(): AsyncGenerator<unknown, void> {
    const { first = [], batches } = this.#parts
    yield* first
    for await (const some of batches) {
      insistOnSound(this.#source, 'sent')
      yield* some
    }
    insistOnSound(this.#source, 'sent')
    this.#isOver = true
  }
}

function listed(rows: readonly unknown[], bad: number): FileRows {
  return { rows, bad, isUnread: false, close: () => {} }
}

/** Bytes of a file; none of what has no end that is known, such as a pipe. */
async function sizeOf(file: string): Promise<number | undefined> {
  if (file === '-') return undefined
  try {
    const info = await stat(file)
    return info.isFile() ? info.size : undefined
  } catch (cause) {
    throw new CliError('USAGE', `cannot read ${file}: ${reasonOf(codeOf(cause))}`, { cause })
  }
}

/** Rows that fit, those that have arrived together at a time. */
async function* rowsIn(source: Source): AsyncGenerator<readonly unknown[], void> {
  const { file, options, bad, stream = createReadStream(file) } = source
  for await (const lines of linesOf(stream, file === '-' ? STDIN : file)) {
    const rows: unknown[] = []
    const wrong: BadRow[] = []
    for (const { number, text } of lines) {
      if (text.trim() === '') continue
      const result = parseRow(text, options)
      if ('row' in result) rows.push(result.row)
      else wrong.push({ place: `line ${number}`, problem: result.problem, text })
    }
    await bad.add(wrong)
    yield rows
  }
}

function parseRow(text: string, { schema, common }: RowsOptions): ReturnType<typeof fitRow> {
  let value: unknown
  try {
    value = parseExactly(text)
  } catch (error) {
    if (error instanceof RangeError) return { problem: error.message }
    return { problem: `not valid JSON (${syntaxProblem(error)})` }
  }
  return fitRow(value, schema, common)
}

function nameOf(file: string): string {
  return file === '-' ? STDIN : basename(file)
}

/** @throws {CliError} `USAGE` a row is wrong, and there is no file for it */
function insistOnSound({ file, options, bad }: Source, before: 'sent' | 'nothing' = 'nothing') {
  if (bad.count === 0 || options.failures !== undefined) return
  const { schema } = options
  const done = before === 'sent' ? 'What came before it was sent' : 'Nothing was sent'
  throw new CliError('USAGE', bad.problems(nameOf(file)), {
    mend: `${done}; --failures FILE leaves such rows out. ${lineHelp(schema)}${inputHelp(schema)}`,
  })
}

/** What a line must be, where that has names. */
function lineHelp(schema: InputSchema): string {
  if (!hasNames(schema)) return ''
  const names = Object.keys(schema.shape).map((name) => `"${name}"`)
  return `Each line must be one JSON object with ${names.join(', ')}. `
}

/** @throws {CliError} `USAGE` no row is left */
function insistOnSome(
  count: number,
  { file, options, bad }: Pick<Source, 'file' | 'options'> & { readonly bad: { count: number } },
): void {
  if (count > 0) return
  if (bad.count === 0) throw new CliError('USAGE', `${nameOf(file)} holds no rows`)
  throw new CliError('USAGE', `no row of ${nameOf(file)} fits: ${options.failures} says why`)
}
