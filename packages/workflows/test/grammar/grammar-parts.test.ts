import { describe, expect, it } from 'vitest'
import { exclusive, formPiece, listPiece } from '../../src/grammar/grammar-parts.ts'

function some(min: number, max = Infinity): { readonly min: number; readonly max: number } {
  return { min, max }
}
const more = '("," " "? z)'

describe('the items of a list', () => {
  it.each([
    ['any number of them', [], 'z', some(0), `(z ${more}*)?`],
    ['one at least', [], 'z', some(1), `(z ${more}*)`],
    ['two or three', [], 'z', some(2, 3), `(z ${more}{1,2})`],
    ['one at most', [], 'z', some(0, 1), '(z)?'],
    ['exactly one', [], 'z', some(1, 1), '(z)'],
    ['none at all', [], 'z', some(0, 0), '""'],
    ['none, as nothing may be there', [], undefined, some(0), '""'],
  ])('[D10] are %s', (...[, first, rest, bounds, piece]) => {
    expect(listPiece(first, rest, bounds)).toBe(piece)
  })

  it.each([
    ['one needed, one not', ['a', 'b'], undefined, some(1), '(a ("," " "? b "")?)'],
    ['two needed', ['a', 'b'], undefined, some(2), '(a ("," " "? b ""))'],
    ['none needed', ['a', 'b'], undefined, some(0), '(a ("," " "? b "")?)?'],
    ['three needed', ['a', 'b', 'c'], undefined, some(3), '(a ("," " "? b ("," " "? c "")))'],
    [
      'two of three needed',
      ['a', 'b', 'c'],
      undefined,
      some(2),
      '(a ("," " "? b ("," " "? c "")?))',
    ],
    ['others after them', ['a'], 'z', some(1), `(a (${more}*))`],
    ['some others after them', ['a'], 'z', some(2, 3), `(a (${more}{1,2}))`],
    ['no others, as there may be no more', ['a'], 'z', some(1, 1), '(a "")'],
  ])('[D10] have places of their own: %s', (...[, first, rest, bounds, piece]) => {
    expect(listPiece(first, rest, bounds)).toBe(piece)
  })
})

describe('what a pattern or form makes of a text', () => {
  it.each([
    ['nothing', {}, []],
    [
      'a pattern beside lengths',
      { pattern: '^a$', minLength: 1, maxLength: 2 },
      ['minLength', 'maxLength'],
    ],
    ['a pattern that a grammar cannot say', { pattern: '^\\bA', minLength: 1 }, ['pattern']],
    ['a form beside a length', { format: 'date', minLength: 1 }, ['minLength']],
    ['a form that nobody knows', { format: 'shape' }, ['format']],
    ['a form that every object has', { format: 'constructor' }, ['format']],
    ['a form that is no text', { format: 7 }, ['format']],
  ])('[D10] leaves unsaid: %s', (_, schema, unsaid) => {
    expect(formPiece(schema).unsaid).toEqual(unsaid)
  })

  it('[D10] is any text where there is neither', () => {
    expect(formPiece({ minLength: 1 })).toEqual({ piece: undefined, unsaid: [] })
    expect(formPiece({ format: 'date' }).piece).toContain('[0-9]')
  })
})

/** A schema whose kind is fixed. */
function fixed(kind: unknown, others: object = {}): object {
  return { properties: { kind: { const: kind }, a: {} }, required: ['kind'], ...others }
}

describe('alternatives', () => {
  it.each([
    ['have different types', [{ type: 'string' }, { type: 'null' }]],
    ['have a key with different fixed values', [fixed('a'), fixed('b'), fixed(7)]],
  ])('[D10] exclude each other where they %s', (_, parts) => {
    expect(exclusive(parts)).toBe(true)
  })

  it.each([
    ['have the same type', [{ type: 'string' }, { type: 'string' }]],
    ['may both be whole numbers', [{ type: 'number' }, { type: 'integer' }]],
    ['have several types each', [{ type: ['string'] }, { type: ['null'] }]],
    ['do not say their type', [{ type: 'string' }, {}]],
    ['are not all schemas', [{ type: 'string' }, true]],
    ['have the same fixed value', [fixed('a'), fixed('a')]],
    ['need not have the key', [fixed('a'), fixed('b', { required: [] })]],
    ['do not say which keys they need', [fixed('a'), fixed('b', { required: undefined })]],
    [
      'do not fix the value',
      [fixed('a'), { properties: { kind: { type: 'string' } }, required: ['kind'] }],
    ],
    ['do not all have the key', [fixed('a'), { properties: {}, required: ['kind'] }]],
    ['have no keys', [fixed('a'), { required: ['kind'] }]],
    ['have no keys in the first', [{ type: 'object' }, fixed('b')]],
  ])('[D10] may both fit where they %s', (_, parts) => {
    expect(exclusive(parts)).toBe(false)
  })
})
