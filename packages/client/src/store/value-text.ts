import { hash } from 'node:crypto'
import { ClientError } from '../errors.ts'
import { isList, isRecord } from '../guards.ts'
import { placeIn } from './place-in.ts'

/**
 * Values as text: JSON, with a mark where JSON has no word. `{"$":["date",1767225600000]}` is a
 * date; what is longer than `LARGE` stands elsewhere, named by its hash: `{"$":["ref","…"]}`. A value that is
 * nothing but a text is that text behind an apostrophe: most answers are, and need no escapes.
 */

const PLAIN_TEXT = "'"

/** Longer texts are kept once, by their hash. In characters. */
const LARGE = 4096

/** Nothing that a step answers is nested deeper; a value that contains itself is. */
export const DEEPEST = 500

/** What is nested deeper is not looked at twice: each level would be looked at from each around it. */
const DEEPEST_PLAIN = 16

/** Names that are put in order one by one. */
const FEW = 16

/** Long texts whose hashes are remembered: rows often share one. */
const MOST_TEXTS = 64

/** How values are written. */
export interface ValueTextOptions {
  /**
   * Equal values have equal texts: members are in the order of their names. Texts stand behind their lengths, without
   * escapes: nobody reads it back. @default false
   */
  readonly canonical?: boolean
  /** Takes what is kept elsewhere; it comes before whatever refers to it. @default nobody keeps it */
  readonly keep?: (hash: string, text: string) => void
  /** In one piece: nothing is kept elsewhere. @default false */
  readonly whole?: boolean
}

/** Writes values, each large one once: it knows those again that it has seen, if they are frozen. */
export class ValueWriter {
  readonly #canonical: boolean
  readonly #keep: ((hash: string, text: string) => void) | undefined
  readonly #large: number
  readonly #seen = new WeakMap<object, string>()
  readonly #texts = new Map<string, string>()

  constructor({ canonical = false, keep, whole = false }: ValueTextOptions = {}) {
    this.#canonical = canonical
    this.#keep = keep
    this.#large = whole ? Infinity : LARGE
  }

  /** Throws a `ClientError` `STORE_FAILED` that says where something cannot be written. */
  write(value: unknown): string {
    const [first, rest] = this.pieces(value)
    return first + rest
  }

  /** The same in two pieces: together they would be copied before they are written. */
  pieces(value: unknown): readonly [first: string, rest: string] {
    const isPlain = typeof value === 'string' && value.length <= this.#large && value.isWellFormed()
    if (isPlain) return [PLAIN_TEXT, value]
    try {
      return ['', this.#write(value, 0)]
    } catch (thrown) {
      if (!(thrown instanceof Unwritable)) throw thrown
      const place = placeIn(value, (member) => ValueWriter.#fits(member))
      throw unwritable(thrown.message, place)
    }
  }

  /** Whether it can be written. */
  static #fits(value: unknown): boolean {
    try {
      new ValueWriter({ whole: true }).#write(value, 0)
      return true
    } catch {
      return false
    }
  }

  #write(value: unknown, depth: number): string {
    if (typeof value === 'string') {
      return value.length > this.#large ? this.#longText(value) : this.#text(value)
    }
    if (typeof value === 'object') {
      return value === null ? 'null' : this.#writeObject(value, depth + 1)
    }
    if (typeof value === 'boolean') return value ? 'true' : 'false'
    return typeof value === 'number' ? numberText(value) : rareText(value)
  }

