import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { mismatchText } from '../../src/schema/mismatch.ts'
import type { JsonSchema } from '../../src/index.ts'
import { compileSchema } from '../../src/schema/schema.ts'
import { toJsonSchema } from '../../src/build/travel.ts'

/** What is wrong with a value, or "fits". */
function verdict(schema: JsonSchema, value: unknown): string {
  const wrong = compileSchema(schema)(value)
  return wrong === undefined ? 'fits' : mismatchText(wrong)
}

describe('a schema', () => {
  it.each([
    [{}, { any: 'thing' }, 'fits'],
    [{ type: 'string' }, 7, 'expected a string, found 7'],
    [{ type: 'integer' }, 7.5, 'expected an integer, found 7.5'],
    [{ type: 'object' }, [], 'expected an object, found an array'],
    [{ type: 'array' }, {}, 'expected an array, found an object'],
    [{ type: ['string', 'null'] }, true, 'expected a string or null, found true'],
    [{ enum: ['a', 1, { b: 2, c: 3 }] }, { c: 3, b: 2 }, 'fits'],
    [{ enum: ['a', 1] }, '1', 'expected one of "a", 1, found "1"'],
    [{ const: 'a' }, 'b', 'expected "a", found "b"'],
    [{ minimum: 1 }, 0, 'expected a number of at least 1, found 0'],
    [{ maximum: 1 }, 2, 'expected a number of at most 1, found 2'],
    [{ exclusiveMinimum: 1 }, 1, 'expected a number above 1, found 1'],
    [{ exclusiveMaximum: 1 }, 1, 'expected a number below 1, found 1'],
    [{ multipleOf: 0.1 }, 0.3, 'fits'],
    [{ multipleOf: 3 }, 7, 'expected a number that is a multiple of 3, found 7'],
    [{ minimum: 1 }, 'text', 'fits'],
    [{ minLength: 2 }, '🪿', 'expected at least 2 characters, found 1'],
    [{ maxLength: 1 }, 'ab', 'expected at most 1 characters, found 2'],
    [{ pattern: '^a+$' }, 'aab', 'expected a text that matches ^a+$, found "aab"'],
    [{ format: 'date' }, '2026-02-29', 'expected a text of the form date, found "2026-02-29"'],
    [{ minItems: 1 }, [], 'expected at least 1 items, found 0'],
    [{ maxItems: 1 }, [1, 2], 'expected at most 1 items, found 2'],
    [
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      'expected no item twice',
    ],
    [{ items: { type: 'number' } }, [1, 'x'], 'at [1]: expected a number, found "x"'],
    [
      { prefixItems: [{ type: 'string' }], items: false },
      ['a', 1],
      'at [1]: nothing is allowed here',
    ],
    [{ prefixItems: [{ type: 'string' }], items: { type: 'number' } }, ['a', 1], 'fits'],
    [
      { properties: { a: { properties: { b: { type: 'null' } } } } },
      { a: { b: 1 } },
      'at .a.b: expected null, found 1',
    ],
    [{ required: ['a'] }, { b: 1 }, "the key 'a' is missing"],
    [
      { properties: { a: {} }, additionalProperties: false },
      { a: 1, b: 2 },
      "the key 'b' is not known",
    ],
    [
      { additionalProperties: { type: 'number' } },
      { a: 'x' },
      'at .a: expected a number, found "x"',
    ],
    [
      { propertyNames: { pattern: '^[a-z]$' } },
      { ab: 1 },
      'at .ab: expected a text that matches ^[a-z]$, found "ab"',
    ],
    [{ minProperties: 1 }, {}, 'expected at least 1 keys, found 0'],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 7, 'fits'],
    [
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      7,
      'it fits none of the alternatives (expected a string, found 7; expected null, found 7)',
    ],
    [
      { oneOf: [{ type: 'number' }, { minimum: 5 }] },
      7,
      'it fits more than one of the alternatives',
    ],
    [{ oneOf: [{ type: 'number' }, { type: 'string' }] }, 7, 'fits'],
    [{ allOf: [{ minimum: 1 }, { maximum: 5 }] }, 7, 'expected a number of at most 5, found 7'],
    [{ not: { type: 'null' } }, null, 'this is excluded'],
    [{ not: { type: 'null' } }, 1, 'fits'],
    [
      { $defs: { n: { type: 'number' } }, items: { $ref: '#/$defs/n' } },
      ['x'],
      'at [0]: expected a number, found "x"',
    ],
    [
      { $defs: { 'a/b~c': { type: 'number' } }, $ref: '#/$defs/a~1b~0c' },
      'x',
      'expected a number, found "x"',
    ],
    [{ title: 't', description: 'd', default: 1, examples: [1], $comment: 'c' }, 'x', 'fits'],
  ] as const)('[D10] %j says of %j: %s', (...[schema, value, expected]) => {
    expect(verdict(schema, value)).toBe(expected)
  })

  it.each([
    ['date', '2024-02-29', '2024-2-29'],
    ['time', '23:59:59Z', '24:00:00'],
    ['date-time', '2024-02-29T23:59:59.5+02:00', '2024-02-30T00:00:00Z'],
    ['duration', 'P1Y2M3DT4H5M6S', 'P'],
    ['duration', 'P3W', 'P1S'],
    ['email', 'ada@example.org', 'ada@example'],
    ['uri', 'https://example.org/a?b#c', 'example.org'],
    ['uuid', '123e4567-e89b-12d3-a456-426614174000', '123e4567'],
    ['ipv4', '192.168.0.1', '192.168.0.256'],
  ])('[D10] knows the format %s', (format, right, wrong) => {
    const schema = { type: 'string', format }
    expect(verdict(schema, right)).toBe('fits')
    expect(verdict(schema, wrong)).toContain(`expected a text of the form ${format}`)
  })

  it.each([
    [{ type: 'text' }, 'the type "text" is not known'],
    [{ type: 7 }, 'the type 7 is not known'],
    [{ minium: 1 }, "the keyword 'minium' is not known"],
    [{ minimum: '1' }, "'minimum' must be a number"],
    [{ multipleOf: 0 }, "'multipleOf' must be above 0"],
    [{ minLength: -1 }, "'minLength' must be a whole number"],
    [{ enum: 'a' }, "'enum' must be a list"],
    [{ enum: [] }, "'enum' must be a list"],
    [{ anyOf: {} }, "'anyOf' must be a list"],
    [{ properties: [] }, "'properties' must be an object"],
    [{ items: 'x' }, 'a schema must be an object'],
    [{ pattern: 7 }, "'pattern' must be a text"],
    [{ pattern: '(' }, 'the pattern ( cannot be used'],
    [{ type: 'string', format: 'colour' }, 'the format "colour" is not known'],
    [{ $ref: 'https://example.org/schema' }, "'$ref' can only name a part of the same schema"],
    [{ $ref: '#/$defs/x' }, "'#/$defs/x' is not there"],
    [{ $ref: '#/constructor' }, "'#/constructor' is not there"],
    [{ $ref: '#' }, "'#' refers to itself"],
    [
      {
        $defs: { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ $ref: '#/$defs/a' }] } },
        $ref: '#/$defs/a',
      },
      'refers to itself',
    ],
  ])('[D10] is refused with the reason: %j', (schema, reason) => {
    expect(() => compileSchema(schema)).toThrow(reason)
    expect(() => compileSchema(schema)).toThrow(expect.objectContaining({ code: 'INVALID_SCHEMA' }))
  })

  it('[D10] is refused when it is nested too deeply', () => {
    let schema: JsonSchema = { type: 'string' }
    for (let depth = 0; depth < 60; depth += 1) schema = { items: schema }
    expect(() => compileSchema(schema)).toThrow('nested deeper than 40')
  })

  it('[D10] gives up on a value rather than try alternatives without end', () => {
    const $defs: Record<string, JsonSchema> = { a0: { type: 'number' } }
    for (let level = 1; level < 19; level += 1) {
      const inner = { $ref: `#/$defs/a${level - 1}` }
      $defs[`a${level}`] = { anyOf: [inner, inner, inner] }
    }
    const check = compileSchema({ $defs, items: { $ref: '#/$defs/a18' } })
    expect(() => check(['x'])).toThrow('it takes too long to check this value')
    expect(check([])).toBeUndefined()
  })

  it('[D10] is compiled once', () => {
    const schema = { type: 'string' }
    expect(compileSchema(schema)).toBe(compileSchema(schema))
  })

  it('[D10] does not take inherited members for own ones', () => {
    const schema = { properties: { toString: { type: 'number' } }, required: ['toString'] }
    expect(verdict(schema, {})).toBe("the key 'toString' is missing")
  })
})

