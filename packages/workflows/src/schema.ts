import { WorkflowError } from './errors.ts'
import { compileFormat } from './formats.ts'
import type { JsonSchema } from './needs.ts'

/**
 * JSON Schema, draft 2020-12, as far as it says something about an answer of a model. A keyword that we
 * do not know is refused: what cannot be checked must not look checked.
 */

/** What is wrong with a value: where, and what was expected. */
export interface Mismatch {
  /** "" for the value itself, else `.key`, `[3]`, … */
  readonly path: string
  readonly message: string
}

/** Whether a value matches; the first mismatch where it does not. */
export type Check = (value: unknown) => Mismatch | undefined

interface Compilation {
  readonly root: JsonSchema
  readonly references: Map<string, Check>
  readonly depth: number
}

type Keyword = (schema: JsonSchema, compilation: Compilation) => Check | undefined

const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
])

const MAX_DEPTH = 40
const compiled = new WeakMap<JsonSchema, Check>()

/**
 * Makes a check of a JSON Schema; the same schema object gives the same check.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA` for what cannot be checked
 */
export function compileSchema(schema: JsonSchema): Check {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const check = compileNode(schema, { root: schema, references: new Map(), depth: 0 })
  compiled.set(schema, check)
  return check
}

function compileNode(schema: unknown, outer: Compilation): Check {
  if (schema === true) return () => undefined
  if (schema === false) return () => mismatch('nothing is allowed here')
  if (!isObject(schema)) throw invalid('a schema must be an object')
  if (outer.depth > MAX_DEPTH) throw invalid('nested too deeply')
  const compilation = { ...outer, depth: outer.depth + 1 }
  for (const key of Object.keys(schema)) {
    if (!ANNOTATIONS.has(key) && !PARTS.has(key)) throw invalid(`the keyword '${key}' is not known`)
  }
  const checks = KEYWORDS.map((keyword) => keyword(schema, compilation)).filter(
    (check) => check !== undefined,
  )
  const [only] = checks
  if (only === undefined) return () => undefined
  return checks.length === 1 ? only : all(checks)
}

function all(checks: readonly Check[]): Check {
  return (value) => {
    for (const check of checks) {
      const wrong = check(value)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: isObject,
}

function typeKeyword(schema: JsonSchema): Check | undefined {
  const { type } = schema
  if (type === undefined) return undefined
  const names: readonly unknown[] = Array.isArray(type) ? type : [type]
  const tests = names.map((name) => {
    const test = typeof name === 'string' && Object.hasOwn(TYPES, name) ? TYPES[name] : undefined
    if (test === undefined) throw invalid(`the type ${JSON.stringify(name)} is not known`)
    return test
  })
  const expected = names.map((name) => `${article(String(name))}`).join(' or ')
  return (value) =>
    tests.some((test) => test(value))
      ? undefined
      : mismatch(`expected ${expected}, found ${describe(value)}`)
}

function enumKeyword(schema: JsonSchema): Check | undefined {
  const allowed: unknown = 'const' in schema ? [schema['const']] : schema['enum']
  if (allowed === undefined) return undefined
  if (!Array.isArray(allowed)) throw invalid(`'enum' must be a list`)
  const texts = allowed.map((value) => JSON.stringify(value))
  const expected = texts.length === 1 ? texts.join('') : `one of ${texts.join(', ')}`
  return (value) =>
    texts.includes(JSON.stringify(value))
      ? undefined
      : mismatch(`expected ${expected}, found ${describe(value)}`)
}

function numberKeyword(schema: JsonSchema): Check | undefined {
  const limits: Check[] = []
  const add = (key: string, holds: (value: number, limit: number) => boolean, text: string) => {
    const limit = schema[key]
    if (limit === undefined) return
    if (typeof limit !== 'number') throw invalid(`'${key}' must be a number`)
    limits.push((value) =>
      typeof value !== 'number' || holds(value, limit)
        ? undefined
        : mismatch(`expected a number ${text} ${limit}, found ${value}`),
    )
  }
  add('minimum', (value, limit) => value >= limit, 'of at least')
  add('maximum', (value, limit) => value <= limit, 'of at most')
  add('exclusiveMinimum', (value, limit) => value > limit, 'above')
  add('exclusiveMaximum', (value, limit) => value < limit, 'below')
  add('multipleOf', isMultiple, 'that is a multiple of')
  return limits.length === 0 ? undefined : all(limits)
}

/** Decimal fractions are rarely exact in binary: 0.3 is a multiple of 0.1. */
function isMultiple(value: number, limit: number): boolean {
  const quotient = value / limit
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient))
}

