import { z } from 'zod'
import { isList, isRecord } from '../guards.ts'
import { Decimal, isRounded, parseExactly, RoundedNumber } from './exact-json.ts'
import {
  coercesEmpty,
  takesNothing,
  withoutCatch,
  type Definition,
  type Nothing,
} from './nothing.ts'
import { textOfBytes } from './utf8-text.ts'

/** Takes the place of an empty cell of which a schema would make a value that nobody wrote, such as 0 or the year 1970. */
export const EMPTY = Symbol('an empty cell')

const ANYTHING = z.unknown()

/**
 * A row whose cells a file keeps as something else than the shape wants: a CSV file knows texts only, Parquet has
 * its own numbers and dates. Each cell becomes the first of its readings that its schema takes.
 *
 * A number that is rounded stays a RoundedNumber, nothing that would become something EMPTY.
 *
 * @param empty what an empty text is first of all: CSV has no other word for nothing
 */
export function fitCells(
  value: unknown,
  shape: Readonly<Record<string, z.ZodType>>,
  empty: 'text' | 'nothing',
): unknown {
  if (!isRecord(value)) return value
  const row: Record<string, unknown> = { ...value }
  for (const [name, schema] of Object.entries(shape)) {
    if (Object.hasOwn(row, name)) row[name] = fit(row[name], schema, empty)
  }
  return row
}

function fit(cell: unknown, schema: z.ZodType, empty: 'text' | 'nothing' = 'text'): unknown {
  if (cell === '') return fitEmptyText(schema, empty)
  if (isNothing(cell)) return fitNothing(schema, cell)
  return isList(cell) || isPlainObject(cell) ? fitParts(cell, schema) : fitCell(cell, schema)
}

function isPlainObject(cell: unknown): cell is Readonly<Record<string, unknown>> {
  return isRecord(cell) && Object.getPrototypeOf(cell) === Object.prototype
}

/** Of a list or an object each part is fitted to its own schema; what has none is taken as it is. */
function fitParts(cell: object, schema: z.ZodType): unknown {
  const { options = [] }: Definition = schema.def
  for (const option of options) {
    const fitted = fitParts(cell, option)
    if (option.safeParse(fitted).success) return fitted
  }
  if (isList(cell)) return cell.map((part, index) => fit(part, partOf(schema, index)))
  return Object.fromEntries(
    Object.entries(cell).map(([name, part]) => [name, fit(part, partOf(schema, name))]),
  )
}

function partOf(schema: z.ZodType, name: string | number): z.ZodType {
  const {
    innerType,
    in: first,
    shape = {},
    items = [],
    element,
    valueType,
  }: Definition = schema.def
  const inner = innerType ?? first
  if (inner) return partOf(inner, name)
  const own = typeof name === 'number' ? items[name] : Object.hasOwn(shape, name) && shape[name]
  return own || (element ?? valueType ?? ANYTHING)
}

function isNothing(cell: unknown): cell is Nothing {
  return cell === undefined || cell === null
}

function fitEmptyText(schema: z.ZodType, empty: 'text' | 'nothing'): unknown {
  const isText = !coercesEmpty(schema) && withoutCatch(schema).safeParse('').success
  if (empty === 'text' && isText) return ''
  for (const nothing of [undefined, null]) if (takesNothing(schema, nothing)) return nothing
  return coercesEmpty(schema) ? EMPTY : ''
}

/** Parquet has one nothing, whichever of the two it is read as. */
function fitNothing(schema: z.ZodType, cell: Nothing): unknown {
  for (const nothing of [null, undefined]) if (takesNothing(schema, nothing)) return nothing
  return schema.safeParse(cell).success ? EMPTY : cell
}

function fitCell(cell: unknown, schema: z.ZodType): unknown {
  const text = exactTextOf(cell)
  const wanted = withoutCatch(schema)
  for (const reading of readingsOf(cell)) {
    const parsed = wanted.safeParse(reading)
    if (!parsed.success) continue
    // A schema that makes a number of the text itself rounds as well.
    const isLost = [reading, parsed.data].some((value) => isOther(value, text, cell))
    if (isLost) return new RoundedNumber(text)
    return typeof cell === 'string' && isRecordOrList(reading) ? parseExactly(text) : reading
  }
  return cell
}

function exactTextOf(cell: unknown): string {
  if (cell instanceof Decimal) return cell.text
  return typeof cell === 'string' || typeof cell === 'bigint' ? String(cell).trim() : ''
}

/** Whether a number is another than the cell says. Of a decimal every digit counts. */
function isOther(value: unknown, text: string, cell: unknown): boolean {
  if (isRounded(text, value)) return true
  return cell instanceof Decimal && cell.number === undefined && value === Number(text)
}

function isRecordOrList(value: unknown): boolean {
  return isList(value) || isPlainObject(value)
}

/** What a cell may stand for, the likeliest first. */
function* readingsOf(cell: unknown): Generator<unknown, void> {
  if (cell instanceof Decimal) yield* readingsOfDecimal(cell)
  else if (cell instanceof Uint8Array) yield* [textOfBytes(cell), cell].filter(isSomething)
  else yield* readingsOfOthers(cell)
}

function isSomething(value: unknown): boolean {
  return value !== undefined
}

function* readingsOfDecimal({ number, text }: Decimal): Generator<unknown, void> {
  if (number !== undefined) yield number
  yield text
  // Of this nothing is taken: it only tells whether a number was wanted.
  yield Number(text)
}

function* readingsOfOthers(cell: unknown): Generator<unknown, void> {
  yield cell
  if (typeof cell === 'string') {
    yield* readingsOfText(cell.trim())
    if (/^-?\d+$/.test(cell.trim())) yield BigInt(cell.trim())
    if (isIsoDate(cell.trim())) yield new Date(cell.trim())
    // Bytes of Parquet that happen to be a text.
    yield new TextEncoder().encode(cell)
  } else if (typeof cell === 'bigint') {
    yield Number(cell)
    yield String(cell)
  } else if (cell instanceof Date) {
    yield cell.toISOString()
  }
}

function* readingsOfText(text: string): Generator<unknown, void> {
  const parsed = jsonOf(text)
  if (parsed !== undefined) yield parsed
  if (/^(?:true|false)$/i.test(text)) yield text.toLowerCase() === 'true'
  if (/^(?:NaN|-?Infinity)$/.test(text)) yield Number(text)
}

const ISO_DATE = z.union([z.iso.date(), z.iso.datetime({ offset: true })])

/** One that means the same instant everywhere, as dates are saved. */
function isIsoDate(text: string): boolean {
  return ISO_DATE.safeParse(text).success || isWritten(text)
}

/** Years of more than four digits are written with their sign. */
function isWritten(text: string): boolean {
  return /^[+-]\d{6}-/.test(text) && !Number.isNaN(Date.parse(text))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
