import { hash } from 'node:crypto'
import { isFunction, isList, isRecord } from '../guards.ts'

/** Types that JSON Schema has no word for. */
const WORDLESS: ReadonlySet<unknown> = new Set(
  'bigint custom date file function map nan promise set success symbol undefined void'.split(' '),
)

/** They change no value; a default is in the JSON Schema, and asking for it may give another each time. */
const IGNORED: ReadonlySet<string> = new Set(['error', 'defaultValue', 'getter'])

/** They change a value, without any function. */
const FLAGS: ReadonlySet<string> = new Set(['coerce', 'normalize'])

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
      this.notes.push(`${path}: ${String(value instanceof Date ? value.getTime() : value)}`)
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
    if (isRecord(def) && def['type'] === 'lazy') this.visit(innerType, `${path}/inner`)
    if (isRecord(def) && def['check'] === 'custom' && !def['fn']) this.visit(check, `${path}/check`)
    visit.isPlain = this.notes.length === before
  }

  #definition(definition: Readonly<Record<string, unknown>>, path: string): void {
    const { type, checks } = definition
    if (WORDLESS.has(type)) this.notes.push(`${path}: ${String(type)} ${limitsOf(checks)}`)
    for (const key of Object.keys(definition).toSorted()) {
      const value = definition[key]
      if (FLAGS.has(key) && value === true) this.notes.push(`${path}: ${key}`)
      // Zod's own checks bring a `when` of Zod's.
      if (IGNORED.has(key) || (key === 'when' && definition['check'] !== 'custom')) continue
      if (key === 'shape' && isRecord(value)) this.#shape(value, path)
      else this.visit(value, `${path}/${key}`)
    }
  }

  #shape(shape: Readonly<Record<string, unknown>>, path: string): void {
    for (const name of Object.keys(shape).toSorted()) {
      this.visit(shape[name], `${path}/shape/${JSON.stringify(name)}`)
    }
  }
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
