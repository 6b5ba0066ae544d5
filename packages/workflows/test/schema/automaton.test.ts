import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern } from '../../src/schema/automaton.ts'

describe('a pattern', () => {
  it.each([
    ['', ['', 'a']],
    ['a', ['', 'a', 'ba']],
    ['^a$', ['a', 'aa', 'ba', 'a\n']],
    ['^(a|bc)*$', ['', 'abc', 'ab', 'bca']],
    ['^a{2}$', ['a', 'aa', 'aaa']],
    ['^a{2,}$', ['a', 'aa', 'aaaa']],
    ['^a{1,3}b?$', ['', 'a', 'aaab', 'aaaa', 'b']],
    ['^a+?b*?c$', ['ac', 'aabbc', 'bc']],
    ['^(?:ab)+$', ['ab', 'abab', 'aba']],
    ['^(?<year>\\d{4})$', ['2024', '24']],
    ['^.$', ['a', '\n', '\u2028', '🪿', 'ab']],
    ['^[abc]$', ['a', 'd']],
    ['^[^abc]$', ['a', 'd', '\n']],
    ['^[a-z0-9_-]+$', ['a-1_', 'A', 'a b']],
    ['^[\\w\\s]+$', ['a b', 'a-b']],
    ['^[^\\d]+$', ['abc', 'a1']],
    ['^[\\D5]$', ['a', '5', '6']],
    ['^[\\]\\\\^-]+$', [']\\^-', 'a']],
    ['^\\d\\D\\w\\W\\s\\S$', ['1ab- x', '1ab-xx']],
    ['^\\t\\n\\x41\\u0042\\u{43}\\0$', ['\t\nABC\0', 'x']],
    ['^\\$\\.\\*$', ['$.*', 'a']],
    ['\\bcat\\b', ['a cat!', 'concat', 'cat']],
    ['\\Bcat', ['concat', 'cat']],
    ['^\\p{Lu}\\p{Ll}+$', ['École', 'école']],
    ['^\\P{L}$', ['1', 'a']],
    ['^[\\p{L}\\d]+$', ['é1', '-']],
    ['a|b|^$', ['', 'c', 'b']],
    ['^(a?){3}a{3}$', ['aaa', 'aaaaaa', 'aa', 'aaaaaaa']],
    ['(a+)+$', ['aaaa', 'aaab']],
    ['^(|a)+$', ['', 'aaa', 'b']],
    ['^[]$', ['', 'a']],
    ['^[^]$', ['a', '\n', '']],
  ])('[D10] %s matches what JavaScript says', (pattern, texts) => {
    const expression = new RegExp(pattern, 'u')
    const matches = compilePattern(pattern)
    expect(texts.map((text) => matches(text))).toEqual(texts.map((text) => expression.test(text)))
  })

  it.each([
    ['(', 'a group is not closed'],
    ['a)', "a ')' without its beginning"],
    ['[a', 'ends too early'],
    ['*a', 'nothing to repeat'],
    ['a{,2}', 'is no count'],
    ['a{3,2}', 'out of order'],
    ['a{5000}', 'more than 1000 times'],
    ['[z-a]', 'out of order'],
    ['[\\d-z]', 'out of order'],
    ['^*', 'cannot be repeated'],
    ['(?=a)', 'look-ahead'],
    ['(?!a)', 'look-ahead'],
    ['(?<=a)', 'look-behind'],
    ['(?<!a)', 'look-behind'],
    ['(a)\\1', 'back-references'],
    ['\\k<x>', 'back-references'],
    ['\\q', "'\\q' is not known"],
    ['\\', 'ends too early'],
    ['\\x4', 'hexadecimal'],
    ['\\u{110000}', 'no character'],
    ['\\p{Nonsense}', 'is not known'],
    ['\\pL', 'needs a name in braces'],
    ['[\\P{L}]', 'cannot stand in a class'],
    [`${'('.repeat(40)}a${')'.repeat(40)}`, 'nested too deeply'],
    ['a'.repeat(5000), 'longer than 4096'],
    ['((a{100}){100}){100}', 'too large'],
  ])('[D10] %s is refused', (pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(reason)
    expect(() => compilePattern(pattern)).toThrow(
      expect.objectContaining({ code: 'INVALID_SCHEMA' }),
    )
  })

  it('[D10] that explodes elsewhere is matched in a time that grows with the text', () => {
    const matches = compilePattern('^(([a-z])+.)+[A-Z]([a-z])+$')
    expect(matches('a'.repeat(20_000))).toBe(false)
    expect(compilePattern('^(a|a)*b$')('a'.repeat(20_000))).toBe(false)
  })

  it('[D10] matches as JavaScript does, whatever it is', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      '\\w',
      '(a|b)',
      '(?:ab)',
      '(b|)',
      '\\b',
      '^',
      '$',
    )
    const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{0,3}')
    const part = fc
      .tuple(atom, quantifier)
      .map(([one, many]) => (/^[\\^$]b?$/.test(one) ? one : one + many))
    const pattern = fc
      .array(
        fc.array(part, { maxLength: 4 }).map((parts) => parts.join('')),
        { minLength: 1, maxLength: 3 },
      )
      .map((parts) => parts.join('|'))
    const text = fc
      .array(fc.constantFrom('a', 'b', '1', ' ', '\n', '-'), { maxLength: 8 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(pattern, text, (source, value) => {
        expect(compilePattern(source)(value)).toBe(new RegExp(source, 'u').test(value))
      }),
      { numRuns: 2000 },
    )
  })
})
