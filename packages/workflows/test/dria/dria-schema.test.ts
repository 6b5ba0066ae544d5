import { describe, expect, it } from 'vitest'
import { WorkflowError } from '../../src/index.ts'
import { schemaFromDria } from '../../src/dria/dria-schema.ts'

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')

describe("a schema of Dria's", () => {
  const plain = {
    type: 'object',
    properties: { type: { type: 'string' }, nullable: { type: 'string' } },
    required: ['type'],
  }

  it.each([
    ['as it is', plain],
    ['with its name and settings', { name: 'x', strict: true, schema: plain }],
    ['as a response format', { type: 'json_schema', json_schema: { name: 'x', schema: plain } }],
    ['as a response format without a name', { type: 'json_schema', json_schema: plain }],
  ])('[D10] [D14] may be wrapped as model servers want it: %s', (_, wrapped) => {
    expect(schemaFromDria(wrapped)).toEqual(plain)
    expect(schemaFromDria(JSON.stringify(wrapped))).toEqual(plain)
  })

  it('[D10] [D14] keeps a member of its own that is called schema', () => {
    const own = { type: 'object', properties: { a: {} }, schema: { type: 'string' } }
    expect(schemaFromDria(own)).toEqual(own)
    expect(schemaFromDria({ type: 'x', schema: plain })).toEqual(plain)
    expect(schemaFromDria({ properties: {}, schema: plain })).toEqual(plain)
  })

  it("[D10] [D14] reads Gemini's own words, in schemas at any depth and not in values", () => {
    expect(
      schemaFromDria({
        type: 'OBJECT',
        propertyOrdering: ['a'],
        properties: {
          propertyOrdering: { type: 'STRING', nullable: true },
          b: { type: 'ARRAY', nullable: false, items: { type: 'INTEGER', nullable: true } },
          c: { anyOf: [{ type: 'NUMBER' }, { $ref: '#/$defs/D' }] },
          d: { enum: [{ type: 'KEPT' }, 'A'], default: { type: 'KEPT', nullable: true } },
          e: { const: { nullable: true }, examples: [{ type: 'KEPT' }] },
        },
        $defs: { D: { type: ['STRING', 'NULL'], nullable: 'x' }, required: { type: 'BOOLEAN' } },
        definitions: { nullable: { type: 'STRING' } },
        required: ['b'],
      }),
    ).toEqual({
      type: 'object',
      properties: {
        propertyOrdering: { type: ['string', 'null'] },
        b: { type: 'array', items: { type: ['integer', 'null'] } },
        c: { anyOf: [{ type: 'number' }, { $ref: '#/$defs/D' }] },
        d: { enum: [{ type: 'KEPT' }, 'A'], default: { type: 'KEPT', nullable: true } },
        e: { const: { nullable: true }, examples: [{ type: 'KEPT' }] },
      },
      $defs: { D: { type: ['STRING', 'NULL'] }, required: { type: 'boolean' } },
      definitions: { nullable: { type: 'string' } },
      required: ['b'],
    })
  })

  it.each(['a', 'ab', 'abc', 'abcd', 'a|b+/', 'ÄÖ€😀', '>>?>??', '\u{0}\u{7f}', '\\d{4}-\\d{2}'])(
    '[D10] [D14] may be a regular expression in base64, which the whole answer matches: %j',
    (expression) => {
      const given = base64(expression)
      expect(schemaFromDria(given)).toEqual({ type: 'string', pattern: `^(?:${expression})$` })
    },
  )

  it.each([
    ['a word with a space', 'no schema'],
    ['base64 with more after its end', 'YQ==YQ=='],
    ['base64 with too long an end', 'YQ==='],
    ['base64 with a line before', '\nYQ=='],
    ['bytes that are no text', '/w=='],
    ['a list', '[1]'],
  ])('[D14] is refused where it is neither JSON nor base64: %s', (_, text) => {
    expect(() => schemaFromDria(text)).toThrow(
      new WorkflowError(
        'INVALID_SCHEMA',
        'the schema is neither JSON nor a regular expression in base64',
      ),
    )
  })

  it('[D14] is refused where its expression is none', () => {
    expect(() => schemaFromDria(base64('(a'))).toThrow(
      expect.objectContaining({ code: 'INVALID_SCHEMA' }),
    )
  })
})
