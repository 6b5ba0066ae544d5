import { canonicalJson } from '../document/canonical.ts'
import {
  inside,
  invalidSchema,
  mismatch,
  mismatchText,
  type Check,
  type Mismatch,
} from './mismatch.ts'
import { placeOf } from '../document/place.ts'
import { WorkflowError } from '../errors.ts'
import type { JsonSchema } from '../needs.ts'
import {
  enumKeyword,
  listOf,
  numberKeyword,
  sizeCheck,
  stringKeyword,
  typeKeyword,
} from './schema-values.ts'
import { isRecord } from '../records.ts'

/**
 * JSON Schema, draft 2020-12, as far as it says something about an answer of a model. A keyword that is not
 * known here is refused: what cannot be checked must not look checked.
 *
 * Limits: 40 levels, `$ref` only within the schema and never in a circle, and a budget of visits for each value,
 * because alternatives inside alternatives multiply.
 */

interface Compilation {
  readonly root: JsonSchema
  readonly references: Map<string, Check>
  /** References entered since the last step into a member: one of them again is a circle. */
  readonly entered: ReadonlySet<string>
  readonly budget: { left: number }
  readonly depth: number
  /** Where this part stands in the schema. */
  readonly path: readonly PropertyKey[]
  /** Where the part stands that cannot be used. */
  readonly culprit: { path?: readonly PropertyKey[] }
}

type Keyword = (schema: JsonSchema, compilation: Compilation) => readonly Check[]

/** Keywords that say nothing about whether a value matches. */
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
/** Visits of one value's parts. A large answer of a model needs some ten thousand. */
const BUDGET = 200_000

const compiled = new WeakMap<JsonSchema, Check>()

/**
 * Makes a check of a JSON Schema; the same schema object gives the same check.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA` for what cannot be checked; the check, for a value that takes too long
 */
export function compileSchema(schema: JsonSchema): Check {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const result = attempt(schema)
  if ('check' in result) return result.check
  const { path, error } = result
  if (path.length === 0) throw error
  const { code, message } = error
  throw new WorkflowError(code, `at ${placeOf(path)}: ${message}`, { cause: error })
}

/** What cannot be used in a schema, and where it stands there; `undefined` where it can be. */
export function faultIn(schema: JsonSchema): Fault | undefined {
  const result = compiled.has(schema) ? undefined : attempt(schema)
  return result !== undefined && 'error' in result ? result : undefined
}

interface Fault {
  readonly path: readonly PropertyKey[]
  readonly error: WorkflowError
}

function attempt(schema: JsonSchema): Fault | { readonly check: Check } {
  const budget = { left: 0 }
  const culprit: Compilation['culprit'] = {}
  let inner: Check
  try {
    const entered = new Set<string>()
    const references = new Map<string, Check>()
    const around = { root: schema, references, entered, budget, depth: 0, path: [], culprit }
    inner = compileNode(schema, around)
  } catch (error) {
    if (error instanceof WorkflowError) return { path: culprit.path ?? [], error }
    throw error
  }
  const check: Check = (value) => {
    budget.left = BUDGET
    return inner(value)
  }
  compiled.set(schema, check)
  return { check }
}

function compileNode(
  schema: unknown,
  around: Compilation,
  ...names: readonly PropertyKey[]
): Check {
  const path = names.length === 0 ? around.path : [...around.path, ...names]
  try {
    return compileHere(schema, { ...around, path })
  } catch (error) {
    around.culprit.path ??= path
    throw error
  }
}

function compileHere(schema: unknown, outer: Compilation): Check {
  if (schema === true) return () => undefined
  if (schema === false) return () => mismatch('nothing is allowed here')
  if (!isRecord(schema)) throw invalidSchema('a schema must be an object')
  if (outer.depth > MAX_DEPTH) throw invalidSchema(`it is nested deeper than ${MAX_DEPTH} levels`)
  const compilation = { ...outer, depth: outer.depth + 1 }
  for (const key of Object.keys(schema)) {
    if (!ANNOTATIONS.has(key) && !KNOWN.has(key))
      throw invalidSchema(`the keyword '${key}' is not known`)
  }
  return all(
    KEYWORDS.flatMap((keyword) => keyword(schema, compilation)),
    compilation.budget,
  )
}

