import type { z } from 'zod'
import { isRecord } from '../guards.ts'
import { isRounded, parseExactly, RoundedNumber } from './exact-json.ts'
import { coercesEmpty, takesNothing, withoutCatch, type Nothing } from './nothing.ts'

/** Takes the place of an empty cell of which a schema would make a value that nobody wrote, such as 0 or the year 1970. */
export const EMPTY = Symbol('an empty cell')

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
    if (!(name in row)) continue
    const cell = row[name]
    if (cell === '') row[name] = fitEmptyText(schema, empty)
    else row[name] = isNothing(cell) ? fitNothing(schema, cell) : fitCell(cell, schema)
  }
  return row
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
  const text = typeof cell === 'string' || typeof cell === 'bigint' ? String(cell).trim() : ''
  const wanted = withoutCatch(schema)
  for (const reading of readingsOf(cell)) {
    const parsed = wanted.safeParse(reading)
    if (!parsed.success) continue
    // A schema that makes a number of the text itself rounds as well.
    if (isRounded(text, reading) || isRounded(text, parsed.data)) return new RoundedNumber(text)
    return typeof cell === 'string' && isRecordOrList(reading) ? parseExactly(text) : reading
  }
  return cell
}

function isRecordOrList(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Date)
}

/** What a cell may stand for, the likeliest first. */
function* readingsOf(cell: unknown): Generator<unknown, void> {
  yield cell
  if (typeof cell === 'string') {
    yield* readingsOfText(cell.trim())
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
