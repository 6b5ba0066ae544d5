import { describe, expect, it } from 'vitest'
import { closest, didYouMean } from '../src/suggestion.ts'

describe('a suggestion', () => {
  it.each([
    ['instuction', 'instruction'],
    ['Instruction', 'instruction'],
    ['topci', 'topic'],
  ])('for %s is %s', (word, meant) => {
    expect(closest(word, ['topic', 'instruction'])).toBe(meant)
  })

  it('is not made when nothing is near', () => {
    expect(closest('colour', ['topic', 'instruction'])).toBeUndefined()
    expect(didYouMean('x', [])).toBe('')
  })

  it('reads as a question', () => {
    expect(didYouMean('a', ['b'])).toBe('')
    expect(didYouMean('statsu', ['status'])).toBe(' Did you mean status?')
  })
})
