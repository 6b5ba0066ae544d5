import { COMMA, patternPiece, repeated, sequence } from './grammar-text.ts'
import type { JsonSchema } from '../needs.ts'
import { isRecord } from '../records.ts'

/** Formats as patterns that match nothing wrong, though not all that is right. */
const FORMAT_PATTERNS: Readonly<Record<string, string>> = {
  date: '^\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))$',
  time: '^(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\dZ$',
  'date-time':
    '^\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\dZ$',
  duration: '^P(?:\\d{1,4}D|T\\d{1,4}[HMS])$',
  email: '^[A-Za-z0-9._+-]{1,40}@[A-Za-z0-9-]{1,40}(?:\\.[A-Za-z0-9-]{1,20}){1,3}$',
  uri: '^https?://[A-Za-z0-9./?&=_%#:~-]{1,200}$',
  uuid: '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  ipv4: '^(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)$',
}

/**
 * What `pattern` and `format` make of a text, and the keywords beside them that are left unsaid. Without a piece any
 * text will do.
 */
export function formPiece(schema: JsonSchema): {
  readonly piece: string | undefined
  readonly unsaid: readonly string[]
} {
  const { pattern } = schema
  const lengths = ['minLength', 'maxLength'].filter((key) => schema[key] !== undefined)
  if (typeof pattern === 'string') {
    const piece = patternPiece(pattern)
    return piece === undefined ? { piece, unsaid: ['pattern'] } : { piece, unsaid: lengths }
  }
  const known = formatPattern(schema)
  if (known === undefined) {
    return { piece: undefined, unsaid: schema['format'] === undefined ? [] : ['format'] }
  }
  return { piece: patternPiece(known), unsaid: lengths }
}

function formatPattern({ format }: JsonSchema): string | undefined {
  if (typeof format !== 'string' || !Object.hasOwn(FORMAT_PATTERNS, format)) return undefined
  return FORMAT_PATTERNS[format]
}

/** Items with commas between: those with a place of their own, then any number of the rest. */
export function listPiece(
  first: readonly string[],
  rest: string | undefined,
  { min, max }: { readonly min: number; readonly max: number },
): string {
  const [head, ...others] = first
  if (head === undefined) return rest === undefined || max === 0 ? '""' : restPiece(rest, min, max)
  const after = Math.max(0, max - first.length)
  const least = Math.max(0, min - first.length)
  const more =
    rest === undefined || after === 0 ? [] : [repeated(`(${COMMA} ${rest})`, least, after)]
  // How many of the first may be missing: those beyond the least number.
  let tail = sequence(more)
  for (const [index, item] of [...others.entries()].toReversed()) {
    const piece = sequence([`${COMMA} ${item}`, tail])
    tail = index + 1 < min ? piece : `${piece}?`
  }
  const whole = sequence([head, tail])
  return min > 0 ? whole : `${whole}?`
}

function restPiece(rest: string, min: number, max: number): string {
  const more = repeated(`(${COMMA} ${rest})`, Math.max(0, min - 1), max - 1)
  const whole = sequence(max === 1 ? [rest] : [rest, more])
  return min > 0 ? whole : `${whole}?`
}

/** Whether no value fits two of the alternatives: types differ, or a key with a fixed value does. */
export function exclusive(parts: readonly unknown[]): boolean {
  const schemas = parts.filter(isRecord)
  const types = schemas.map(({ type }) => type)
  const plain = types.every((type) => typeof type === 'string' && type !== 'integer')
  if (plain && new Set(types).size === parts.length) return true
  const [first] = schemas
  const keys = isRecord(first?.['properties']) ? Object.keys(first['properties']) : []
  return keys.some((key) => discriminates(key, schemas, parts.length))
}

function discriminates(key: string, schemas: readonly JsonSchema[], count: number): boolean {
  const values = schemas.flatMap(({ properties, required }) => {
    const part = isRecord(properties) ? properties[key] : undefined
    const fixed =
      isRecord(part) && 'const' in part && Array.isArray(required) && required.includes(key)
    return fixed ? [JSON.stringify(part['const'])] : []
  })
  return new Set(values).size === count
}
