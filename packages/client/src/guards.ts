import type { z } from 'zod'

/** Questions about values of unknown type. By what a value can do, never by its class: a program may bring its own copy of a package. */

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The record's own member: names that users give may be those of every object, as `constructor` is. */
export function ownMember<T>(
  record: Readonly<Record<string, T>> | undefined,
  name: string,
): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}

/** Whether it is an object of fields, and of no class. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

export function isFunction(value: unknown): value is (...values: unknown[]) => unknown {
  return typeof value === 'function'
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

export function isSchema(value: unknown): value is z.ZodType {
  return isRecord(value) && isFunction(value['safeParse'])
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && isFunction(value.then)
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    value !== undefined && value !== null && isFunction(Reflect.get(Object(value), Symbol.iterator))
  )
}
