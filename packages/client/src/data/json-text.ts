import { isBoxedPrimitive, isDate } from 'node:util/types'
import { isFunction, isRecord } from '../guards.ts'
import { messageOf } from '../errors.ts'

/**
 * A value of a row as JSON; none where there is no value.
 *
 * @param index of the row, from 0
 * @throws {RangeError} naming the place and what JSON would lose or cannot hold
 */
export function jsonTextOf(value: unknown, index: number, column?: string): string | undefined {
  try {
    return textOf(value)
  } catch (thrown) {
    const name = column ?? (isRecord(value) ? culpritIn(value) : undefined)
    const where = name === undefined ? '' : `, ${name}`
    throw new RangeError(`row ${index + 1}${where}: ${reasonOf(thrown)}`, { cause: thrown })
  }
}

/** Whether it stands as an object with its own fields in a file; a date or a map does not. */
export function isPlainRow(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !isFunction(value['toJSON']) && objectionTo(value) === undefined
}

function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, insistOnHeld)
}

/** The first field that cannot be written. */
function culpritIn(row: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(row).find((name) => {
    try {
      textOf(row[name])
      return false
    } catch {
      return true
    }
  })
}

function insistOnHeld(this: object, key: string, value: unknown): unknown {
  // An invalid date has become null by now.
  const isLostDate = value === null && isDate(Reflect.get(this, key))
  const isLostItem = value === undefined && Array.isArray(this)
  const lost = isLostDate ? 'invalid date' : isLostItem ? 'undefined in a list' : undefined
  const objection = lost === undefined ? objectionTo(value) : `${lost}; make it null`
  if (objection !== undefined) throw new RangeError(`JSON has no ${objection}`)
  return value
}

const MENDS: Readonly<Record<string, string>> = {
  Map: 'make it an object or a list',
  Set: 'make it a list',
  RegExp: 'make it a text',
  Error: 'make it a text',
}

/** What JSON has no form for, and the mend. */
function objectionTo(value: unknown): string | undefined {
  if (typeof value === 'bigint') return 'bigint; make it a number or a text'
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : `${value}; make it null or a text`
  }
  if (typeof value === 'function' || typeof value === 'symbol') {
    return `${typeof value}; make it a text, or leave it out`
  }
  return isRecord(value) ? objectionToObject(value) : undefined
}

/** JSON writes nothing but the fields of an object: of one that keeps its values elsewhere nothing would be left. */
function objectionToObject(value: object): string | undefined {
  const isBytes = ArrayBuffer.isView(value)
  if (!isBytes && (Object.keys(value).length > 0 || isPlain(value) || isBoxedPrimitive(value)))
    return undefined
  const name = value.constructor.name
  const mend = isBytes ? 'make it a list or a text' : MENDS[name]
  return `${name}; ${mend ?? 'make it an object with fields, or a text'}`
}

/** Of whichever realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function reasonOf(thrown: unknown): string {
  const [message = ''] = messageOf(thrown).split('\n')
  return /circular/.test(message) ? 'it holds itself' : message
}