  #text(value: string): string {
    const isEscaped = !this.#canonical || !value.isWellFormed()
    return isEscaped ? JSON.stringify(value) : `${value.length}'${value}`
  }

  #writeObject(value: object, depth: number): string {
    const seen = this.#seen.get(value)
    if (seen !== undefined) return seen
    if (depth > DEEPEST)
      throw new Unwritable('a value that contains itself, or is nested too deeply')
    const text = this.#plainText(value, depth) ?? this.#textOf(value, depth)
    if (text.length <= this.#large) return text
    const reference = this.#refer(text)
    // What is not frozen may be another value the next time.
    if (Object.isFrozen(value)) this.#seen.set(value, reference)
    return reference
  }

  /** One look at it and one call are quicker than a call for each of its texts and names. */
  #plainText(value: object, depth: number): string | undefined {
    if (this.#canonical || roomBeside(value, LARGE, depth) < 0) return undefined
    const text = JSON.stringify(value)
    return text.length > LARGE ? undefined : text
  }

  #textOf(value: object, depth: number): string {
    if (isList(value)) {
      if (isMatch(value)) throw new Unwritable('a match of a regular expression')
      // Unlike map(), a loop sees holes.
      let text = '['
      for (let i = 0; i < value.length; i++) {
        text += (i > 0 ? ',' : '') + this.#write(value[i], depth)
      }
      return `${text}]`
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) return this.#members(value, depth)
    return this.#special(value, depth)
  }

  #members(value: object, depth: number): string {
    const names = Object.keys(value)
    if (this.#canonical) sortFew(names)
    let text = '{'
    for (const name of names) {
      const member: unknown = Reflect.get(value, name)
      text += `${text.length > 1 ? ',' : ''}${this.#text(name)}:${this.#write(member, depth)}`
    }
    return Object.hasOwn(value, '$') ? mark('object', `${text}}`) : `${text}}`
  }

  #special(value: object, depth: number): string {
    if (!isSpecial(value)) throw new Unwritable(`a ${value.constructor.name}`)
    if (value instanceof Date) return mark('date', JSON.stringify(value.getTime()))
    if (value instanceof Map) return mark('map', this.#write([...value], depth))
    if (value instanceof Set) return mark('set', this.#write([...value], depth))
    if (value instanceof URL) return mark('url', JSON.stringify(value.href))
    if (Buffer.isBuffer(value)) return mark('buffer', `"${value.toString('base64')}"`)
    return mark('bytes', `"${Buffer.from(value).toString('base64')}"`)
  }

  #longText(value: string): string {
    const known = this.#texts.get(value)
    const reference = known ?? this.#refer(JSON.stringify(value))
    // An equal text at another place in memory takes long to compare: the latest is the one that comes again.
    this.#texts.delete(value)
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear()
    this.#texts.set(value, reference)
    return reference
  }

  #refer(text: string): string {
    const name = hashOf(text)
    this.#keep?.(name, text)
    return mark('ref', `"${name}"`)
  }
}

/** In place, by their units as `sort` does; that makes lists of its own. */
function sortFew(names: string[]): void {
  if (names.length > FEW) names.sort()
  else for (let i = 1; i < names.length; i++) insert(names, i)
}

/** Puts a name in its place among those before it, which are in order. */
function insert(names: string[], from: number): void {
  const name = names[from] ?? ''
  let place = from
  // No name comes after the empty text that stands for those before the first.
  for (let before = names[place - 1] ?? ''; before > name; before = names[place - 1] ?? '') {
    names[place--] = before
  }
  names[place] = name
}

const SPECIAL: ReadonlySet<unknown> = new Set<unknown>([
  Date.prototype,
  Map.prototype,
  Set.prototype,
  URL.prototype,
  Uint8Array.prototype,
  Buffer.prototype,
])

/** Whether it is no plain value, and can be written all the same. What a class makes of one of these cannot. */
export function isSpecial(
  value: object,
): value is Date | URL | Uint8Array | Map<unknown, unknown> | Set<unknown> {
  return SPECIAL.has(Object.getPrototypeOf(value))
}

/** A list whose other members would be lost, of those that it is usually wanted for. */
export function isMatch(list: readonly unknown[]): boolean {
  return Object.hasOwn(list, 'groups')
}

/** Reads a text that a `ValueWriter` wrote; `find` gives what it keeps elsewhere. */
export function readValue(text: string, find: (hash: string) => unknown): unknown {
  if (text.startsWith(PLAIN_TEXT)) return text.slice(PLAIN_TEXT.length)
  const value: unknown = JSON.parse(text)
  return text.includes('{"$":[') ? revive(value, find) : value
}