describe('a schema made by Zod', () => {
  const Tree = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree)
    },
  })
  const shapes: readonly (readonly [z.ZodType, readonly unknown[]])[] = [
    [
      z.object({ score: z.number().int().min(0).max(10), why: z.string().min(1).optional() }),
      [{ score: 1 }, { score: 1, why: 'x' }, { score: 11 }, { score: 1, why: '' }, {}, 7],
    ],
    [z.array(z.string()).min(1).max(2), [[], ['a'], ['a', 'b', 'c'], [1]]],
    [z.tuple([z.string(), z.number()]), [['a', 1], ['a'], ['a', 1, 2]]],
    [z.record(z.string(), z.number()), [{ a: 1 }, { a: 'x' }, []]],
    [z.union([z.string(), z.number()]), ['a', 1, true]],
    [
      z.discriminatedUnion('t', [
        z.object({ t: z.literal('a'), x: z.number() }),
        z.object({ t: z.literal('b') }),
      ]),
      [{ t: 'a', x: 1 }, { t: 'b' }, { t: 'c' }, { t: 'a' }],
    ],
    [z.enum(['a', 'b']).nullable(), ['a', null, 'c']],
    [z.literal([1, 'x']), [1, 'x', 2]],
    [z.email(), ['a@b.org', 'a@b', 'x']],
    [z.uuid(), ['123e4567-e89b-12d3-a456-426614174000', 'x']],
    [z.iso.date(), ['2024-02-29', '2023-02-29', 'x']],
    [z.iso.datetime(), ['2024-02-29T10:00:00Z', '2024-02-29T10:00:00+02:00', 'x']],
    [z.ipv4(), ['1.2.3.4', '1.2.3.400']],
    [z.string().regex(/^[A-Z]{2}\d+$/), ['AB1', 'A1', 'AB']],
    [z.string().startsWith('a.').endsWith('z').includes('m'), ['a.mz', 'abmz', 'a.z']],
    [z.string().length(3), ['abc', 'ab']],
    [z.number().multipleOf(0.5).positive(), [1.5, 1.3, 0, -1]],
    [
      Tree,
      [
        { name: 'a', children: [{ name: 'b', children: [] }] },
        { name: 'a' },
        { name: 'a', children: [{}] },
      ],
    ],
  ]

  it.each(
    shapes.map(
      ([schema, values]) =>
        [JSON.stringify(toJsonSchema(schema)).slice(0, 60), schema, values] as const,
    ),
  )('[D10] says the same as Zod: %s', (...[, schema, values]) => {
    const check = compileSchema(toJsonSchema(schema))
    expect(values.map((value) => check(value) === undefined)).toEqual(
      values.map((value) => schema.safeParse(value).success),
    )
  })

  it('[D10] never throws on any value', () => {
    const checks = shapes.map(([schema]) => compileSchema(toJsonSchema(schema)))
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(checks.map((check) => typeof check(value))).toHaveLength(shapes.length)
      }),
    )
  })
})
