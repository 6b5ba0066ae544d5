import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../src/index.ts'
import { exampleOf } from '../../src/rehearse/example-value.ts'
import { compileSchema } from '../../src/schema/schema.ts'

const CASES: readonly (readonly [JsonSchema, unknown])[] = [
  [{}, '‹x›'],
  [{ type: 'string' }, '‹x›'],
  [{ type: 'string', maxLength: 2 }, '‹x'],
  [{ type: 'string', minLength: 5 }, '‹x›……'],
  [{ type: 'string', format: 'date' }, '2026-01-31'],
  [{ enum: ['good', 'bad'] }, 'good'],
  [{ const: 7 }, 7],
  [{ type: 'integer', minimum: 3 }, 3],
  [{ type: 'integer', exclusiveMinimum: 3 }, 4],
  [{ type: 'integer', minimum: 3, multipleOf: 5 }, 5],
  [{ type: 'number', maximum: -2 }, -2],
  [{ type: 'number' }, 1],
  [{ type: 'boolean' }, true],
  [{ type: 'null' }, null],
  [{ type: ['null', 'string'] }, '‹x›'],
  [{ type: 'array', items: { type: 'integer' } }, [1]],
  [{ type: 'array', items: {}, minItems: 2 }, ['‹x 1›', '‹x 2›']],
  [{ type: 'array', prefixItems: [{ type: 'integer' }, { type: 'boolean' }] }, [1, true]],
  [
    { properties: { name: { type: 'string' }, age: { type: 'integer' } } },
    { name: '‹name›', age: 1 },
  ],
  [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, 1],
  [{ allOf: [{ type: 'integer' }, { minimum: 4 }] }, 4],
  [{ enum: [], const: 3 }, 3],
  [{ oneOf: [{ type: 'boolean' }, { type: 'string' }] }, true],
  [{ allOf: [{ minimum: 4 }], type: 'integer' }, 4],
  [{ type: 'number', minimum: 0.5 }, 1],
  [{ type: 'number', exclusiveMinimum: 3, multipleOf: 4 }, 4],
  [{ type: 'number', exclusiveMinimum: 4, multipleOf: 4 }, 8],
  [{ type: 'number', maximum: 0.5 }, 0.5],
  [{ type: 'integer', maximum: 0.5 }, 0],
  [{ type: 'integer', maximum: 1 }, 1],
  [{ type: 'integer', maximum: 9 }, 1],
  [{ type: 'number', multipleOf: 0.25 }, 0.25],
  [{ items: { type: 'boolean' } }, [true]],
  [{ type: ['null'] }, null],
  [{ type: 'object' }, {}],
  [{ type: 'string', format: 'time' }, '12:00:00Z'],
  [{ type: 'string', format: 'date-time' }, '2026-01-31T12:00:00Z'],
  [{ type: 'string', format: 'email' }, 'someone@example.com'],
  [{ type: 'string', format: 'uri' }, 'https://example.com/'],
  [{ type: 'string', format: 'uuid' }, '00000000-0000-4000-8000-000000000000'],
  [{ $ref: '#/$defs/a~0b', $defs: { 'a~b': { type: 'boolean' } } }, true],
  [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'boolean' } } }, true],
]

describe('an example of a value', () => {
  it.for(CASES)('[P12] is made from %j', ([schema, value]) => {
    expect(exampleOf(schema, 'x')).toEqual(value)
    expect(compileSchema(schema)(value)).toBeUndefined()
  })

  it('[P12] of what cannot be found is its name', () => {
    expect(exampleOf({ $ref: 'https://example.com/' }, 'x')).toBe('‹x›')
    expect(exampleOf({ $ref: '#/$defs/a', $defs: {} }, 'x')).toBe('‹x›')
    expect(exampleOf({ $ref: '#/$defs/a/b', $defs: { a: 'text' } }, 'x')).toBe('‹x›')
    expect(exampleOf({ $ref: '#/toString' }, 'x')).toBe('‹x›')
    expect(exampleOf({ type: 'string', format: 'toString' }, 'x')).toBe('‹x›')
    expect(exampleOf({ type: 'string', format: 'url' }, 'x')).toBe('https://example.com/')
    expect(exampleOf({ type: 'number', multipleOf: 0 }, 'x')).toBe(1)
    expect(exampleOf({ properties: { a: 3 } }, 'x')).toEqual({ a: '‹a›' })
    expect(exampleOf({ type: 'object', properties: 3 }, 'x')).toEqual({})
  })

  it('[P12] takes what the schema names', () => {
    expect(exampleOf({ type: 'string', default: 'a' }, 'x')).toBe('a')
    expect(exampleOf({ type: 'string', examples: ['b', 'c'] }, 'x')).toBe('b')
  })

  it('[P12] of a schema that names itself, or asks for monsters, is bounded', () => {
    const tree = { properties: { inner: { $ref: '#' } } }
    // Each level of the tree is two: the reference and what it refers to.
    expect(JSON.stringify(exampleOf(tree, 'x'))).toBe(
      '{"inner":{"inner":{"inner":{"inner":{"inner":"‹inner›"}}}}}',
    )
    const list = { type: 'array', items: { $ref: '#' } }
    expect(JSON.stringify(exampleOf(list, 'x'))).toBe('[[[[["‹x 1 1 1 1 1›"]]]]]')
    expect(exampleOf({ type: 'array', minItems: 1e9, items: {} }, 'x')).toHaveLength(5)
    expect(String(exampleOf({ type: 'string', minLength: 1e9 }, 'x')).length).toBe(1000)
  })
})
