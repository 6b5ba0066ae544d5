import { boundsOf, hasWholeBounds, integerWithin, numberWithin } from './grammar-numbers.ts'
import { exclusive, formPiece, listPiece } from './grammar-parts.ts'
import {
  CHARACTER,
  CHARACTER_RULE,
  COLON_SPACE,
  COMMA,
  literal,
  MAX_COUNT,
  oneOf,
  repeated,
  sequence,
  TEXT,
  TEXT_RULE,
} from './grammar-text.ts'
import type { JsonSchema } from '../needs.ts'
import { isRecord } from '../records.ts'
import { compileSchema, resolveReference } from '../schema/schema.ts'

/** A grammar in GBNF, and what of the schema it does not hold a model to. */
export interface Grammar {
  readonly text: string
  /** Keywords with their places, which must be checked in the answer. Empty: every text of the grammar is valid. */
  readonly gaps: readonly string[]
}

/**
 * Makes a grammar of a JSON Schema: JSON on one line, with at most one space after a comma or colon, keys in the order
 * of the schema, so that a model wastes no tokens.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA`
 */
export function grammarOf(schema: JsonSchema): Grammar {
  compileSchema(schema)
  const writer = new GrammarWriter(schema)
  const root = writer.piece(schema, '#')
  return { text: writer.text(root), gaps: writer.gaps }
}

const ANY = 'any'

/** JSON of any kind. */
const ANY_RULES = [
  'any ::= any-object | any-array | text | any-number | "true" | "false" | "null"',
  `any-object ::= "{" (any-member (${COMMA} any-member)*)? "}"`,
  `any-member ::= text ":" ${COLON_SPACE} any`,
  `any-array ::= "[" (any (${COMMA} any)*)? "]"`,
  'any-number ::= "-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})?',
]

/** Keywords that no grammar of ours says. */
const UNSAID = [
  'not',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'multipleOf',
  'allOf',
] as const

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const

class GrammarWriter {
  readonly gaps: string[] = []
  readonly #root: JsonSchema
  readonly #rules: string[] = []
  readonly #references = new Map<string, string>()
  #anyUsed = false

  constructor(root: JsonSchema) {
    this.#root = root
  }

