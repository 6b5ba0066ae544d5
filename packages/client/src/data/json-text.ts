import {
  isAnyArrayBuffer,
  isBoxedPrimitive,
  isDate,
  isMap,
  isNativeError,
  isPromise,
  isRegExp,
  isSet,
} from 'node:util/types'
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

/** A row as its own fields, if it stands as an object in a file; a date or a map does not, and becomes the field `value`. */
export function recordOf(row: unknown): Readonly<Record<string, unknown>> {
  const said = isRecord(row) && isFunction(row['toJSON']) ? row['toJSON']('') : row
  if (isError(said)) return errorFields(said)
  const isPlainRow =
    isRecord(said) && !isFunction(said['toJSON']) && objectionTo(said) === undefined
  return isPlainRow ? said : { value: said }
}

function textOf(value: unknown): string | undefined {
  const told = new Map<Error, object>()
  return JSON.stringify(value, function (this: object, key, field: unknown) {
    insistOnHeld(this, key, field)
    if (!isError(field)) return field
    // One object for one error: JSON must find out an error that holds itself.
    const fields = told.get(field) ?? errorFields(field)
    told.set(field, fields)
    return fields
  })
}

function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value)
}

/** What an error says; its stack and its cause, which may be anything, are for those who debug. */
function errorFields(error: Error): Readonly<Record<string, unknown>> {
  const { name, message } = error
  const code = 'code' in error ? { code: error.code } : {}
  const errors = 'errors' in error ? { errors: error.errors } : {}
  return { name, message, ...code, ...errors, ...Object.fromEntries(Object.entries(error)) }
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

function insistOnHeld(holder: object, key: string, value: unknown): void {
  // An invalid date has become null by now.
  const isLostDate = value === null && isDate(Reflect.get(holder, key))
  const isLostItem = value === undefined && Array.isArray(holder)
  const lost = isLostDate ? 'invalid date' : isLostItem ? 'undefined in a list' : undefined
  const objection = lost === undefined ? objectionTo(value) : `${lost}; make it null`
  if (objection !== undefined) throw new RangeError(`JSON has no ${objection}`)
}

const MENDS: Readonly<Record<string, string>> = {
  Map: 'make it an object or a list',
  Set: 'make it a list',
  RegExp: 'make it a text',
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
  if (!isBytes && !holdsElsewhere(value) && (hasFields(value) || isPlain(value))) return undefined
  const name = value.constructor.name
  const mend = isBytes ? 'make it a list or a text' : MENDS[name]
  return `${name}; ${mend ?? 'make it an object with fields, or a text'}`
}

/** Whatever fields it has besides. */
function holdsElsewhere(value: object): boolean {
  const kinds = [isMap, isSet, isRegExp, isPromise, isAnyArrayBuffer]
  return kinds.some((isKind) => isKind(value))
}

function hasFields(value: object): boolean {
  return Object.keys(value).length > 0 || isError(value) || isBoxedPrimitive(value)
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
