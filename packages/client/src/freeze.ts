import { isList } from './guards.ts'

/**
 * Freezes plain objects and lists all the way down, so that rows can share them: isolation without copies.
 * What is frozen already is taken to be frozen below as well: a value pays once, however many rows hold it.
 * Other objects (dates, maps, bytes, classes) are left as they are.
 */
export function deepFreeze<T>(value: T): T {
  if (!isFreezable(value)) return value
  // A list instead of recursion: data may be nested deeper than the stack.
  const waiting: object[] = [value]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    Object.freeze(next)
    const members: readonly unknown[] = isList(next) ? next : Object.values(next)
    for (const member of members) if (isFreezable(member)) waiting.push(member)
  }
  return value
}

function isFreezable(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return false
  if (isList(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
