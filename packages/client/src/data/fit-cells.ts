import type { z } from 'zod'
import { isRecord } from '../guards.ts'
import { isRounded, parseExactly, RoundedNumber } from './exact-json.ts'

/**
 * A row whose cells a file keeps as something else than the shape wants: a CSV file knows texts only, Parquet has
 * its own numbers and dates. Each cell becomes the first of its readings that its schema takes.
 *
 * A number that is rounded stays a RoundedNumber.
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
    row[name] = cell === '' && empty === 'nothing' ? fitNothing(schema) : fitCell(cell, schema)
  }
  return row
}

function fitNothing(schema: z.ZodType): unknown {
  for (const nothing of [undefined, null]) if (schema.safeParse(nothing).success) return nothing
  return fitCell('', schema)
}

function fitCell(cell: unknown, schema: z.ZodType): unknown {
  const text = typeof cell === 'string' || typeof cell === 'bigint' ? String(cell).trim() : ''
  for (const reading of readingsOf(cell)) {
    const parsed = schema.safeParse(reading)
    if (!parsed.success) continue
    // A schema that makes a number of the text itself rounds as well.
    if (isRounded(text, reading) || isRounded(text, parsed.data)) return new RoundedNumber(text)
    return typeof cell === 'string' && isRecordOrList(reading) ? parseExactly(text) : reading
  }
  return cell
}

function isRecordOrList(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** What a cell may stand for, the likeliest first. */
function* readingsOf(cell: unknown): Generator<unknown, void> {
  yield cell
  if (cell === '' || cell === null) {
    yield null
    yield undefined
  } else if (typeof cell === 'string') {
    const parsed = jsonOf(cell.trim())
    if (parsed !== undefined) yield parsed
    if (/^(?:true|false)$/i.test(cell.trim())) yield cell.trim().toLowerCase() === 'true'
    if (/^(?:NaN|-?Infinity)$/.test(cell)) yield Number(cell)
  } else if (typeof cell === 'bigint') {
    yield Number(cell)
    yield String(cell)
  } else if (cell instanceof Date) {
    yield cell.toISOString()
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
