/**
 * Freezes plain objects and lists all the way down, so that rows can share them: isolation without copies.
 * What is frozen already is taken to be frozen below as well: a value pays once, however many rows hold it.
 * Other objects (dates, maps, bytes, classes) are left as they are.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (Array.isArray(value)) {
    Object.freeze(value)
    for (const element of value) deepFreeze(element)
    return value
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  Object.freeze(value)
  for (const member of Object.values(value)) deepFreeze(member)
  return value
}
