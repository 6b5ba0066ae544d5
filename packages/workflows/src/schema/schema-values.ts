import { canonicalJson } from '../document/canonical.ts'
import { textTests } from './formats.ts'
import { article, describe, invalidSchema, mismatch, type Check } from './mismatch.ts'
import type { JsonSchema } from '../needs.ts'
import { isRecord } from '../records.ts'

/** The keywords of JSON Schema that look at a value alone, not at its parts. */

const TYPES: ReadonlyMap<unknown, (value: unknown) => boolean> = new Map([
  ['string', (value: unknown) => typeof value === 'string'],
  ['number', (value: unknown) => typeof value === 'number'],
  ['integer', (value: unknown) => Number.isInteger(value)],
  ['boolean', (value: unknown) => typeof value === 'boolean'],
  ['null', (value: unknown) => value === null],
  ['array', (value: unknown) => Array.isArray(value)],
  ['object', isRecord],
])

/** `type` */
export function typeKeyword({ type }: JsonSchema): readonly Check[] {
  if (type === undefined) return []
  const names: readonly unknown[] = Array.isArray(type) ? type : [type]
  const tests = names.map((name) => {
    const test = TYPES.get(name)
    if (test === undefined) throw invalidSchema(`the type ${JSON.stringify(name)} is not known`)
    return test
  })
  const expected = names.map((name) => article(String(name))).join(' or ')
  return [
    (value) =>
      tests.some((test) => test(value))
        ? undefined
        : mismatch(`expected ${expected}, found ${describe(value)}`),
  ]
}

/** `enum` and `const` */
export function enumKeyword(schema: JsonSchema): readonly Check[] {
  const allowed: unknown = 'const' in schema ? [schema['const']] : schema['enum']
  if (allowed === undefined) return []
  if (!Array.isArray(allowed) || allowed.length === 0) throw invalidSchema(`'enum' must be a list`)
  const texts = new Set(allowed.map(canonicalJson))
  const expected = texts.size === 1 ? [...texts].join('') : `one of ${[...texts].join(', ')}`
  return [
    (value) =>
      texts.has(canonicalJson(value))
        ? undefined
        : mismatch(`expected ${expected}, found ${describe(value)}`),
  ]
}

const NUMBER_LIMITS: Readonly<
  Record<string, readonly [(value: number, limit: number) => boolean, string]>
> = {
  minimum: [(value, limit) => value >= limit, 'of at least'],
  maximum: [(value, limit) => value <= limit, 'of at most'],
  exclusiveMinimum: [(value, limit) => value > limit, 'above'],
  exclusiveMaximum: [(value, limit) => value < limit, 'below'],
  multipleOf: [isMultiple, 'that is a multiple of'],
}

/** `minimum`, `maximum`, …, `multipleOf` */
export function numberKeyword(schema: JsonSchema): readonly Check[] {
  return Object.entries(NUMBER_LIMITS).flatMap(([key, [holds, text]]) => {
    const limit = schema[key]
    if (limit === undefined) return []
    if (typeof limit !== 'number') throw invalidSchema(`'${key}' must be a number`)
    if (key === 'multipleOf' && limit <= 0) throw invalidSchema(`'multipleOf' must be above 0`)
    const check: Check = (value) =>
      typeof value !== 'number' || holds(value, limit)
        ? undefined
        : mismatch(`expected a number ${text} ${limit}, found ${value}`)
    return [check]
  })
}

/** Decimal fractions are rarely exact in binary: 0.3 is a multiple of 0.1. */
function isMultiple(value: number, limit: number): boolean {
  const quotient = value / limit
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient))
}

/** `minLength`, `maxLength`, `pattern`, `format` */
export function stringKeyword(schema: JsonSchema): readonly Check[] {
  const size = sizeCheck(schema, {
    keys: ['minLength', 'maxLength'],
    measure: (value) => (typeof value === 'string' ? Array.from(value).length : undefined),
    unit: 'characters',
  })
  const tests = textTests(schema).map(
    ({ matches, expected }): Check =>
      (value) =>
        typeof value !== 'string' || matches(value)
          ? undefined
          : mismatch(`expected ${expected}, found ${describe(value)}`),
  )
  return [...size, ...tests]
}

interface SizeRule {
  readonly keys: readonly [string, string]
  readonly measure: (value: unknown) => number | undefined
  readonly unit: string
}

/** A least and a most number of something. */
export function sizeCheck(
  schema: JsonSchema,
  { keys: [low, high], measure, unit }: SizeRule,
): Check[] {
  const minimum = count(schema, low) ?? 0
  const maximum = count(schema, high) ?? Infinity
  if (minimum === 0 && maximum === Infinity) return []
  return [
    (value) => {
      const size = measure(value)
      if (size === undefined) return undefined
      if (size < minimum) return mismatch(`expected at least ${minimum} ${unit}, found ${size}`)
      if (size > maximum) return mismatch(`expected at most ${maximum} ${unit}, found ${size}`)
      return undefined
    },
  ]
}

function count(schema: JsonSchema, key: string): number | undefined {
  const value = schema[key]
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw invalidSchema(`'${key}' must be a whole number`)
}

/** A keyword that holds a list; an empty one where it is absent. */
export function listOf(schema: JsonSchema, key: string): readonly unknown[] {
  const value = schema[key]
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  throw invalidSchema(`'${key}' must be a list`)
}
