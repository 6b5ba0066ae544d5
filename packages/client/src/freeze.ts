import { isList, isPlain } from './guards.ts'

/** Below a frozen value, so many are looked at each time; one of more is remembered. */
const FEW = 16

/** Frozen values of many parts that were seen to be frozen below as well. */
const whole = new WeakSet()

/**
 * Freezes plain objects and lists all the way down, so that rows can share them: isolation without copies.
 * What is frozen already may have been frozen by its owner, and not below: it is looked through. A large value pays for
 * that once, however many rows hold it; to remember each one would cost more than to freeze it.
 * Maps, sets and dates lose the methods that change them. Other objects (bytes, classes) are left as they are.
 * Getters give way to what they say now: see `settle`.
 */
export function deepFreeze<T>(value: T): T {
  if (!isFreezable(value)) return value
  if (Object.isFrozen(value)) {
    if (!holdsNoObject(value)) lookThrough(value, new Met())
    return value
  }
  if (isFlat(value)) return Object.freeze(value)
  const met = new Met()
  // A list instead of recursion: data may be nested deeper than the stack.
  const waiting: object[] = [value]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    freeze(next)
    for (const member of membersOf(next)) {
      if (!isFreezable(member)) continue
      if (Object.isFrozen(member)) lookThrough(member, met)
      else if (isFlat(member)) Object.freeze(member)
      else waiting.push(member)
    }
  }
  return value
}

/**
 * Asks the getters below a value, once each, and keeps what they say in their place: whoever looks later sees what was
 * recorded. One that its owner has frozen, or forbidden to be replaced, stays; so does one that throws, for whoever looks.
 */
export function settle(value: unknown): void {
  if (!mayBeUnsettled(value)) return
  const met = new Met()
  const waiting: object[] = [value]
  let parts = 0
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const member of settledMembersOf(next)) {
      if (!mayBeUnsettled(member)) continue
      if (++parts > FEW && !met.add(member)) continue
      waiting.push(member)
    }
  }
}

function settledMembersOf(value: object): Iterable<unknown> {
  try {
    replaceGetters(value)
    return membersOf(value)
  } catch {
    return []
  }
}

function mayBeUnsettled(value: unknown): value is object {
  return isFreezable(value) && !isFlat(value) && !Object.isFrozen(value)
}

function replaceGetters(value: object): void {
  if (isList(value)) return
  for (const name in value) {
    const property = Reflect.getOwnPropertyDescriptor(value, name)
    if (property?.get === undefined || !property.configurable) continue
    const said: unknown = Reflect.get(value, name)
    Object.defineProperty(value, name, { value: said, writable: true })
  }
}

/** Whether it is a record of nothing but texts, numbers and the like, as most rows are, and has no getters. */
function isFlat(value: object): boolean {
  if (!isPlain(value)) return false
  for (const name in value) {
    const property = Reflect.getOwnPropertyDescriptor(value, name)
    if (property?.writable === undefined || isObject(property.value)) return false
  }
  return true
}

/** The same of what is frozen: quicker, for nobody replaces its getters. */
function holdsNoObject(value: object): boolean {
  if (!isPlain(value)) return false
  for (const name in value) if (isObject(Reflect.get(value, name))) return false
  return true
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
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
  if (!isList(value)) {
    replaceGetters(value)
    refuseChanges(value)
  }
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
  return isList(value) || isPlain(value) || CHANGES.has(Object.getPrototypeOf(value))
}
