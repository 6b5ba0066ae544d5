import { hash } from 'node:crypto'
import { z } from 'zod'
import { isFunction, isList, isRecord, isSchema } from '../guards.ts'
import { jsonSchemaOf } from './schema-text.ts'

/** Types that JSON Schema has no word for. */
const WORDLESS: ReadonlySet<unknown> = new Set(
  'bigint custom date file function map nan prefault promise set success symbol undefined void'.split(
    ' ',
  ),
)

/** They change no value; a default is in the JSON Schema, and asking for it may give another each time. */
const IGNORED: ReadonlySet<string> = new Set(['error', 'defaultValue', 'getter'])

/** They change a value, without any function. */
const FLAGS: ReadonlySet<string> = new Set(['coerce', 'normalize'])

/** JSON Schema has the pattern of a text without its flags, and of addresses and tokens no more than what they are. */
const UNSAID: ReadonlySet<string> = new Set(['hostname', 'protocol', 'alg'])

/** How Zod normalizes: by a form that the text of its function does not show. */
const { _zod: normalize } = z.normalize()
const NORMALIZING = String(Reflect.get(normalize.def, 'tx'))

/** Each form makes something else of it. */
const NORMALIZED = '\u1E9B\u0323'

/** Of what JSON Schema tells one side, or nothing: the keys of its parts. */
const HIDDEN: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['pipe', ['in', 'out']],
  ['property', ['property', 'schema']],
])

const known = new WeakMap<object, string>()

/** A hash of what JSON Schema cannot say of a schema: dates and the like, coercion, functions by their text. Empty where that is nothing. */
export function beyondJsonSchema(schema: object): string {
  let beyond = known.get(schema)
  if (beyond === undefined) {
    beyond = hashOf(notesOf(schema))
    known.set(schema, beyond)
  }
  return beyond
}

function hashOf(notes: readonly string[]): string {
  return notes.length === 0 ? '' : hash('sha256', JSON.stringify(notes), 'base64url').slice(0, 22)
}

function notesOf(schema: object): readonly string[] {
  const gathering = new Gathering()
  try {
    gathering.visit(schema, '')
    return gathering.notes
  } catch {
    // A schema that makes itself anew for ever, or cannot be made yet, has no JSON Schema either.
    return []
  }
}

class Gathering {
  readonly notes: string[] = []
  readonly #seen = new Map<object, { readonly path: string; isPlain: boolean }>()

  visit(value: unknown, path: string): void {
    if (isFunction(value) || typeof value === 'bigint' || value instanceof Date) {
      this.notes.push(`${path}: ${value instanceof Date ? value.getTime() : textOf(value)}`)
    } else if (isList(value)) {
      for (const [index, item] of value.entries()) this.visit(item, `${path}/${index}`)
    } else if (isRecord(value)) {
      const { _zod: internals } = value
      if (isRecord(internals)) this.#part(value, internals, path)
    }
  }

  #part(part: object, internals: Readonly<Record<string, unknown>>, path: string): void {
    const seen = this.#seen.get(part)
    if (seen) {
      // What is plain throughout is told by the JSON Schema, also where it leads back to itself.
      if (!seen.isPlain) this.notes.push(`${path}: as ${seen.path}`)
      return
    }
    const visit = { path, isPlain: true }
    this.#seen.set(part, visit)
    const before = this.notes.length
    const { def, check, innerType } = internals
    if (isRecord(def)) this.#definition(def, path)
    this.#beside(internals, path)
    if (isRecord(def) && def['type'] === 'lazy') this.visit(innerType, `${path}/inner`)
    if (isRecord(def) && def['check'] === 'custom' && !def['fn']) this.visit(check, `${path}/check`)
    visit.isPlain = this.notes.length === before
  }

  /** What Zod keeps beside the definition; a schema that was made of another, such as to describe it, leaves it there. */
  #beside({ bag, parent }: Readonly<Record<string, unknown>>, path: string): void {
    const { Class, truthy, falsy, case: letters } = isRecord(bag) ? bag : {}
    if (isFunction(Class)) this.visit(Class, `${path}/class`)
    else if (truthy) this.notes.push(`${path}: ${JSON.stringify([truthy, falsy, letters])}`)
    else if (isRecord(parent) && isRecord(parent['_zod'])) this.#beside(parent['_zod'], path)
  }

  #definition(definition: Readonly<Record<string, unknown>>, path: string): void {
    this.#unsaid(definition, path)
    for (const key of Object.keys(definition).toSorted()) {
      const value = definition[key]
      if (isUnsaid(key, value)) this.notes.push(`${path}: ${key} ${String(value)}`)
      // Zod's own checks bring a `when` of Zod's.
      if (IGNORED.has(key) || (key === 'when' && definition['check'] !== 'custom')) continue
      if (key === 'shape' && isRecord(value)) this.#shape(value, path)
      else this.visit(value, `${path}/${key}`)
    }
  }

  #unsaid(definition: Readonly<Record<string, unknown>>, path: string): void {
    const { type, check, format, checks } = definition
    if (WORDLESS.has(type)) {
      this.notes.push(`${path}: ${String(type)} ${String(format)} ${limitsOf(checks)}`)
    }
    const parts = (HIDDEN.get(type) ?? HIDDEN.get(check))?.map((key) => definition[key])
    const told = parts?.map((part) => (isSchema(part) ? jsonSchemaOf(part) : String(part)))
    if (told) this.notes.push(`${path}: ${JSON.stringify(told)}`)
  }

  #shape(shape: Readonly<Record<string, unknown>>, path: string): void {
    for (const name of Object.keys(shape).toSorted()) {
      this.visit(shape[name], `${path}/shape/${JSON.stringify(name)}`)
    }
  }
}

function isUnsaid(key: string, value: unknown): boolean {
  if (FLAGS.has(key)) return value === true
  if (UNSAID.has(key)) return value !== undefined
  return value instanceof RegExp && value.flags !== ''
}

function textOf(value: unknown): string {
  const text = String(value)
  if (text !== NORMALIZING || !isFunction(value)) return text
  return `normalize ${String(value(NORMALIZED))}`
}

/** Bounds of what has no word have none either. */
function limitsOf(checks: unknown): string {
  if (!isList(checks)) return ''
  return checks.map((check) => limitOf(check)).join()
}

function limitOf(check: unknown): string {
  const internals = isRecord(check) ? check['_zod'] : undefined
  const definition = isRecord(internals) ? internals['def'] : undefined
  if (!isRecord(definition)) return ''
  const { check: kind, value, minimum, maximum, size, inclusive, format } = definition
  return [kind, value, minimum, maximum, size, inclusive, format].map(String).join(' ')
}
