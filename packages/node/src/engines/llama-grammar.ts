import type { JsonSchema } from '@skein/workflows'
import type { Grammar, Llama } from './llama-library.ts'

/** What the library turns into rules. It takes every other schema for "null", which would be worse than none. */
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'null', 'object', 'array'])
/** Words that only annotate, or whose absence from the rules still lets every valid answer pass. */
const HARMLESS = new Set([
  '$schema',
  '$id',
  'title',
  'description',
  'default',
  'examples',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'pattern',
  'uniqueItems',
  'required',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
])
const FORMATS = new Set(['date', 'time', 'date-time'])

/**
 * Rules that keep the model inside the schema, as far as the library can express it; the answer is
 * validated afterwards in any case. Undefined where no rule would be right.
 */
export async function grammarFor(llama: Llama, schema: JsonSchema): Promise<Grammar | undefined> {
  const expressible = express(schema)
  if (expressible === undefined) return undefined
  try {
    return await llama.createGrammarForJsonSchema(expressible)
  } catch {
    return undefined
  }
}

/** The schema in the words that the library knows, or undefined. */
export function express(schema: unknown): JsonSchema | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return undefined
  const result: Record<string, unknown> = {}
  for (const [word, value] of Object.entries(schema)) {
    const entry = expressWord(word, value)
    if (entry === undefined) return undefined
    Object.assign(result, entry)
  }
  return says(result) ? result : undefined
}

/** Without one of these words a schema allows anything, which the library reads as "null". */
function says(schema: Record<string, unknown>): boolean {
  return ['type', 'enum', 'const', 'oneOf', '$ref'].some((word) => word in schema)
}

type Expressed = Record<string, unknown> | undefined

function expressWord(word: string, value: unknown): Expressed {
  return HARMLESS.has(word) ? { [word]: value } : WORDS.get(word)?.(value, word)
}

/** How each word that shapes the answer is said to the library. */
const WORDS = new Map<string, (value: unknown, word: string) => Expressed>([
  ['type', (value) => ([value].flat().every(isType) ? { type: value } : undefined)],
  ['format', (value) => (FORMATS.has(String(value)) ? { format: value } : {})],
  ['enum', asGiven],
  ['const', asGiven],
  ['$ref', asGiven],
  ['oneOf', listed],
  ['anyOf', (value) => listed(value, 'oneOf')],
  ['prefixItems', listed],
  ['properties', named],
  ['$defs', named],
  ['items', nested],
  ['additionalProperties', nested],
])

function isType(value: unknown): boolean {
  return TYPES.has(String(value))
}

function asGiven(value: unknown, word: string): Expressed {
  return { [word]: value }
}

function nested(value: unknown, word: string): Expressed {
  if (typeof value === 'boolean') return { [word]: value }
  const inner = express(value)
  return inner === undefined ? undefined : { [word]: inner }
}

function listed(value: unknown, word: string): Expressed {
  if (!Array.isArray(value)) return undefined
  const inner = value.map(express)
  return inner.includes(undefined) ? undefined : { [word]: inner }
}

function named(value: unknown, word: string): Expressed {
  if (typeof value !== 'object' || value === null) return undefined
  const inner = Object.entries(value).map(([name, schema]) => [name, express(schema)] as const)
  return inner.some(([, schema]) => schema === undefined)
    ? undefined
    : { [word]: Object.fromEntries(inner) }
}
