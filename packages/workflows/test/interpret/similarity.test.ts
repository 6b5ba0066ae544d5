import { describe, expect, it } from 'vitest'
import { pieces, similarity } from '../../src/interpret/similarity.ts'

describe('the pieces of a text', () => {
  it.each([
    ['nothing', '', []],
    ['nothing but spaces', ' \n ', []],
    ['a short text', ' geese fly ', ['geese fly']],
    ['a text of exactly one piece', 'x'.repeat(250), ['x'.repeat(250)]],
    ['a word that is too long', 'x'.repeat(251), ['x'.repeat(250), 'x']],
    [
      'words up to the last space that fits',
      `${'a'.repeat(200)} ${'b'.repeat(40)} ${'c'.repeat(100)}`,
      [`${'a'.repeat(200)} ${'b'.repeat(40)}`, 'c'.repeat(100)],
    ],
    ['a space at the very end of a piece', `${'a'.repeat(250)} b`, ['a'.repeat(250), 'b']],
    [
      'a space so early that the piece would be small',
      `ab ${'c'.repeat(300)}`,
      [`ab ${'c'.repeat(247)}`, 'c'.repeat(53)],
    ],
    [
      'a space in the middle, which is too early',
      `${'a'.repeat(125)} ${'c'.repeat(200)}`,
      [`${'a'.repeat(125)} ${'c'.repeat(124)}`, 'c'.repeat(76)],
    ],
    [
      'a space just after the middle',
      `${'a'.repeat(126)} ${'c'.repeat(200)}`,
      ['a'.repeat(126), 'c'.repeat(200)],
    ],
  ])('[D7] are: %s', (_, text, found) => {
    expect(pieces(text)).toEqual(found)
  })

  it('[D7] hold every word of a long text once, in order', () => {
    const words = Array.from({ length: 500 }, (_, n) => `word${n}`)
    const found = pieces(words.join('   '))
    expect(found.join(' ').split(/\s+/)).toEqual(words)
    expect(Math.max(...found.map((piece) => piece.length))).toBeLessThanOrEqual(250)
  })
})

describe('the similarity of two vectors', () => {
  it.each([
    ['the same direction', [1, 2], [2, 4], 1],
    ['opposite directions', [1, 0], [-3, 0], -1],
    ['a right angle', [1, 0], [0, 5], 0],
    ['half a right angle', [1, 0], [2, 2], Math.SQRT1_2],
    ['one without a length', [0, 0], [1, 1], 0],
    ['none at all', [], [], 0],
  ])('[D7] is the cosine: %s', (...[, a, b, cosine]) => {
    expect(similarity(a, b)).toBeCloseTo(cosine, 12)
  })

  it('[D7] cannot be told of vectors of different lengths', () => {
    const failure = {
      code: 'STEP_FAILED',
      message: 'the embedding model gave vectors of different lengths',
    }
    expect(() => similarity([1], [1, 2])).toThrow(expect.objectContaining(failure))
  })
})
