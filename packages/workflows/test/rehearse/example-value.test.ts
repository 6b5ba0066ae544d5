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
  [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'boolean' } } }, true],
]

describe('an example of a value', () => {
  it.for(CASES)('[P12] is made from %j', ([schema, value]) => {
    expect(exampleOf(schema, 'x')).toEqual(value)
    expect(compileSchema(schema)(value)).toBeUndefined()
  })

  it('[P12] takes what the schema names', () => {
    expect(exampleOf({ type: 'string', default: 'a' }, 'x')).toBe('a')
    expect(exampleOf({ type: 'string', examples: ['b', 'c'] }, 'x')).toBe('b')
  })

  it('[P12] of a schema that names itself, or asks for monsters, is bounded', () => {
    const tree = { properties: { inner: { $ref: '#' } } }
    expect(JSON.stringify(exampleOf(tree, 'x')).length).toBeLessThan(500)
    expect(exampleOf({ type: 'array', minItems: 1e9, items: {} }, 'x')).toHaveLength(5)
    expect(String(exampleOf({ type: 'string', minLength: 1e9 }, 'x')).length).toBe(1000)
  })
})