function stringKeyword(schema: JsonSchema): Check | undefined {
  const { format, pattern } = schema
  const checks = sizeChecks(schema, {
    keys: ['minLength', 'maxLength'],
    measure: (value) => (typeof value === 'string' ? Array.from(value).length : undefined),
    unit: 'characters',
  })
  const test = compileFormat(format, pattern)
  if (test !== undefined) {
    checks.push((value) =>
      typeof value !== 'string' || test.matches(value)
        ? undefined
        : mismatch(`expected ${test.expected}, found ${describe(value)}`),
    )
  }
  return checks.length === 0 ? undefined : all(checks)
}

interface SizeRule {
  readonly keys: readonly [string, string]
  readonly measure: (value: unknown) => number | undefined
  readonly unit: string
}

function sizeChecks(schema: JsonSchema, { keys: [low, high], measure, unit }: SizeRule): Check[] {
  const minimum = count(schema, low)
  const maximum = count(schema, high)
  if (minimum === undefined && maximum === undefined) return []
  return [
    (value) => {
      const size = measure(value)
      if (size === undefined) return undefined
      if (minimum !== undefined && size < minimum) {
        return mismatch(`expected at least ${minimum} ${unit}, found ${size}`)
      }
      if (maximum !== undefined && size > maximum) {
        return mismatch(`expected at most ${maximum} ${unit}, found ${size}`)
      }
      return undefined
    },
  ]
}

function count(schema: JsonSchema, key: string): number | undefined {
  const value = schema[key]
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw invalid(`'${key}' must be a whole number`)
}

function arrayKeyword(schema: JsonSchema, compilation: Compilation): Check | undefined {
  const checks = sizeChecks(schema, {
    keys: ['minItems', 'maxItems'],
    measure: (value) => (Array.isArray(value) ? value.length : undefined),
    unit: 'items',
  })
  const prefix = list(schema, 'prefixItems').map((item) => compileNode(item, compilation))
  const rest = 'items' in schema ? compileNode(schema['items'], compilation) : undefined
  if (prefix.length > 0 || rest !== undefined) checks.push(itemsCheck(prefix, rest))
  if (schema['uniqueItems'] === true) checks.push(uniqueCheck)
  return checks.length === 0 ? undefined : all(checks)
}

function itemsCheck(prefix: readonly Check[], rest: Check | undefined): Check {
  return (value) => {
    if (!Array.isArray(value)) return undefined
    for (const [index, item] of value.entries()) {
      const wrong = (prefix[index] ?? rest)?.(item)
      if (wrong !== undefined) return inside(`[${index}]`, wrong)
    }
    return undefined
  }
}

function uniqueCheck(value: unknown): Mismatch | undefined {
  if (!Array.isArray(value)) return undefined
  const seen = new Set(value.map((item) => JSON.stringify(item)))
  return seen.size === value.length ? undefined : mismatch('expected no item twice')
}

function objectKeyword(schema: JsonSchema, compilation: Compilation): Check | undefined {
  const { required } = schema
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const members = new Map(
    Object.entries(properties).map(([key, part]) => [key, compileNode(part, compilation)]),
  )
  const rest =
    'additionalProperties' in schema
      ? compileNode(schema['additionalProperties'], compilation)
      : undefined
  const names =
    'propertyNames' in schema ? compileNode(schema['propertyNames'], compilation) : undefined
  const checks = sizeChecks(schema, {
    keys: ['minProperties', 'maxProperties'],
    measure: (value) => (isObject(value) ? Object.keys(value).length : undefined),
    unit: 'keys',
  })
  if (Array.isArray(required)) checks.push(requiredCheck(required.map(String)))
  if (members.size > 0 || rest !== undefined || names !== undefined) {
    checks.push(
      membersCheck({ members, rest, names, closed: schema['additionalProperties'] === false }),
    )
  }
  return checks.length === 0 ? undefined : all(checks)
}

