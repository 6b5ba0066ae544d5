import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { grammarOf, type JsonSchema } from '../../src/index.ts'
import { toJsonSchema } from '../../src/build/travel.ts'
import { closed } from './grammar-schemas.ts'

const none = { type: 'null' }
const even = { type: 'null', multipleOf: 2 }
const TEXTS = [
  String.raw`text ::= "\"" char* "\""`,
  String.raw`char ::= [^"\\\x00-\x1F] | "\\" (["\\bfnrt] | "u00" [01] [0-9a-f])`,
]
const ANY = [
  'any ::= any-object | any-array | text | any-number | "true" | "false" | "null"',
  'any-object ::= "{" (any-member ("," " "? any-member)*)? "}"',
  'any-member ::= text ":" " "? any',
  'any-array ::= "[" (any ("," " "? any)*)? "]"',
  'any-number ::= "-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})?',
]

/** The rule of the whole. */
function root(schema: JsonSchema): string | undefined {
  return grammarOf(schema).text.split('\n')[0]?.replace('root ::= ', '')
}

describe('the rules of a grammar', () => {
  it('[D10] are those of any JSON where nothing is said, and of texts', () => {
    expect(grammarOf({})).toEqual({ text: ['root ::= any', ...ANY, ...TEXTS].join('\n'), gaps: [] })
    expect(grammarOf(none)).toEqual({ text: ['root ::= "null"', ...TEXTS].join('\n'), gaps: [] })
  })

  it('[D10] let members be left out in any way, in their order', () => {
    const { text } = grammarOf(closed({ a: none, b: none, c: none }, ['b']))
    expect(text.split('\n')).toEqual([
      String.raw`root ::= ("{" ((("\"a\":" " "? "null") members-2) | (("\"b\":" " "? "null") members-1)) "}")`,
      String.raw`members-1 ::= ("," " "? (("\"c\":" " "? "null") "") | "")`,
      String.raw`members-2 ::= "," " "? (("\"b\":" " "? "null") members-1)`,
      ...TEXTS,
    ])
  })

  it('[D10] have one of their own for each part that is referred to', () => {
    const whole = { properties: { l: { $ref: '#' }, v: { $ref: '#/$defs/v' } } }
    const schema = { ...whole, $defs: { v: { type: 'boolean' } }, additionalProperties: false }
    expect(grammarOf(schema).text.split('\n')).toEqual([
      String.raw`root ::= ("{" ((("\"l\":" " "? part-1) members-4) | (("\"v\":" " "? part-2) "") | "") "}")`,
      'part-2 ::= ("true" | "false")',
      String.raw`members-2 ::= ("," " "? (("\"v\":" " "? part-2) "") | "")`,
      String.raw`part-1 ::= ("{" ((("\"l\":" " "? part-1) members-2) | (("\"v\":" " "? part-2) "") | "") "}")`,
      String.raw`members-4 ::= ("," " "? (("\"v\":" " "? part-2) "") | "")`,
      ...TEXTS,
    ])
  })

  it.each([
    ['a list of items', { items: none }, '("[" ("null" ("," " "? "null")*)? "]")'],
    ['a text by its pattern', { pattern: '^a$' }, String.raw`("\"" ([a]) "\"")`],
    ['an object', { properties: {}, additionalProperties: false }, '("{" "" "}")'],
    ['an empty list', { type: 'array', items: false }, '("[" "" "]")'],
    ['types in our order', { type: ['null', 'boolean'] }, '(("true" | "false") | "null")'],
    ['a value', { const: { a: [1] } }, String.raw`"{\"a\":[1]}"`],
    [
      'values of the type',
      { type: 'string', enum: [1, 'a', 'b'] },
      String.raw`("\"a\"" | "\"b\"")`,
    ],
    [
      'a text of a length',
      { type: 'string', minLength: 500, maxLength: 500 },
      String.raw`("\"" char{500,500} "\"")`,
    ],
    ['a text with something', { type: 'string', minLength: 1 }, String.raw`("\"" char+ "\"")`],
    ['a text of one at most', { type: 'string', maxLength: 1 }, String.raw`("\"" char? "\"")`],
    ['a whole number within broken bounds', { type: 'integer', minimum: 0.5, maximum: 1 }, '"1"'],
    [
      'values that fit what is referred to',
      {
        $defs: { n: { type: 'number' } },
        items: { enum: [1, 'x'], anyOf: [{ $ref: '#/$defs/n' }] },
      },
      '("[" ("1" ("," " "? "1")*)? "]")',
    ],
    [
      'names and values',
      { type: 'object', propertyNames: { pattern: '^a$' }, additionalProperties: none },
      String.raw`("{" ((("\"" ([a]) "\"") ":" " "? "null") ("," " "? (("\"" ([a]) "\"") ":" " "? "null"))*)? "}")`,
    ],
    [
      'no free names',
      { propertyNames: { enum: ['a'] }, type: 'object', additionalProperties: false },
      '("{" "" "}")',
    ],
  ])('[D10] say all of %s', (_, schema, rule) => {
    expect(root(schema)).toBe(rule)
    expect(grammarOf(schema).gaps).toEqual([])
  })

  it('[D10] hold a model to the names of a record of chosen names', () => {
    const names = z.enum(['wit', 'rhyme'])
    const all = toJsonSchema(z.record(names, z.boolean()))
    expect(root(all)).toBe(
      root(closed({ wit: { type: 'boolean' }, rhyme: { type: 'boolean' } }, ['wit', 'rhyme'])),
    )
    const part = toJsonSchema(z.partialRecord(names, z.boolean()))
    expect(root(part)).toBe(root(closed({ wit: { type: 'boolean' }, rhyme: { type: 'boolean' } })))
    expect([grammarOf(all).gaps, grammarOf(part).gaps]).toEqual([[], []])
    const mixed = { type: 'object', propertyNames: { enum: ['a', 7] }, additionalProperties: none }
    expect(root(mixed)).toBe(root(closed({ a: none })))
    const many = { enum: Array.from({ length: 32 }, (_, index) => `n${index}`) }
    expect(grammarOf({ type: 'object', propertyNames: many }).gaps).toEqual([])
  })
})