/** Remembers nothing: what is in one piece has no reference. */
const wholeWriter = new ValueWriter({ whole: true })

/** A value in one piece. */
export function textOf(value: unknown): string {
  return wholeWriter.write(value)
}

/** For values in one piece. */
export function noReference(): undefined {
  return undefined
}

/** The name under which a text is kept. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'base64url')
}

function revive(value: unknown, find: (hash: string) => unknown): unknown {
  if (isList(value)) return value.map((element) => revive(element, find))
  if (!isRecord(value)) return value
  const marked: unknown = value['$']
  if (isList(marked)) return unmark(marked[0], marked[1], find)
  return reviveMembers(value, find)
}

function reviveMembers(value: object, find: (hash: string) => unknown): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, revive(member, find)]),
  )
}

function unmark(tag: unknown, payload: unknown, find: (hash: string) => unknown): unknown {
  switch (tag) {
    case 'ref':
      return find(String(payload))
    case 'undefined':
      return undefined
    case 'number':
      return Number(payload)
    case 'bigint':
      return BigInt(String(payload))
    case 'date':
      return new Date(Number(payload ?? NaN))
    case 'url':
      return new URL(String(payload))
    case 'buffer':
      return Buffer.from(String(payload), 'base64')
    case 'bytes':
      return new Uint8Array(Buffer.from(String(payload), 'base64'))
    default:
      return unmarkNested(tag, payload, find)
  }
}

function unmarkNested(tag: unknown, payload: unknown, find: (hash: string) => unknown): unknown {
  if (tag === 'object' && isRecord(payload)) return reviveMembers(payload, find)
  const inner = revive(payload, find)
  if (!isList(inner)) throw new ClientError('STORE_FAILED', 'a recorded value cannot be read')
  if (tag === 'set') return new Set(inner)
  return new Map(inner.map((entry) => (isList(entry) ? [entry[0], entry[1]] : [entry, undefined])))
}

/**
 * How much of that room a value leaves, in characters, escapes not counted; less than nothing where it does not fit, or
 * where it holds what JSON has no word for.
 */
function roomBeside(value: unknown, room: number, depth: number): number {
  if (typeof value === 'string') return room - value.length
  if (typeof value === 'number') return isPlainNumber(value) ? room - 1 : -1
  if (typeof value === 'object') {
    return value === null ? room - 1 : roomBesideMembers(value, room, depth)
  }
  return typeof value === 'boolean' ? room - 1 : -1
}

function roomBesideMembers(value: object, room: number, depth: number): number {
  if (depth > DEEPEST_PLAIN || '$' in value || 'toJSON' in value) return -1
  if (isList(value)) return roomBesideList(value, room - 1, depth)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return -1
  let left = room - 1
  for (const name of Object.keys(value)) {
    if (left < 0) break
    left = roomBeside(Reflect.get(value, name), left - name.length, depth + 1)
  }
  return left
}

function roomBesideList(value: readonly unknown[], room: number, depth: number): number {
  let left = isMatch(value) ? -1 : room
  for (let i = 0; i < value.length && left >= 0; i++) left = roomBeside(value[i], left, depth + 1)
  return left
}

function numberText(value: number): string {
  if (isPlainNumber(value)) return String(value)
  return mark('number', Object.is(value, -0) ? '"-0"' : `"${value}"`)
}

/** Whether JSON has a word for it. */
function isPlainNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0)
}

function rareText(value: unknown): string {
  if (value === undefined) return mark('undefined', 'null')
  if (typeof value === 'bigint') return mark('bigint', `"${value}"`)
  throw new Unwritable(`a ${typeof value}`)
}

function mark(tag: string, payload: string): string {
  return `{"$":["${tag}",${payload}]}`
}

/** What it is that cannot be written. */
class Unwritable extends Error {}

function unwritable(what: string, place: string): ClientError {
  const where = place === '' ? '' : `, at ${place}`
  const message = `${what} cannot be recorded${where}: only JSON values, dates, maps, sets, bytes and bigints can`
  return new ClientError('STORE_FAILED', message)
}
