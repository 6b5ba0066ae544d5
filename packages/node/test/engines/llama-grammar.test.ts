import { describe, expect, it } from 'vitest'
import { express } from '../../src/engines/llama-grammar.ts'

describe('a schema for the library', () => {
  it.each([
    [{ type: 'string' }],
    [{ type: ['string', 'null'] }],
    [{ type: 'array', items: { type: 'string' }, minItems: 5 }],
    [{ enum: ['a', 'b'] }],
    [{ $ref: '#/$defs/x', $defs: { x: { type: 'string' } } }],
    [{ type: 'object', properties: { a: { const: 1 } }, additionalProperties: false }],
  ])('%o stays as it is', (schema) => {
    expect(express(schema)).toEqual(schema)
  })

  it('says oneOf where it said anyOf', () => {
    expect(express({ anyOf: [{ type: 'string' }, { type: 'null' }] })).toEqual({
      oneOf: [{ type: 'string' }, { type: 'null' }],
    })
  })

  it('loses a format that no rule knows', () => {
    expect(express({ type: 'string', format: 'email' })).toEqual({ type: 'string' })
    expect(express({ type: 'string', format: 'date' })).toEqual({ type: 'string', format: 'date' })
  })

  // The library would take each of these for "null", and the model could write nothing else.
  it.each([
    [{}],
    [true],
    [{ allOf: [{ type: 'string' }] }],
    [{ not: { type: 'string' } }],
    [{ type: 'object', properties: { a: {} } }],
    [{ anyOf: [{ type: 'string' }, {}] }],
    [{ type: 'object', patternProperties: { '^a': { type: 'string' } } }],
    [{ type: 'tuple' }],
    [{ type: 'array', items: { if: { type: 'string' } } }],
  ])('%o becomes no rule at all', (schema) => {
    expect(express(schema)).toBeUndefined()
  })
})
