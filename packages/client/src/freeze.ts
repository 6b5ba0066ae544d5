import { isList } from './guards.ts'

/** Below a frozen value, so many are looked at each time; one of more is remembered. */
const FEW = 16

/** Frozen values of many parts that were seen to be frozen below as well. */
const whole = new WeakSet()

/**
 * Freezes plain objects and lists all the way down, so that rows can share them: isolation without copies.
 * What is frozen already may have been frozen by its owner, and not below: it is looked through. A large value pays for
 * that once, however many rows hold it; to remember each one would cost more than to freeze it.
 * Maps, sets and dates lose the methods that change them. Other objects (bytes, classes) are left as they are.
 */
export function deepFreeze<T>(value: T): T {
  if (!isFreezable(value)) return value
  if (isFlat(value)) {
    if (!Object.isFrozen(value)) freeze(value)
    return value
  }
  const met = new Met()
  if (Object.isFrozen(value)) {
    lookThrough(value, met)
    return value
  }
  // A list instead of recursion: data may be nested deeper than the stack.
  const waiting: object[] = [value]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    freeze(next)
    for (const member of membersOf(next)) {
      if (!isFreezable(member)) continue
      if (Object.isFrozen(member)) lookThrough(member, met)
      else waiting.push(member)
    }
  }
  return value
}

/** Whether it is a record of nothing but texts, numbers and the like, as most rows are. */
function isFlat(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const name in value) {
    const member: unknown = Reflect.get(value, name)
    if (typeof member === 'object' && member !== null) return false
  }
  return true
}

/** What has been looked through on the way down, where that is much: a value may contain itself. */
class Met {
  #values: Set<object> | undefined

  /** Whether it was not there. */
  add(value: object): boolean {
    this.#values ??= new Set()
    const { size } = this.#values
    return this.#values.add(value).size > size
  }
}

function lookThrough(value: object, met: Met): void {
  if (whole.has(value)) return
  const waiting: object[] = [value]
  let parts = 0
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (!Object.isFrozen(next)) freeze(next)
    for (const member of membersOf(next)) {
      if (!isFreezable(member) || whole.has(member)) continue
      if (++parts > FEW && !met.add(member)) continue
      waiting.push(member)
    }
  }
  if (parts > FEW) whole.add(value)
}

function freeze(value: object): void {
  if (!isList(value)) refuseChanges(value)
  Object.freeze(value)
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
  if (typeof value !== 'object' || value === null) return false
  if (isList(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || CHANGES.has(prototype)
}
