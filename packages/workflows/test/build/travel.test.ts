import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toJsonSchema } from '../../src/build/travel.ts'

describe('a schema that travels', () => {
  it.each([
    ['a text', z.string(), { type: 'string' }],
    ['a text that holds another', z.string().includes('b'), { type: 'string', pattern: 'b' }],
    ['a text that begins so', z.string().startsWith('a'), { type: 'string', pattern: '^a.*' }],
    ['a text that ends so', z.string().endsWith('a'), { type: 'string', pattern: '.*a$' }],
    ['a text in small letters', z.string().lowercase(), { type: 'string', pattern: '^[^A-Z]*$' }],
    ['a text in capitals', z.string().uppercase(), { type: 'string', pattern: '^[^a-z]*$' }],
    ['a text of a pattern', z.string().regex(/^a+$/), { type: 'string', pattern: '^a+$' }],
    [
      'a pattern with the flag that is meant',
      z.string().regex(/^a+$/u),
      { type: 'string', pattern: '^a+$' },
    ],
    ['a number', z.number().min(1).max(5), { type: 'number', minimum: 1, maximum: 5 }],
    ['a choice', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
    [
      'a list',
      z.array(z.boolean()).length(2),
      { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 2 },
    ],
    ['a description', z.string().describe('a word'), { type: 'string', description: 'a word' }],
  ])('[D10] is plain JSON Schema: %s', (_, schema, json) => {
    expect(toJsonSchema(schema)).toEqual(json)
  })

  it('[D10] keeps a form that others know', () => {
    expect(toJsonSchema(z.iso.date())).toMatchObject({ type: 'string', format: 'date' })
  })

  it.each([
    ['a transform', z.string().transform(Number), 'cannot travel to a node: '],
    ['a date', z.date(), 'cannot travel to a node: '],
    [
      'a check of its own',
      z.string().refine((text) => text !== ''),
      'a check of its own (.refine)',
    ],
    [
      'one further inside',
      z.array(z.object({ a: z.string().refine(Boolean) })),
      'a check of its own',
    ],
    ['a pattern with flags', z.string().regex(/a/i), 'flags of a pattern are lost'],
    [
      'a pattern that cannot be matched safely',
      z.string().regex(/^(?=x)a$/),
      'look-ahead cannot be checked',
    ],
  ])('[D10] cannot be %s', (_, schema, message) => {
    const text: unknown = expect.stringContaining(message)
    const failure: unknown = expect.objectContaining({ code: 'INVALID_SCHEMA', message: text })
    expect(() => toJsonSchema(schema)).toThrow(failure)
  })
  it('[D10] tells why it cannot, with the cause', () => {
    const cause: unknown = expect.objectContaining({
      message: 'Transforms cannot be represented in JSON Schema',
    })
    expect(() => toJsonSchema(z.string().transform(Number))).toThrow(
      expect.objectContaining({
        message:
          'the schema cannot travel to a node: Transforms cannot be represented in JSON Schema',
        cause,
      }),
    )
  })
})
