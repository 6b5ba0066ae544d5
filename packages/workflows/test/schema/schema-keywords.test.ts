import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../src/index.ts'
import { mismatchText } from '../../src/schema/mismatch.ts'
import { compileSchema, faultIn } from '../../src/schema/schema.ts'

/** What is wrong with a value, or "fits". */
function verdict(schema: JsonSchema, value: unknown): string {
  const wrong = compileSchema(schema)(value)
  return wrong === undefined ? 'fits' : mismatchText(wrong)
}

const ANY = ['text', 7, true, null, [1, 1], { a: 1 }]

/** Which of the values fit. */
function fitting(schema: JsonSchema, values: readonly unknown[] = ANY): readonly unknown[] {
  return values.filter((value) => compileSchema(schema)(value) === undefined)
}

describe('a keyword of a schema', () => {
  it.each([
    ['string', ['text']],
    ['number', [7]],
    ['integer', [7]],
    ['boolean', [true]],
    ['null', [null]],
    ['array', [[1, 1]]],
    ['object', [{ a: 1 }]],
  ])('[D10] says the type: %s', (type, values) => {
    expect(fitting({ type })).toEqual(values)
  })

  it.each([
    [{ minimum: 2 }, [2, 3]],
    [{ maximum: 2 }, [1, 2]],
    [{ exclusiveMinimum: 2 }, [3]],
    [{ exclusiveMaximum: 2 }, [1]],
    [{ multipleOf: 2 }, [2]],
    [{ multipleOf: 0.5 }, [1, 2, 3]],
  ])('[D10] bounds numbers, and the bound counts or not: %j', (schema, values) => {
    expect(fitting(schema, [1, 2, 3])).toEqual(values)
  })

  it('[D10] takes for a multiple what is one but for the last bits', () => {
    expect(fitting({ multipleOf: 0.1 }, [0, 0.3, 0.7, -1.1, 1e9 + 0.1, 0.35])).toEqual([
      0,
      0.3,
      0.7,
      -1.1,
      1e9 + 0.1,
    ])
    expect(fitting({ multipleOf: 1e6 }, [1, 1e6])).toEqual([1e6])
  })

  it.each([
    [{ minLength: 2, maxLength: 3 }, ['a', 'ab', 'abc', 'abcd'], ['ab', 'abc']],
    [{ minItems: 1, maxItems: 2 }, [[], [1], [1, 2], [1, 2, 3]], [[1], [1, 2]]],
    [{ minProperties: 1, maxProperties: 1 }, [{}, { a: 1 }, { a: 1, b: 2 }], [{ a: 1 }]],
    [{ maxLength: 0 }, ['', 'a'], ['']],
  ])('[D10] counts, both bounds included: %j', (schema, values, fits) => {
    expect(fitting(schema, values)).toEqual(fits)
  })

  it.each([
    { minimum: 100 },
    { minLength: 100 },
    { pattern: '^x$' },
    { format: 'date' },
    { minItems: 100 },
    { uniqueItems: true },
    { items: false },
    { prefixItems: [false] },
    { minProperties: 100 },
    { required: ['x'] },
    { properties: { a: false } },
    { additionalProperties: false },
    { propertyNames: false },
  ])('[D10] says nothing about values of other types: %j', (schema) => {
    expect(fitting(schema)).toHaveLength(ANY.length - 1)
  })

  it('[D10] forbids what is twice only where it says so', () => {
    expect(fitting({ uniqueItems: false }, [[1, 1]])).toEqual([[1, 1]])
    expect(fitting({ uniqueItems: true }, [[1, 2], [1, '1'], []])).toEqual([[1, 2], [1, '1'], []])
    expect(verdict({ uniqueItems: true }, [[1], [1]])).toBe('expected no item twice')
  })

  it('[D10] looks at items in their places, and at the rest', () => {
    const prefixItems = [{ type: 'string' }, { type: 'null' }]
    expect(verdict({ prefixItems }, ['a'])).toBe('fits')
    expect(verdict({ prefixItems }, ['a', null, 7])).toBe('fits')
    expect(verdict({ prefixItems }, ['a', 7])).toBe('at [1]: expected null, found 7')
    expect(verdict({ prefixItems, items: { type: 'number' } }, ['a', null, 7, 'b'])).toBe(
      'at [3]: expected a number, found "b"',
    )
  })

  it('[D10] tells of a key that is not known after what is wrong in those that are', () => {
    const schema = { properties: { a: { type: 'null' } }, additionalProperties: false }
    expect(compileSchema(schema)({ b: 1, c: 1, a: null })).toEqual({
      path: '',
      message: "the key 'b' is not known",
      unknownKey: true,
    })
    expect(compileSchema(schema)({ b: 1, a: 1 })).toEqual({
      path: '.a',
      message: 'expected null, found 1',
    })
    expect(verdict({ additionalProperties: false }, {})).toBe('fits')
    expect(verdict({ additionalProperties: true }, { b: 1 })).toBe('fits')
  })

  it('[D10] asks names before values', () => {
    const schema = { propertyNames: { maxLength: 1 }, additionalProperties: { type: 'null' } }
    expect(verdict(schema, { ab: 1 })).toBe('at .ab: expected at most 1 characters, found 2')
    expect(verdict(schema, { a: 1 })).toBe('at .a: expected null, found 1')
    expect(verdict({ propertyNames: { maxLength: 1 } }, { a: 1 })).toBe('fits')
  })

  it('[D10] combines schemas', () => {
    const [text, short] = [{ type: 'string' }, { maxLength: 1 }]
    expect(fitting({ anyOf: [text, short] })).toEqual(ANY)
    expect(fitting({ oneOf: [text, short] }, ['a', 'ab', 7])).toEqual(['ab', 7])
    expect(fitting({ allOf: [text, short] }, ['a', 'ab', 7])).toEqual(['a'])
    expect(fitting({ not: text }, ['a', 7])).toEqual([7])
    expect(fitting({ anyOf: [], oneOf: [], allOf: [] })).toEqual(ANY)
    expect(verdict({ oneOf: [text, text, { type: 'null' }] }, 7)).toBe(
      'it fits none of the alternatives (expected a string, found 7; expected null, found 7)',
    )
  })

  it('[D10] may only remark', () => {
    const remarks = Object.fromEntries(
      `$schema $id $comment $defs definitions title description default examples deprecated readOnly
      writeOnly contentEncoding contentMediaType`
        .split(/\s+/)
        .map((key) => [key, {}]),
    )
    expect(fitting(remarks)).toEqual(ANY)
    expect(fitting({ items: true, additionalProperties: {} })).toEqual(ANY)
  })

  it.each([
    [{ minLength: '1' }, "'minLength' must be a whole number"],
    [{ maxItems: 1.5 }, "'maxItems' must be a whole number"],
    [{ maxProperties: [1] }, "'maxProperties' must be a whole number"],
    [{ multipleOf: -1 }, "'multipleOf' must be above 0"],
    [{ required: 'a' }, "'required' must be a list"],
    [{ prefixItems: {} }, "'prefixItems' must be a list"],
    [{ properties: { a: 7 } }, 'a schema must be an object'],
    [{ not: null }, 'a schema must be an object'],
    [{ $ref: 'x#/a' }, "'$ref' can only name a part of the same schema"],
    [{ $ref: '#a' }, "'$ref' can only name a part of the same schema"],
    [{ $ref: 7 }, "'$ref' can only name a part of the same schema"],
    [{ $ref: '#/title/length', title: 'x' }, "'#/title/length' is not there"],
  ])('[D10] is refused with the reason: %j', (schema, reason) => {
    expect(() => compileSchema(schema)).toThrow(reason)
  })

  it('[D10] may stand as deep as 40 levels and no deeper', () => {
    const deep = (levels: number): JsonSchema =>
      levels === 0 ? { type: 'string' } : { items: deep(levels - 1) }
    expect(fitting(deep(40), [[]])).toEqual([[]])
    expect(() => compileSchema(deep(41))).toThrow('it is nested deeper than 40 levels')
  })

  it('[D10] may refer to the whole from a member, over and over', () => {
    const tree = { properties: { left: { $ref: '#' }, value: { type: 'number' } } }
    expect(verdict(tree, { left: { left: { value: 1 } } })).toBe('fits')
    expect(verdict(tree, { left: { left: { value: 'x' } } })).toBe(
      'at .left.left.value: expected a number, found "x"',
    )
  })

  it('[D10] has as much time for each value as for the first', () => {
    const check = compileSchema({ items: { type: 'number' } })
    const long = Array.from({ length: 150_000 }, () => 1)
    expect([check(long), check(long)]).toEqual([undefined, undefined])
    expect(() => check([...long, ...long])).toThrow('it takes too long to check this value')
  })
})

