import { z } from 'zod'
import { isFunction, isList, isRecord, isSchema } from '../guards.ts'
import { invalid } from './runnable.ts'

/** Schemas as people write them in files: `string`, `number[]`, `string?`, a name, or JSON Schema. */

const SIMPLE: Readonly<Record<string, () => z.ZodType>> = {
  string: () => z.string(),
  number: () => z.number(),
  integer: () => z.int(),
  boolean: () => z.boolean(),
  any: () => z.unknown(),
}

/** A schema as JSON: a word where one says it all. */
export function schemaToJson(schema: z.ZodType): unknown {
  const json = jsonSchemaOf(schema)
  const isOptional = schema.safeParse(undefined).success && !('default' in json)
  const word = wordOf(json)
  if (word !== undefined) return isOptional ? `${word}?` : word
  return isOptional ? { ...json, optional: true } : json
}

/** The schemas of an object's fields, each as JSON; a schema as a whole where it is more than its fields. */
export function shapeToJson(schema: z.ZodType): unknown {
  const shape: unknown = 'shape' in schema ? schema.shape : undefined
  if (!isRecord(shape) || saysOfOthers(schema)) return toldApart(schemaToJson(schema))
  const entries = Object.entries(shape).map(
    ([name, field]) => [name, isSchema(field) ? schemaToJson(field) : 'any'] as const,
  )
  const fields = Object.fromEntries(entries)
  return isJsonSchema(fields) ? toldApart(jsonSchemaOf(schema)) : fields
}

/** Whether an object's schema says what becomes of members that it does not name. */
function saysOfOthers(schema: z.ZodType): boolean {
  const definition: unknown = 'def' in schema ? schema.def : undefined
  return isRecord(definition) && definition['catchall'] !== undefined
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** A schema that whoever reads it does not take for the fields of an object. */
function toldApart(json: unknown): unknown {
  return isRecord(json) && !isJsonSchema(json) ? { $schema: DIALECT, ...json } : json
}

/** Keywords that hold lists, which no field of an object is. */
const LISTS = ['type', 'enum', 'anyOf', 'oneOf', 'allOf']

/** A schema, rather than the fields of an object, which may have any names. */
export function isJsonSchema(json: Readonly<Record<string, unknown>>): boolean {
  const { $schema, $ref, type, properties } = json
  if (typeof $schema === 'string' && $schema.startsWith('http')) return true
  if (typeof $ref === 'string' && $ref.startsWith('#')) return true
  if (type === 'object' || type === 'array' || LISTS.some((key) => isList(json[key]))) return true
  // A field of that name is a schema itself, whose type is a word.
  return isRecord(properties) && Object.values(properties).every(isRecord)
}

/** JSON Schema without the dialect. What cannot be said in it is left open. */
export function jsonSchemaOf(
  schema: z.ZodType,
  io: 'input' | 'output' = 'input',
): Readonly<Record<string, unknown>> {
  try {
    const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
    return json
  } catch {
    return {}
  }
}

/**
 * JSON Schema of what a schema takes; open where it makes what it wants of anything, as with `z.coerce` and
 * `z.preprocess`.
 */
export function acceptedSchemaOf(schema: z.ZodType): Readonly<Record<string, unknown>> {
  try {
    return z.toJSONSchema(schema, {
      io: 'input',
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        if (!takesAnything(zodSchema)) return
        for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key)
      },
    })
  } catch {
    return {}
  }
}

function takesAnything(schema: object): boolean {
  const definition = definitionOf(schema)
  const { coerce, type, in: first } = definition
  if (coerce === true || type === 'catch') return true
  // What a function makes of it comes first: Zod tells only what the function is to give.
  return type === 'pipe' && definitionOf(first)['type'] === 'transform'
}

function definitionOf(schema: unknown): Readonly<Record<string, unknown>> {
  const definition: unknown = isRecord(schema) ? schema['def'] : undefined
  return isRecord(definition) ? definition : {}
}

function wordOf(json: Readonly<Record<string, unknown>>): string | undefined {
  const keys = Object.keys(json)
  if (keys.length === 0) return 'any'
  if (isWholeNumber(json)) return 'integer'
  const { type, items } = json
  if (keys.length === 1 && typeof type === 'string' && Object.hasOwn(SIMPLE, type)) return type
  if (keys.length !== 2 || type !== 'array' || !isRecord(items)) return undefined
  const inner = wordOf(items)
  return inner === undefined ? undefined : `${inner}[]`
}

/** How Zod says it: with the bounds of what a double holds exactly. */
function isWholeNumber({
  type,
  minimum,
  maximum,
  ...others
}: Readonly<Record<string, unknown>>): boolean {
  if (type !== 'integer' || Object.keys(others).length > 0) return false
  const isLowest = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER
  return isLowest && (maximum === undefined || maximum === Number.MAX_SAFE_INTEGER)
}

/**
 * The schema that a word, a name or JSON Schema stands for.
 *
 * @throws {ClientError} `INVALID_PLAN` naming the place
 */
export function schemaFrom(
  json: unknown,
  named: Readonly<Record<string, unknown>>,
  where: string,
): z.ZodType {
  if (typeof json === 'string') return schemaOfWord(json, named, where)
  if (!isRecord(json)) throw invalid(`${where} must be a word such as "string[]", or JSON Schema`)
  const { optional, ...schema } = json
  try {
    const made = z.fromJSONSchema(schema)
    return optional === true ? made.optional() : made
  } catch (thrown) {
    throw invalid(`${where} is no JSON Schema: ${String(thrown)}`)
  }
}

function schemaOfWord(
  word: string,
  named: Readonly<Record<string, unknown>>,
  where: string,
): z.ZodType {
  if (word.endsWith('?')) return schemaOfWord(word.slice(0, -1), named, where).optional()
  if (word.endsWith('[]')) return z.array(schemaOfWord(word.slice(0, -2), named, where))
  const known = Object.hasOwn(named, word) ? named[word] : undefined
  if (isSchema(known)) return known
  const simple = Object.hasOwn(SIMPLE, word) ? SIMPLE[word] : undefined
  if (isFunction(simple) && simple) return simple()
  const words = Object.keys(SIMPLE).join(', ')
  throw invalid(`${where} is '${word}', which is no schema of the program and none of ${words}`)
}
