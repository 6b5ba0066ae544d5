import type { JsonSchema } from '../needs.ts'
import { isRecord } from '../records.ts'

/** Nesting to which examples are made: schemas may name themselves. */
const MAX_DEPTH = 8
/** Items of a list at most, whatever the schema asks for. */
const MAX_ITEMS = 5
/** Characters that a text is filled up to. */
const MAX_CHARS = 1000

/** What an example is made for. */
interface Place {
  /** The whole schema: what `$ref` looks into. */
  readonly root: JsonSchema
  readonly name: string
  readonly depth: number
}

/**
 * A value as a schema wants it, to show what a prompt looks like: texts are their name in angle brackets, numbers the
 * least that is allowed, lists as short as they may be, but not empty. Patterns are not followed.
 */
export function exampleOf(schema: JsonSchema, name: string): unknown {
  return example(schema, { root: schema, name, depth: 0 })
}

function example(schema: unknown, place: Place): unknown {
  if (!isRecord(schema) || place.depth > MAX_DEPTH) return placeholder(place.name)
  const given = givenIn(schema)
  if (given !== undefined) return given
  const other = referredTo(schema, place.root)
  if (other !== undefined) return example(other, { ...place, depth: place.depth + 1 })
  const make = MAKERS.get(typeOf(schema)) ?? exampleText
  return make(schema, place)
}

type Make = (schema: JsonSchema, place: Place) => unknown

const MAKERS: ReadonlyMap<unknown, Make> = new Map<string, Make>([
  ['object', exampleObject],
  ['array', exampleList],
  ['integer', exampleNumber],
  ['number', exampleNumber],
  ['boolean', () => true],
  ['null', () => null],
])

function placeholder(name: string): string {
  return `‹${name}›`
}

/** A value that the schema itself names. */
function givenIn(schema: JsonSchema): unknown {
  for (const key of ['const', 'default']) if (schema[key] !== undefined) return schema[key]
  for (const key of ['enum', 'examples']) {
    const list = schema[key]
    if (Array.isArray(list) && list.length > 0) return list[0] as unknown
  }
  return undefined
}

/** The schema that another one stands for: what it refers to, the first of its alternatives, all of them together. */
function referredTo(schema: JsonSchema, root: JsonSchema): unknown {
  const { $ref: reference, allOf: all } = schema
  if (typeof reference === 'string') return resolved(reference, root)
  for (const list of [schema['anyOf'], schema['oneOf']]) if (Array.isArray(list)) return list[0]
  if (!Array.isArray(all)) return undefined
  const { allOf: _, ...own } = schema
  return Object.assign(own, ...all.filter(isRecord)) as unknown
}

function resolved(reference: string, root: JsonSchema): unknown {
  if (!reference.startsWith('#')) return {}
  let found: unknown = root
  for (const part of reference
    .slice(1)
    .split('/')
    .filter((name) => name !== '')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    found = isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined
  }
  return found ?? {}
}

function typeOf({ type, properties, items }: JsonSchema): unknown {
  if (Array.isArray(type)) return (type.find((name) => name !== 'null') ?? type[0]) as unknown
  if (type !== undefined) return type
  if (properties !== undefined) return 'object'
  return items === undefined ? 'string' : 'array'
}

function exampleObject({ properties }: JsonSchema, { root, depth }: Place): unknown {
  const entries = isRecord(properties) ? Object.entries(properties) : []
  return Object.fromEntries(
    entries.map(([name, schema]) => [name, example(schema, { root, name, depth: depth + 1 })]),
  )
}

function exampleList(schema: JsonSchema, { root, name, depth }: Place): unknown {
  const { items, prefixItems, minItems } = schema
  const first: readonly unknown[] = Array.isArray(prefixItems) ? prefixItems : []
  const least = typeof minItems === 'number' ? Math.max(minItems, 1) : 1
  const count = Math.min(Math.max(least, first.length), MAX_ITEMS)
  return Array.from({ length: count }, (_, index) =>
    example(first[index] ?? items ?? {}, { root, name: `${name} ${index + 1}`, depth: depth + 1 }),
  )
}

function exampleNumber({
  minimum,
  exclusiveMinimum,
  maximum,
  multipleOf,
  type,
}: JsonSchema): number {
  const step = typeof multipleOf === 'number' && multipleOf > 0 ? multipleOf : 1
  if (typeof minimum === 'number') return Math.ceil(minimum / step) * step
  if (typeof exclusiveMinimum === 'number') return (Math.floor(exclusiveMinimum / step) + 1) * step
  if (typeof maximum === 'number' && maximum < step) {
    return type === 'integer' ? Math.floor(maximum) : maximum
  }
  return step
}

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  time: '12:00:00Z',
  'date-time': '2026-01-31T12:00:00Z',
  email: 'someone@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

function exampleText({ format, minLength, maxLength }: JsonSchema, { name }: Place): string {
  if (typeof format === 'string' && Object.hasOwn(FORMATS, format)) return FORMATS[format] ?? ''
  const most = typeof maxLength === 'number' ? maxLength : MAX_CHARS
  const least = Math.min(typeof minLength === 'number' ? minLength : 0, MAX_CHARS)
  return Array.from(placeholder(name).padEnd(least, '…')).slice(0, most).join('')
}
