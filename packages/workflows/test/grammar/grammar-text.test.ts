import { describe, expect, it } from 'vitest'
import { literal, oneOf, patternPiece, repeated, sequence } from '../../src/grammar/grammar-text.ts'

describe('a piece of a grammar', () => {
  it('[D10] stands alone, or in brackets with others', () => {
    expect([oneOf(['a']), oneOf(['a', 'b'])]).toEqual(['a', '(a | b)'])
    expect([sequence([]), sequence(['a']), sequence(['a', 'b'])]).toEqual(['""', '(a)', '(a b)'])
    expect(literal('say "hi" \\')).toBe(String.raw`"say \"hi\" \\"`)
  })

  it.each([
    [0, Infinity, 'x*'],
    [1, Infinity, 'x+'],
    [2, Infinity, 'x{2,}'],
    [0, 1, 'x?'],
    [1, 1, 'x{1,1}'],
    [0, 2, 'x{0,2}'],
    [2, 5, 'x{2,5}'],
  ])('[D10] comes from %d to %d times', (min, max, text) => {
    expect(repeated('x', min, max)).toBe(text)
  })

  it.each([
    ['a text', '^ab$', String.raw`("\"" ([a] [b]) "\"")`],
    ['what begins so', '^a', String.raw`("\"" ([a] char*) "\"")`],
    ['what ends so', 'a$', String.raw`("\"" (char* [a]) "\"")`],
    ['what holds it', 'a', String.raw`("\"" (char* [a] char*) "\"")`],
    ['nothing but text', '^[a-z]$', String.raw`("\"" ([a-z]) "\"")`],
    ['digits', '^\\d{2,3}$', String.raw`("\"" (([0-9]){2,3}) "\"")`],
    ['other signs', '^[!~]$', String.raw`("\"" ([\x21\x7E]) "\"")`],
    ['letters of other languages', '^[é中😀]$', String.raw`("\"" ([\xE9\u4E2D\U0001F600]) "\"")`],
    [
      'the borders of letters and digits',
      '^[09AZaz/:@[`{]$',
      String.raw`("\"" ([09AZ\x2F\x3A\x40\x5Baz\x60\x7B]) "\"")`,
    ],
    ['characters that JSON escapes', '^["\\\\]$', String.raw`("\"" (("\\\"" | "\\\\")) "\"")`],
    [
      'control characters',
      '^[\\t\\n\\u0001]$',
      String.raw`("\"" (("\\n" | "\\t" | "\\u0001")) "\"")`,
    ],
    ['a backspace and a page', '^[\\b\\f]$', String.raw`("\"" (("\\b" | "\\f")) "\"")`],
    [
      'the borders of codes',
      '^[ÿĀ\uffff\u{10000}]$',
      String.raw`("\"" ([\xFF\u0100\uFFFF\U00010000]) "\"")`,
    ],
    ['nothing', '', String.raw`("\"" (char* char*) "\"")`],
    ['an empty text', '^$', String.raw`("\"" "" "\"")`],
    ['one of several', '^a$|^b$', String.raw`("\"" (([a]) | ([b])) "\"")`],
    ['one of several inside', '^(a|b)c$', String.raw`("\"" (([a] | [b]) [c]) "\"")`],
    ['repetitions', '^a*b+c?$', String.raw`("\"" (([a])* ([b])+ ([c])?) "\"")`],
    ['many repetitions', '^a{0,500}$', String.raw`("\"" (([a]){0,500}) "\"")`],
    ['many at least', '^a{500,}$', String.raw`("\"" (([a]){500,}) "\"")`],
  ])('[D10] is made of a pattern: %s', (_, pattern, piece) => {
    expect(patternPiece(pattern)).toBe(piece)
  })

  it.each([
    ['an anchor inside', 'a^b'],
    ['an end inside', '(a$)b'],
    ['the border of a word', '^a\\b'],
    ['a property of Unicode', '^\\p{L}$'],
    ['more repetitions than can be followed', '^a{501}$'],
    ['as many at most', '^a{0,501}$'],
    ['as many at least', '^a{501,}$'],
    ['a property of Unicode beside others', '^[\\p{L}1]$'],
    ['what no text has', '^[]$'],
    ['one alternative of several that it cannot say', '^a$|^\\p{L}$'],
    ['one part of several', '^a\\p{L}$'],
    ['one alternative inside', '^(a|\\p{L})$'],
  ])('[D10] cannot say: %s', (_, pattern) => {
    expect(patternPiece(pattern)).toBeUndefined()
  })
})