const VALUE = {
  properties: {},
  items: {},
  prefixItems: [],
  required: [],
  pattern: 'a',
  minimum: 0,
  maximum: 1,
  exclusiveMinimum: 0,
  exclusiveMaximum: 1,
  minLength: 0,
  maxLength: 1,
  format: 'date',
  minItems: 0,
  maxItems: 1,
  additionalProperties: {},
  propertyNames: {},
  type: 'string',
}

describe('what a grammar leaves unsaid', () => {
  const beside = Object.keys(VALUE).map((key) => `#/${key}`)

  it('[D10] is everything beside alternatives and references', () => {
    expect(grammarOf({ anyOf: [none], ...VALUE }).gaps.toSorted()).toEqual(beside.toSorted())
    expect(grammarOf({ oneOf: [none], ...VALUE }).gaps.toSorted()).toEqual(beside.toSorted())
    expect(grammarOf({ anyOf: [none], oneOf: [none] }).gaps).toEqual(['#/oneOf'])
    expect(
      grammarOf({ $defs: { a: none }, $ref: '#/$defs/a', enum: [null], anyOf: [none] }).gaps,
    ).toEqual(['#/anyOf', '#/enum'])
    expect(grammarOf({ $defs: { a: none }, $ref: '#/$defs/a', const: null }).gaps).toEqual([
      '#/const',
    ])
  })

  it.each([
    [{ minimum: 3 }, ['#/minimum']],
    [{ required: ['a'] }, ['#/required']],
    [{ additionalProperties: false }, ['#/additionalProperties']],
    [{ minLength: 1, format: 'date' }, ['#/minLength', '#/format']],
    [{ prefixItems: [none] }, ['#/prefixItems']],
    [{ title: 'a', description: 'b' }, []],
  ])('[D10] is what says no type, where any value will do: %j', (schema, gaps) => {
    expect(root(schema)).toBe('any')
    expect(grammarOf(schema).gaps).toEqual(gaps)
  })

  it.each([
    [{ anyOf: [none, even] }, ['#/anyOf/1/multipleOf']],
    [{ type: 'array', prefixItems: [none, even] }, ['#/prefixItems/1/multipleOf']],
    [{ items: even }, ['#/items/multipleOf']],
    [{ type: 'object', additionalProperties: even }, ['#/additionalProperties/multipleOf']],
    [closed({ a: even }), ['#/properties/a/multipleOf']],
    [
      { type: 'object', propertyNames: { pattern: '\\ba', minLength: 1 } },
      ['#/propertyNames/pattern'],
    ],
    [
      { propertyNames: { enum: ['a'] }, type: 'object', additionalProperties: even },
      ['#/additionalProperties/multipleOf'],
    ],
  ])('[D10] is told with its place: %j', (schema, gaps) => {
    expect(grammarOf(schema).gaps).toEqual(gaps)
  })

  it.each([
    [false],
    [{ anyOf: [{ type: 'string' }] }],
    [{ const: 'a' }],
    [{ enum: ['a', 'b'], pattern: 'a' }],
    [{ type: ['string', 'null'] }],
    [{ type: ['string', 'null'], enum: ['a'] }],
    [{ type: 'null' }],
    [{ enum: Array.from({ length: 33 }, (_, index) => `n${index}`) }],
  ])('[D10] is which names are free: %j', (propertyNames) => {
    const schema = { type: 'object', propertyNames, additionalProperties: none }
    expect(grammarOf(schema).gaps).toEqual(['#/propertyNames'])
    expect(root(schema)).toBe(
      '("{" ((text ":" " "? "null") ("," " "? (text ":" " "? "null"))*)? "}")',
    )
  })

  it('[D10] is what is free or required beside members', () => {
    const members = { type: 'object', properties: { a: none } }
    const chosen = { type: 'object', properties: {}, propertyNames: { enum: ['a'] } }
    expect(grammarOf(chosen).gaps).toEqual(['#/propertyNames'])
    expect(grammarOf({ ...members, propertyNames: {} }).gaps).toEqual(['#/propertyNames'])
    expect(grammarOf({ ...members, additionalProperties: {} }).gaps).toEqual([
      '#/additionalProperties',
    ])
    expect(grammarOf({ ...members, required: ['b', 'c'] }).gaps).toEqual(['#/required'])
    expect(grammarOf(closed({ a: false, b: none }, ['a'])).gaps).toEqual(['#/required'])
    expect(grammarOf(members).gaps).toEqual([])
    expect(grammarOf({ type: 'object', propertyNames: true }).gaps).toEqual([])
  })

  it('[D10] is what can be counted no more', () => {
    expect(grammarOf({ type: 'string', minLength: 501, maxLength: 501 })).toEqual({
      text: ['root ::= text', ...TEXTS].join('\n'),
      gaps: ['#/minLength', '#/maxLength'],
    })
    const items = { type: 'array', items: none }
    expect(root({ ...items, minItems: 501, maxItems: 501 })).toBe(root(items))
    expect(grammarOf({ ...items, minItems: 500, maxItems: 500 }).gaps).toEqual([])
  })

  it('[D10] is what nothing fits', () => {
    const impossible = { type: 'integer', minimum: 2, maximum: 1 }
    expect([root(impossible), grammarOf(impossible).gaps]).toEqual(['"0"', ['#/minimum']])
    const empty = { type: 'string', enum: [1, 2] }
    expect([root(empty), grammarOf(empty).gaps]).toEqual(['("1" | "2")', ['#/enum']])
    const broken = { type: 'number', minimum: 0.5, maximum: 1 }
    expect(grammarOf(broken).gaps).toEqual(['#/minimum'])
  })

  it('[D10] is nothing that is only denied', () => {
    expect(grammarOf({ type: 'array', items: none, uniqueItems: false }).gaps).toEqual([])
    expect(grammarOf({ type: 'null', not: {} }).gaps).toEqual(['#/not'])
  })
})