const wrong = { frobnicate: 1 }
const reason = "the schema cannot be used: the keyword 'frobnicate' is not known"

describe('what cannot be used in a schema', () => {
  it.each<[JsonSchema, readonly PropertyKey[], string]>([
    [{ properties: { a: wrong } }, ['properties', 'a'], 'properties.a'],
    [{ prefixItems: [true, wrong] }, ['prefixItems', 1], 'prefixItems[1]'],
    [{ items: { items: wrong } }, ['items', 'items'], 'items.items'],
    [{ additionalProperties: wrong }, ['additionalProperties'], 'additionalProperties'],
    [{ propertyNames: wrong }, ['propertyNames'], 'propertyNames'],
    [{ not: wrong }, ['not'], 'not'],
    [{ allOf: [wrong, wrong] }, ['allOf', 0], 'allOf[0]'],
    [{ oneOf: [{}, { anyOf: [wrong] }] }, ['oneOf', 1, 'anyOf', 0], 'oneOf[1].anyOf[0]'],
    [
      { $defs: { a: { items: wrong } }, items: { items: { $ref: '#/$defs/a' } } },
      ['$defs', 'a', 'items'],
      '$defs.a.items',
    ],
  ])('[D10] is told with its place: %j', (schema, path, place) => {
    const error: unknown = expect.objectContaining({ code: 'INVALID_SCHEMA', message: reason })
    expect(faultIn(schema)).toEqual({ path, error })
    expect(() => compileSchema(schema)).toThrow(
      expect.objectContaining({
        code: 'INVALID_SCHEMA',
        message: `at ${place}: ${reason}`,
        cause: error,
      }),
    )
  })

  it('[D10] is told without a place where it is the whole, and not where there is nothing', () => {
    expect(() => compileSchema(wrong)).toThrow(expect.objectContaining({ message: reason }))
    expect(faultIn(wrong)).toMatchObject({ path: [] })
    const fine = { type: 'string' }
    expect(faultIn(fine)).toBeUndefined()
    expect(faultIn(fine)).toBeUndefined()
    expect(compileSchema(fine)('x')).toBeUndefined()
  })
})
