import { compilePattern } from '../schema/automaton.ts'
import { WorkflowError } from '../errors.ts'
import type { JsonSchema } from '../needs.ts'
import { strictJson } from '../answers/reading.ts'
import { isRecord } from '../records.ts'

/**
 * The schema of a Dria task as JSON Schema. There it is an object or a text: JSON Schema for OpenAI, the same with
 * types in capitals for Gemini, a regular expression in base64 for Ollama.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA`
 */
export function schemaFromDria(schema: string | JsonSchema): JsonSchema {
  if (typeof schema !== 'string') return plainSchema(unwrapped(schema))
  const value = strictJson(schema)
  if (isRecord(value)) return plainSchema(unwrapped(value))
  const pattern = decoded(schema)
  if (pattern === undefined) {
    throw new WorkflowError(
      'INVALID_SCHEMA',
      'the schema is neither JSON nor a regular expression in base64',
    )
  }
  const whole = `^(?:${pattern})$`
  compilePattern(whole)
  return { type: 'string', pattern: whole }
}

/** A schema as model servers want it wrapped. */
function unwrapped(schema: JsonSchema): JsonSchema {
  const { json_schema: named, schema: inner } = schema
  if (isRecord(named)) return unwrapped(named)
  return isRecord(inner) && !('type' in schema && 'properties' in schema) ? inner : schema
}

/** Keywords of Gemini's own that say nothing about an answer. */
const LEFT_OUT: ReadonlySet<string> = new Set(['propertyOrdering', 'nullable'])

function plainSchema(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !LEFT_OUT.has(key))
      .map(([key, value]) => [key, key === 'type' ? typeOf(value, schema) : plainPart(key, value)]),
  )
}

function typeOf(type: unknown, { nullable }: JsonSchema): unknown {
  const lower = typeof type === 'string' ? type.toLowerCase() : type
  return nullable === true ? [lower, 'null'] : lower
}

/** Keywords whose members are schemas by name. */
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
/** Keywords that hold values, not schemas. */
const VALUES: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'required'])

function plainPart(key: string, value: unknown): unknown {
  if (VALUES.has(key)) return value
  if (Array.isArray(value)) return value.map((item) => plainPart('', item))
  if (!isRecord(value)) return value
  if (!NAMED.has(key)) return plainSchema(value)
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, plainPart('', part)]),
  )
}

/** A text out of base64; `undefined` where it is none. */
function decoded(base64: string): string | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const bytes: number[] = []
  let bits = 0
  let count = 0
  for (const character of base64.replace(/=+$/, '')) {
    bits = ((bits << 6) | ALPHABET.indexOf(character)) & 0xffffff
    count += 6
    if (count < 8) continue
    count -= 8
    bytes.push((bits >> count) & 0xff)
  }
  return utf8(bytes)
}

function utf8(bytes: readonly number[]): string | undefined {
  try {
    return decodeURIComponent(
      bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    )
  } catch {
    return undefined
  }
}