function requiredCheck(required: readonly string[]): Check {
  return (value) => {
    if (!isObject(value)) return undefined
    const absent = required.find((key) => !Object.hasOwn(value, key))
    return absent === undefined ? undefined : mismatch(`the key '${absent}' is missing`)
  }
}

interface MembersRule {
  readonly members: ReadonlyMap<string, Check>
  readonly rest: Check | undefined
  readonly names: Check | undefined
  readonly closed: boolean
}

function membersCheck({ members, rest, names, closed }: MembersRule): Check {
  return (value) => {
    if (!isObject(value)) return undefined
    for (const key of Object.keys(value)) {
      const member = members.get(key)
      if (member === undefined && closed) return mismatch(`the key '${key}' is not known`)
      const wrong = names?.(key) ?? (member ?? rest)?.(value[key])
      if (wrong !== undefined) return inside(`.${key}`, wrong)
    }
    return undefined
  }
}

function combineKeyword(schema: JsonSchema, compilation: Compilation): Check | undefined {
  const compileList = (key: string) =>
    list(schema, key).map((part) => compileNode(part, compilation))
  const any = compileList('anyOf')
  const one = compileList('oneOf')
  const checks = compileList('allOf')
  if (any.length > 0) checks.push(someCheck(any, false))
  if (one.length > 0) checks.push(someCheck(one, true))
  if ('not' in schema) {
    const not = compileNode(schema['not'], compilation)
    checks.push((value) => (not(value) === undefined ? mismatch('this is excluded') : undefined))
  }
  return checks.length === 0 ? undefined : all(checks)
}

function someCheck(checks: readonly Check[], exactlyOne: boolean): Check {
  return (value) => {
    const wrongs = checks.map((check) => check(value))
    const fitting = wrongs.filter((wrong) => wrong === undefined).length
    if (fitting === 1 || (fitting > 1 && !exactlyOne)) return undefined
    if (fitting > 1) return mismatch('fits more than one of the alternatives')
    const texts = wrongs.filter((wrong) => wrong !== undefined).map(mismatchText)
    return mismatch(`fits none of the alternatives (${[...new Set(texts)].join('; ')})`)
  }
}

function referenceKeyword(schema: JsonSchema, compilation: Compilation): Check | undefined {
  const { $ref: reference } = schema
  if (reference === undefined) return undefined
  if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference)) {
    throw invalid(`'$ref' can only name a part of the same schema, as "#/$defs/name"`)
  }
  const { root, references } = compilation
  if (!references.has(reference)) {
    const target = resolve(root, reference)
    references.set(reference, () => undefined)
    const holder: { check?: Check } = {}
    references.set(reference, (value) => holder.check?.(value))
    holder.check = compileNode(target, { ...compilation, depth: 0 })
  }
  return references.get(reference)
}

function resolve(root: JsonSchema, reference: string): unknown {
  let found: unknown = root
  for (const part of reference.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!isObject(found) || !Object.hasOwn(found, key)) throw invalid(`'${reference}' is not there`)
    found = found[key]
  }
  return found
}

const KEYWORDS: readonly Keyword[] = [
  referenceKeyword,
  typeKeyword,
  enumKeyword,
  numberKeyword,
  stringKeyword,
  arrayKeyword,
  objectKeyword,
  combineKeyword,
]

const PARTS = new Set(
  `$ref type enum const minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength
  pattern format minItems maxItems uniqueItems items prefixItems properties required additionalProperties
  propertyNames minProperties maxProperties anyOf oneOf allOf not`.split(/\s+/),
)

function list(schema: JsonSchema, key: string): readonly unknown[] {
  const value = schema[key]
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  throw invalid(`'${key}' must be a list`)
}

function inside(step: string, { path, message }: Mismatch): Mismatch {
  return { path: step + path, message }
}

function mismatch(message: string): Mismatch {
  return { path: '', message }
}

/** A mismatch as a sentence for people and models. */
export function mismatchText({ path, message }: Mismatch): string {
  return path === '' ? message : `at ${path}: ${message}`
}

function article(type: string): string {
  if (type === 'null') return 'null'
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`
}

/** A value in a few words, short enough for a message. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (isObject(value)) return 'an object'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(reason: string): WorkflowError {
  return new WorkflowError('INVALID_SCHEMA', `the schema cannot be used: ${reason}`)
}
