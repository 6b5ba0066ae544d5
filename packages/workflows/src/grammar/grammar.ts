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

/** Keywords that it does say, each where it is followed. */
const SAID = [
  'anyOf',
  'oneOf',
  'type',
  'enum',
  'const',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minItems',
  'maxItems',
  'items',
  'prefixItems',
  'properties',
  'required',
  'additionalProperties',
  'propertyNames',
] as const

/** Keywords with which a piece may be no text. */
const NO_TEXTS = ['$ref', 'anyOf', 'oneOf', 'const', 'enum'] as const

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
    if (typeof reference === 'string') {
      this.#leaveOut(schema, place)
      return this.#reference(reference)
    }
    const choices = this.#choices(schema, place)
    if (choices !== undefined) return choices
    const types = typesOf(schema)
    if (types.length === 0) {
      this.#leaveOut(schema, place)
      return this.#any()
    }
    return oneOf(types.map((type) => this.#typed(type, schema, place)))
  }

  #gap(place: string, keyword: string): void {
    this.gaps.push(`${place}/${keyword}`)
  }

  /** Notes what the schema says beside the one keyword that is followed. */
  #leaveOut(schema: JsonSchema, place: string, followed?: string): void {
    for (const keyword of SAID) {
      if (keyword !== followed && schema[keyword] !== undefined) this.#gap(place, keyword)
    }
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
      this.#leaveOut(schema, place, keyword)
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
    const { additionalProperties: more } = schema
    const chosen = chosenNames(schema)
    const members =
      chosen === undefined
        ? this.#ownMembers(schema, place)
        : chosen.map((name) => this.#member(name, more, `${place}/additionalProperties`))
    const written = new Set<unknown>(members.map(({ name }) => name))
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
    if ([...required].some((name) => !written.has(name))) this.#gap(place, 'required')
    if (members.length === 0 && more !== false) return this.#map(schema, place)
    const pieces = members.map(({ name, piece }) => ({ piece, required: required.has(name) }))
    return sequence(['"{"', this.#members(pieces), '"}"'])
  }

  /** The members that have a place of their own in the schema. */
  #ownMembers(schema: JsonSchema, place: string): readonly NamedPiece[] {
    const { properties, propertyNames: names, additionalProperties: more } = schema
    const members = Object.entries(isRecord(properties) ? properties : {})
      .filter(([, part]) => part !== false)
      .map(([name, part]) => this.#member(name, part, `${place}/properties/${name}`))
    if (members.length === 0) return []
    if (names !== undefined) this.#gap(place, 'propertyNames')
    if (isRecord(more) || more === true) this.#gap(place, 'additionalProperties')
    return members
  }

  #member(name: string, schema: unknown, place: string): NamedPiece {
    const key = literal(`${JSON.stringify(name)}:`)
    return { name, piece: sequence([key, COLON_SPACE, this.piece(schema, place)]) }
  }

  #map(schema: JsonSchema, place: string): string {
    const key = this.#key(schema, place)
    const value = this.piece(schema['additionalProperties'], `${place}/additionalProperties`)
    const pair = sequence([key, '":"', COLON_SPACE, value])
    return sequence(['"{"', `(${pair} (${COMMA} ${pair})*)?`, '"}"'])
  }

  /** The name of a member: a text. */
  #key({ propertyNames: names }: JsonSchema, place: string): string {
    if (names === undefined || names === true) return TEXT
    const isText = isRecord(names) && (names['type'] ?? 'string') === 'string'
    if (isText && NO_TEXTS.every((keyword) => names[keyword] === undefined)) {
      return this.piece({ ...names, type: 'string' }, `${place}/propertyNames`)
    }
    this.#gap(place, 'propertyNames')
    return TEXT
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

interface NamedPiece {
  readonly name: string
  readonly piece: string
}

interface Member {
  readonly piece: string
  readonly required: boolean
}

/** Most names that are written out as members of their own: they may be left out in ways without number. */
const MAX_CHOSEN = 32

/** The names that an object without members of its own chooses from. */
function chosenNames(schema: JsonSchema): readonly string[] | undefined {
  const { properties, additionalProperties: values, propertyNames: names } = schema
  if (properties !== undefined || values === false || !isRecord(names)) return undefined
  const { enum: choice, type = 'string', ...rest } = names
  const isPlain = Object.keys(rest).length === 0 && type === 'string' && Array.isArray(choice)
  if (!isPlain || choice.length > MAX_CHOSEN) return undefined
  return choice.filter((name) => typeof name === 'string')
}

function typesOf({ type, properties, items, pattern }: JsonSchema): readonly string[] {
  const named: readonly unknown[] = Array.isArray(type) ? type : [type]
  const known = TYPES.filter((candidate) => named.includes(candidate))
  if (known.length > 0) return known
  if (properties !== undefined) return ['object']
  if (items !== undefined) return ['array']
  return pattern === undefined ? [] : ['string']
}
