import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { canonicalJson, grammarOf, type JsonSchema } from '../../src/index.ts'
import { compileSchema } from '../../src/schema/schema.ts'
import { toJsonSchema } from '../../src/build/travel.ts'
import { accepts, makeText, readGrammar } from './gbnf.ts'
import { bounds, closed, WHOLE } from './grammar-schemas.ts'

/** Whether a grammar of the schema accepts a value, written without white space. */
function takes(schema: JsonSchema, value: unknown): boolean {
  return accepts(readGrammar(grammarOf(schema).text), JSON.stringify(value))
}

const name = (schema: JsonSchema): string => JSON.stringify(schema).slice(0, 90)

describe('a grammar', () => {
  it.each(WHOLE.map((schema) => [name(schema), schema] as const))(
    '[D10] makes only what its schema allows: %s',
    (...[, schema]) => {
      const { text, gaps } = grammarOf(schema)
      const rules = readGrammar(text)
      const check = compileSchema(schema)
      expect(gaps).toEqual([])
      fc.assert(
        fc.property(fc.infiniteStream(fc.nat()), (stream) => {
          const made = makeText(rules, (below) => (stream.next().value ?? 0) % below)
          const value: unknown = JSON.parse(made)
          expect({ made, wrong: check(value) }).toEqual({ made, wrong: undefined })
          expect(accepts(rules, made)).toBe(true)
        }),
        { numRuns: 60 },
      )
    },
  )

  it.each([
    [{ type: 'string' }, fc.string({ unit: 'grapheme' })],
    [
      { type: 'string', minLength: 1, maxLength: 3 },
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 3 }),
    ],
    [{ type: 'integer' }, fc.integer()],
    ...bounds.map(
      ([low = -2000, high = 2000]) =>
        [
          { type: 'integer', minimum: low, maximum: high },
          fc.integer({ min: low, max: high }),
        ] as const,
    ),
    ...bounds.map(
      ([low = -2000, high = 2000]) =>
        [
          { type: 'number', minimum: low, maximum: high },
          fc.integer({ min: low * 64, max: high * 64 }).map((value) => value / 64),
        ] as const,
    ),
    [{ type: 'array', items: { type: 'boolean' } }, fc.array(fc.boolean())],
    [
      {
        type: 'array',
        prefixItems: [{ type: 'boolean' }, { type: 'null' }],
        items: { type: 'integer' },
        minItems: 1,
      },
      fc
        .tuple(fc.boolean())
        .chain(([first]) =>
          fc.constantFrom([first], [first, null], [first, null, 1], [first, null, 1, 2]),
        ),
    ],
    [
      closed({ a: { type: 'boolean' }, b: { type: 'integer' }, c: { type: 'null' } }, ['b']),
      fc.record(
        { a: fc.boolean(), b: fc.integer(), c: fc.constant(null) },
        { requiredKeys: ['b'], noNullPrototype: true },
      ),
    ],
    [
      { type: 'object', additionalProperties: { type: 'boolean' } },
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.boolean()),
    ],
    [{ type: 'string', pattern: '^[A-Z]{2}-\\d+$' }, fc.stringMatching(/^[A-Z]{2}-\d+$/)],
    [{ type: 'string', pattern: '^[\\s\\S]*\\w$' }, fc.stringMatching(/^[\s\S]*\w$/)],
    [{ enum: ['a', 1, null] }, fc.constantFrom('a', 1, null)],
    [
      {},
      fc
        .jsonValue({ maxDepth: 3 })
        .filter((value) => !/\d{16}|e[+-]?\d|-0(?![.\d])/.test(JSON.stringify(value))),
    ],
  ] as readonly (readonly [JsonSchema, fc.Arbitrary<unknown>])[])(
    '[D10] accepts every value that its schema allows: %j',
    (schema, values) => {
      const rules = readGrammar(grammarOf(schema).text)
      const check = compileSchema(schema)
      fc.assert(
        fc.property(values, (value) => {
          const text = JSON.stringify(value)
          expect(check(JSON.parse(text))).toBeUndefined()
          expect({ text, accepted: accepts(rules, text) }).toEqual({ text, accepted: true })
        }),
        { numRuns: 60 },
      )
    },
  )

  it('[D10] has no free white space: one space after a comma or a colon at most', () => {
    const schema = closed({ a: { type: 'array', items: { type: 'integer' } }, b: {} }, ['a'])
    const rules = readGrammar(grammarOf(schema).text)
    const accepted = ['{"a":[1,2],"b":{"c":[1]}}', '{"a": [1, 2], "b": {"c": [1]}}']
    const refused = [
      '{ "a":[1]}',
      '{"a":  [1]}',
      '{"a":[1 ,2]}',
      '{"a":[1,\n2]}',
      '{"a":[1]} ',
      '\n{"a":[1]}',
      '{"a":[ 1]}',
    ]
    expect(accepted.map((text) => accepts(rules, text))).toEqual([true, true])
    expect(refused.filter((text) => accepts(rules, text))).toEqual([])
  })

  it.each([
    [closed({ a: { type: 'null' } }, ['a']), [{}, { b: null }, { a: 1 }, { a: null, b: null }]],
    [{ type: 'integer', minimum: 1, maximum: 10 }, [0, 11, 1.5, '1']],
    [
      { type: 'array', items: { type: 'boolean' }, minItems: 1, maxItems: 2 },
      [[], [true, true, true], [1]],
    ],
    [{ type: 'string', pattern: '^a+$' }, ['', 'b', 'ab', 7]],
    [{ type: 'string', maxLength: 2 }, ['abc']],
    [{ enum: ['a'] }, ['b', 'A']],
  ])('[D10] refuses what its schema refuses: %j', (schema, values) => {
    expect(values.filter((value) => takes(schema, value))).toEqual([])
  })

  it.each([
    [{ type: 'string', pattern: '\\bword' }, ['#/pattern']],
    [{ type: 'string', pattern: '^\\p{L}+$' }, ['#/pattern']],
    [{ type: 'string', pattern: '^a+$', minLength: 3 }, ['#/minLength']],
    [{ type: 'string', maxLength: 5000 }, ['#/maxLength']],
    [{ type: 'string', format: 'hostname', pattern: '\\Ba' }, ['#/pattern']],
    [
      { type: 'array', items: { type: 'string', minLength: 501 }, uniqueItems: true },
      ['#/uniqueItems', '#/items/minLength'],
    ],
    [{ type: 'number', multipleOf: 0.5 }, ['#/multipleOf']],
    [{ type: 'number', minimum: 0.5 }, ['#/minimum']],
    [{ type: 'integer', minimum: 2, maximum: 1 }, ['#/minimum']],
    [{ not: { type: 'null' } }, ['#/not']],
    [{ allOf: [{ type: 'string' }] }, ['#/allOf']],
    [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, ['#/oneOf']],
    [{ anyOf: [{ type: 'string' }], pattern: 'a' }, ['#/pattern']],
    [{ type: 'object', minProperties: 1 }, ['#/minProperties']],
    [
      {
        type: 'object',
        properties: { a: { multipleOf: 2, type: 'integer' } },
        additionalProperties: true,
      },
      ['#/properties/a/multipleOf', '#/additionalProperties'],
    ],
    [
      { type: 'object', properties: { a: {} }, required: ['b'], additionalProperties: false },
      ['#/required'],
    ],
    [{ type: 'string', enum: [1] }, ['#/enum']],
    [{ $defs: { x: { multipleOf: 2 } }, items: { $ref: '#/$defs/x' } }, ['#/$defs/x/multipleOf']],
  ])('[D10] says what it does not say: %j', (schema, gaps) => {
    const grammar = grammarOf(schema)
    expect(grammar.gaps.toSorted()).toEqual(gaps.toSorted())
    expect(readGrammar(grammar.text).has('root')).toBe(true)
  })

  it('[D10] is refused for what is no schema', () => {
    expect(() => grammarOf({ type: 'text' })).toThrow('the type "text" is not known')
  })

  it.each([
    z.array(z.string()).length(5),
    z.object({ score: z.number().int().min(0).max(10), why: z.string().max(200).optional() }),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), n: z.int() }),
      z.object({ kind: z.literal('b') }),
    ]),
    z.tuple([z.string(), z.number()]),
    z.enum(['good', 'bad']),
    z.email(),
    z.iso.date(),
    z.ipv4(),
    z
      .string()
      .regex(/^[a-z]+$/)
      .nullable(),
  ])('[D10] says all of a common schema of Zod (%#)', (schema) => {
    const made = toJsonSchema(schema)
    const { text, gaps } = grammarOf(made)
    expect([gaps, canonicalJson(gaps)]).toEqual([[], '[]'])
    expect(readGrammar(text).has('root')).toBe(true)
  })
})