  text(root: string): string {
    const rules = [`root ::= ${root}`, ...this.#rules, ...(this.#anyUsed ? ANY_RULES : [])]
    return [...rules, TEXT_RULE, CHARACTER_RULE].join('\n')
  }

  /** The piece for a schema at a place. */
  piece(schema: unknown, place: string): string {
    if (!isRecord(schema)) return this.#any()
    for (const keyword of UNSAID) {
      if (schema[keyword] !== undefined && schema[keyword] !== false) this.#gap(place, keyword)
    }
    const { $ref: reference } = schema
    if (typeof reference === 'string') return this.#reference(reference)
    const choices = this.#choices(schema, place)
    if (choices !== undefined) return choices
    const types = typesOf(schema)
    if (types.length === 0) return this.#any()
    return oneOf(types.map((type) => this.#typed(type, schema, place)))
  }

  #gap(place: string, keyword: string): void {
    this.gaps.push(`${place}/${keyword}`)
  }

  #any(): string {
    this.#anyUsed = true
    return ANY
  }

  /** A rule of its own: a schema may refer to itself. */
  #reference(reference: string): string {
    const known = this.#references.get(reference)
    if (known !== undefined) return known
    const name = `part-${this.#references.size + 1}`
    this.#references.set(reference, name)
    const target = resolveReference(this.#root, reference)
    this.#rules.push(`${name} ::= ${this.piece(target, reference)}`)
    return name
  }

  #choices(schema: JsonSchema, place: string): string | undefined {
    const values: unknown = 'const' in schema ? [schema['const']] : schema['enum']
    if (Array.isArray(values)) return this.#values(schema, values, place)
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      const parts = schema[keyword]
      if (!Array.isArray(parts)) continue
      if (keyword === 'oneOf' && !exclusive(parts)) this.#gap(place, keyword)
      const beside = Object.keys(schema).filter((key) => TYPE_KEYWORDS.has(key))
      for (const key of beside) this.#gap(place, key)
      return oneOf(parts.map((part, index) => this.piece(part, `${place}/${keyword}/${index}`)))
    }
    return undefined
  }

  #values(schema: JsonSchema, values: readonly unknown[], place: string): string {
    const check = compileSchema({ ...schema, $defs: this.#root['$defs'] ?? {} })
    const fitting = values.filter((value) => check(value) === undefined)
    if (fitting.length === 0) this.#gap(place, 'enum')
    return oneOf(
      (fitting.length === 0 ? values : fitting).map((value) => literal(JSON.stringify(value))),
    )
  }

  #typed(type: string, schema: JsonSchema, place: string): string {
    if (type === 'object') return this.#object(schema, place)
    if (type === 'array') return this.#array(schema, place)
    if (type === 'string') return this.#string(schema, place)
    if (type === 'boolean') return '("true" | "false")'
    if (type === 'null') return '"null"'
    return this.#number(type, schema, place)
  }

  #number(type: string, schema: JsonSchema, place: string): string {
    const bounds = boundsOf(schema)
    const piece = type === 'integer' ? integerWithin(bounds) : numberWithin(bounds)
    if (type === 'number' && !hasWholeBounds(bounds)) this.#gap(place, 'minimum')
    return piece ?? this.#impossible(place, 'minimum')
  }

  /** No number fits: the answer will be refused, whatever it is. */
  #impossible(place: string, keyword: string): string {
    this.#gap(place, keyword)
    return '"0"'
  }

  #string(schema: JsonSchema, place: string): string {
    const { piece, unsaid } = formPiece(schema)
    for (const keyword of unsaid) this.#gap(place, keyword)
    if (piece !== undefined) return piece
    const [min, max] = this.#counts(schema, place, ['minLength', 'maxLength'])
    if (min === 0 && max === Infinity) return TEXT
    return sequence(['"\\""', repeated(CHARACTER, min, max), '"\\""'])
  }

  /** A least and a most number, as far as a grammar can count. */
  #counts(
    schema: JsonSchema,
    place: string,
    [low, high]: readonly [string, string],
  ): readonly [number, number] {
    const min = Number(schema[low] ?? 0)
    const max = Number(schema[high] ?? Infinity)
    if (min > MAX_COUNT) this.#gap(place, low)
    if (max !== Infinity && max > MAX_COUNT) this.#gap(place, high)
    return [min > MAX_COUNT ? 0 : min, max > MAX_COUNT ? Infinity : max]
  }

  #array(schema: JsonSchema, place: string): string {
    const prefix: readonly unknown[] = Array.isArray(schema['prefixItems'])
      ? schema['prefixItems']
      : []
    const [min, max] = this.#counts(schema, place, ['minItems', 'maxItems'])
    const first = prefix.map((item, index) => this.piece(item, `${place}/prefixItems/${index}`))
    const closed = schema['items'] === false
    const rest = closed ? undefined : this.piece(schema['items'], `${place}/items`)
    return sequence(['"["', listPiece(first, rest, { min, max }), '"]"'])
  }

  #object(schema: JsonSchema, place: string): string {
    const properties = isRecord(schema['properties']) ? schema['properties'] : {}
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
    const members = Object.entries(properties)
      .filter(([, part]) => part !== false)
      .map(([name, part]) => ({
        piece: sequence([
          literal(`${JSON.stringify(name)}:`),
          COLON_SPACE,
          this.piece(part, `${place}/properties/${name}`),
        ]),
        required: required.has(name),
      }))
    for (const name of required) {
      if (!Object.hasOwn(properties, String(name))) this.#gap(place, 'required')
    }
    const more = schema['additionalProperties']
    if (members.length === 0 && more !== false) return this.#map(schema, place)
    if (isRecord(more) || more === true) this.#gap(place, 'additionalProperties')
    return sequence(['"{"', this.#members(members), '"}"'])
  }

  #map(schema: JsonSchema, place: string): string {
    const { propertyNames: names, additionalProperties: values } = schema
    const key = this.#string(isRecord(names) ? names : {}, `${place}/propertyNames`)
    const value = this.piece(values, `${place}/additionalProperties`)
    const pair = sequence([key, '":"', COLON_SPACE, value])
    return sequence(['"{"', `(${pair} (${COMMA} ${pair})*)?`, '"}"'])
  }

  /** Members in their order; those that are not required may be left out. */
  #members(members: readonly Member[]): string {
    let canEnd = true
    let start: readonly string[] = []
    for (const { piece, required } of members.toReversed()) {
      const following = start.map((alternative) => `${COMMA} ${alternative}`)
      const end = canEnd ? ['""'] : []
      const tail = start.length === 0 ? '""' : this.#rule(oneOf([...following, ...end]))
      const here = sequence([piece, tail])
      start = required ? [here] : [here, ...start]
      canEnd &&= !required
    }
    return oneOf(canEnd ? [...start, '""'] : start)
  }

  #rule(piece: string): string {
    const name = `members-${this.#rules.length + 1}`
    this.#rules.push(`${name} ::= ${piece}`)
    return name
  }
}

interface Member {
  readonly piece: string
  readonly required: boolean
}

/** Keywords that say something beside `anyOf` and `oneOf`. */
const TYPE_KEYWORDS: ReadonlySet<string> = new Set([
  'properties',
  'items',
  'prefixItems',
  'required',
  'pattern',
  'minimum',
  'maximum',
])

function typesOf({ type, properties, items, pattern }: JsonSchema): readonly string[] {
  const named: readonly unknown[] = Array.isArray(type) ? type : [type]
  const known = TYPES.filter((candidate) => named.includes(candidate))
  if (known.length > 0) return known
  if (properties !== undefined) return ['object']
  if (items !== undefined) return ['array']
  return pattern === undefined ? [] : ['string']
}
