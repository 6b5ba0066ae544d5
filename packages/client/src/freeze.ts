import { isList } from './guards.ts'

/**
 * Freezes plain objects and lists all the way down, so that rows can share them: isolation without copies.
 * What is frozen already is taken to be frozen below as well: a value pays once, however many rows hold it.
 * Maps, sets and dates lose the methods that change them. Other objects (bytes, classes) are left as they are.
 */
export function deepFreeze<T>(value: T): T {
  if (!isFreezable(value)) return value
  // A list instead of recursion: data may be nested deeper than the stack.
  const waiting: object[] = [value]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (!isList(next)) refuseChanges(next)
    Object.freeze(next)
    for (const member of membersOf(next)) if (isFreezable(member)) waiting.push(member)
  }
  return value
}

function membersOf(value: object): Iterable<unknown> {
  if (isList(value)) return value
  if (value instanceof Map) {
    const map: ReadonlyMap<unknown, unknown> = value
    return [...map.keys(), ...map.values()]
  }
  return value instanceof Set ? value : Object.values(value)
}

/** By the prototype of what has them, for freezing does not reach what these change. */
const CHANGES = new Map<unknown, PropertyDescriptorMap>([
  [Map.prototype, refusals('map', ['set', 'delete', 'clear'])],
  [Set.prototype, refusals('set', ['add', 'delete', 'clear'])],
  [
    Date.prototype,
    refusals(
      'date',
      Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set')),
    ),
  ],
])

function refusals(what: string, methods: readonly string[]): PropertyDescriptorMap {
  const value = () => {
    throw new TypeError(`this ${what} belongs to a run: make a copy of it to change it`)
  }
  return Object.fromEntries(methods.map((method) => [method, { value }]))
}

function refuseChanges(value: object): void {
  const changes = CHANGES.get(Object.getPrototypeOf(value))
  if (changes) Object.defineProperties(value, changes)
}

function isFreezable(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return false
  if (isList(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || CHANGES.has(prototype)
}
