import { describe, expect, it } from 'vitest'
import {
  article,
  describe as inWords,
  inside,
  invalidSchema,
  mismatch,
  mismatchText,
} from '../../src/schema/mismatch.ts'

describe('what is wrong with a value', () => {
  it('[D10] names the place, unless it is the value itself', () => {
    const wrong = mismatch('expected a number')
    expect(mismatchText(wrong)).toBe('expected a number')
    expect(mismatchText(inside('.a', inside('[3]', wrong)))).toBe('at .a[3]: expected a number')
  })

  it('[D10] is never long', () => {
    expect(mismatch('x'.repeat(400)).message).toBe('x'.repeat(400))
    expect(mismatch('x'.repeat(401)).message).toBe(`${'x'.repeat(399)}…`)
  })

  it.each([
    [[1], 'an array'],
    [{ a: 1 }, 'an object'],
    [null, 'null'],
    ['text', '"text"'],
    [undefined, 'nothing'],
    ['x'.repeat(58), `"${'x'.repeat(58)}"`],
    ['x'.repeat(59), `"${'x'.repeat(56)}…`],
  ])('[D10] shows the value in a few words: %j', (value, text) => {
    expect(inWords(value)).toBe(text)
  })

  it('[D10] names types with their article', () => {
    expect(['string', 'array', 'object', 'integer', 'null'].map(article)).toEqual([
      'a string',
      'an array',
      'an object',
      'an integer',
      'null',
    ])
  })

  it('[D10] may be the schema', () => {
    expect(invalidSchema('no type')).toMatchObject({
      code: 'INVALID_SCHEMA',
      message: 'the schema cannot be used: no type',
    })
  })
})