function all(checks: readonly Check[], budget: { left: number }): Check {
  return (value) => {
    budget.left -= 1
    if (budget.left < 0) throw invalidSchema('it takes too long to check this value')
    for (const check of checks) {
      const wrong = check(value)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }
}

/** For what is inside a value: references may come again there. */
function compileMember(
  schema: unknown,
  compilation: Compilation,
  ...names: readonly PropertyKey[]
): Check {
  return compileNode(schema, { ...compilation, entered: new Set() }, ...names)
}

function arrayKeyword(schema: JsonSchema, compilation: Compilation): readonly Check[] {
  const checks = sizeCheck(schema, {
    keys: ['minItems', 'maxItems'],
    measure: (value) => (Array.isArray(value) ? value.length : undefined),
    unit: 'items',
  })
  const prefix = listOf(schema, 'prefixItems').map((item, index) =>
    compileMember(item, compilation, 'prefixItems', index),
  )
  const rest = 'items' in schema ? compileMember(schema['items'], compilation, 'items') : undefined
  if (prefix.length > 0 || rest !== undefined) checks.push(itemsCheck(prefix, rest))
  if (schema['uniqueItems'] === true) checks.push(uniqueCheck)
  return checks
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
  const seen = new Set(value.map(canonicalJson))
  return seen.size === value.length ? undefined : mismatch('expected no item twice')
}

function objectKeyword(schema: JsonSchema, compilation: Compilation): readonly Check[] {
  const properties = schema['properties'] ?? {}
  if (!isRecord(properties)) throw invalidSchema(`'properties' must be an object`)
  const members = new Map(
    Object.entries(properties).map(([key, part]) => [
      key,
      compileMember(part, compilation, 'properties', key),
    ]),
  )
  const part = (key: string): Check | undefined =>
    key in schema ? compileMember(schema[key], compilation, key) : undefined
  const rest = part('additionalProperties')
  const names = part('propertyNames')
  const checks = sizeCheck(schema, {
    keys: ['minProperties', 'maxProperties'],
    measure: (value) => (isRecord(value) ? Object.keys(value).length : undefined),
    unit: 'keys',
  })
  checks.push(...listOf(schema, 'required').map((key) => requiredCheck(String(key))))
  if (members.size > 0 || rest !== undefined || names !== undefined) {
    const closed = schema['additionalProperties'] === false
    checks.push(membersCheck({ members, rest, names, closed }))
  }
  return checks
}

function requiredCheck(key: string): Check {
  return (value) =>
    isRecord(value) && !Object.hasOwn(value, key)
      ? mismatch(`the key '${key}' is missing`)
      : undefined
}

interface MembersRule {
  readonly members: ReadonlyMap<string, Check>
  readonly rest: Check | undefined
  readonly names: Check | undefined
  readonly closed: boolean
}

function membersCheck(rule: MembersRule): Check {
  return (value) => {
    if (!isRecord(value)) return undefined
    let unknown: string | undefined
    for (const [key, entry] of Object.entries(value)) {
      const wrong = memberCheck(rule, key, entry)
      if (wrong !== undefined) return inside(`.${key}`, wrong)
      if (rule.closed && !rule.members.has(key)) unknown ??= key
    }
    if (unknown === undefined) return undefined
    return { path: '', message: `the key '${unknown}' is not known`, unknownKey: true }
  }
}

function memberCheck(
  { members, rest, names, closed }: MembersRule,
  key: string,
  entry: unknown,
): Mismatch | undefined {
  const member = members.get(key) ?? (closed ? undefined : rest)
  return names?.(key) ?? member?.(entry)
}

function combineKeyword(schema: JsonSchema, compilation: Compilation): readonly Check[] {
  const compileList = (key: string): Check[] =>
    listOf(schema, key).map((part, index) => compileNode(part, compilation, key, index))
  const any = compileList('anyOf')
  const one = compileList('oneOf')
  const checks = compileList('allOf')
  if (any.length > 0) checks.push(someCheck(any, false))
  if (one.length > 0) checks.push(someCheck(one, true))
  if ('not' in schema) {
    const not = compileNode(schema['not'], compilation, 'not')
    checks.push((value) => (not(value) === undefined ? mismatch('this is excluded') : undefined))
  }
  return checks
}

function someCheck(checks: readonly Check[], exactlyOne: boolean): Check {
  return (value) => {
    const wrongs = checks.map((check) => check(value))
    const fitting = wrongs.filter((wrong) => wrong === undefined).length
    if (fitting === 1 || (fitting > 1 && !exactlyOne)) return undefined
    if (fitting > 1) return mismatch('it fits more than one of the alternatives')
    const texts = new Set(wrongs.filter((wrong) => wrong !== undefined).map(mismatchText))
    return mismatch(`it fits none of the alternatives (${[...texts].join('; ')})`)
  }
}

function referenceKeyword(schema: JsonSchema, compilation: Compilation): readonly Check[] {
  const { $ref: reference } = schema
  if (reference === undefined) return []
  if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference)) {
    throw invalidSchema(`'$ref' can only name a part of the same schema, as "#/$defs/name"`)
  }
  const { root, references, entered } = compilation
  if (entered.has(reference)) throw invalidSchema(`'${reference}' refers to itself`)
  const known = references.get(reference)
  if (known !== undefined) return [known]
  const holder: { check?: Check } = {}
  const check: Check = (value) => holder.check?.(value)
  references.set(reference, check)
  const found = resolveReference(root, reference)
  const inner = { ...compilation, path: [], entered: new Set([...entered, reference]) }
  holder.check = compileNode(found, inner, ...namesOf(reference))
  return [check]
}

/** The part of a schema that a `$ref` names; `undefined` where there is none. */
export function resolveReference(root: JsonSchema, reference: string): unknown {
  let found: unknown = root
  for (const key of namesOf(reference)) {
    if (!isRecord(found) || !Object.hasOwn(found, key))
      throw invalidSchema(`'${reference}' is not there`)
    found = found[key]
  }
  return found
}

function namesOf(reference: string): readonly string[] {
  const parts = reference.split('/').slice(1)
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
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

const KNOWN = new Set(
  `$ref type enum const minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength
  pattern format minItems maxItems uniqueItems items prefixItems properties required additionalProperties
  propertyNames minProperties maxProperties anyOf oneOf allOf not`.split(/\s+/),
)
