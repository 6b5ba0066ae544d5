import { describe, expect, it } from 'vitest'
import { WorkflowError } from '../../src/index.ts'
import { setOf } from '../../src/schema/character-set.ts'
import { parsePattern } from '../../src/schema/pattern.ts'

/** The node of one character, or of one in ranges. */
function one(low: string, high = low): object {
  return { kind: 'set', set: setOf([[low.codePointAt(0) ?? 0, high.codePointAt(0) ?? 0]]) }
}

const [a, b] = [one('a'), one('b')]

describe('a pattern that is read', () => {
  it.each([
    ['nothing', '', { kind: 'sequence', parts: [] }],
    ['one character', 'a', a],
    ['characters', 'ab', { kind: 'sequence', parts: [a, b] }],
    ['alternatives', 'a|b|', { kind: 'choice', parts: [a, b, { kind: 'sequence', parts: [] }] }],
    ['a group', '((a))', a],
    ['a group without a number', '(?:ab)', { kind: 'sequence', parts: [a, b] }],
    ['a group with a name', '(?<name>a)b', { kind: 'sequence', parts: [a, b] }],
    [
      'anchors',
      '^\\b\\B$',
      {
        kind: 'sequence',
        parts: [
          { kind: 'start' },
          { kind: 'boundary', negated: false },
          { kind: 'boundary', negated: true },
          { kind: 'end' },
        ],
      },
    ],
    ['a backspace', '[\\b]', one('\b')],
    ['any of a range', '[a-c]', one('a', 'c')],
    ['a range of one', '[a-a]', a],
    ['escapes', '\\x61', a],
    ['a code of four digits', '\\u0061', a],
    ['a code in braces', '\\u{61}', a],
    ['the last code there is', '\\u{10FFFF}', one('\u{10FFFF}')],
    ['an escaped sign', '\\-', one('-')],
    [
      'a hyphen at the end of a class',
      '[a-]',
      {
        kind: 'set',
        set: setOf([
          [97, 97],
          [45, 45],
        ]),
      },
    ],
  ])('[D10] is %s', (_, source, node) => {
    expect(parsePattern(source)).toEqual(node)
  })

  it.each([
    ['a*', 0, Infinity],
    ['a+', 1, Infinity],
    ['a?', 0, 1],
    ['a*?', 0, Infinity],
    ['a{3}', 3, 3],
    ['a{3,}', 3, Infinity],
    ['a{3,12}', 3, 12],
    ['a{1000}', 1000, 1000],
    ['a{0,1000}', 0, 1000],
    ['a{1000,}', 1000, Infinity],
  ])('[D10] repeats: %s', (source, min, max) => {
    expect(parsePattern(source)).toEqual({ kind: 'repeat', part: a, min, max })
  })

  it('[D10] may be as long and as deep as allowed', () => {
    expect(parsePattern(`${'('.repeat(32)}a${')'.repeat(32)}`)).toEqual(a)
    expect(parsePattern('a'.repeat(4096))).toMatchObject({ kind: 'sequence' })
  })

  it.each([
    ['a{1001}', 'it repeats more than 1000 times'],
    ['a{1001,}', 'it repeats more than 1000 times'],
    ['a{0,1001}', 'it repeats more than 1000 times'],
    ['a{2,1}', '{2,1} is out of order'],
    ['a{}', "'{}' is no count"],
    ['a{x}', "'{x}' is no count"],
    ['a{1x}', "'{1x}' is no count"],
    ['a{1,x}', "'{1,x}' is no count"],
    ['a{x1}', "'{x1}' is no count"],
    ['a{123456}', "'{123456}' is no count"],
    ['^*', 'an anchor cannot be repeated'],
    ['$+', 'an anchor cannot be repeated'],
    ['\\b?', 'an anchor cannot be repeated'],
    ['\\B{2}', 'an anchor cannot be repeated'],
    ['*', "there is nothing to repeat before '*'"],
    ['a|+', "there is nothing to repeat before '+'"],
    ['(?', 'look-ahead cannot be checked in bounded time'],
    ['(?<=a)', 'look-behind cannot be checked in bounded time'],
    ['(a', 'a group is not closed'],
    ['a)', "there is a ')' without its beginning"],
    ['\\1', 'back-references cannot be checked in bounded time'],
    ['\\q', "'\\q' is not known"],
    ['\\x6', "'6' is no hexadecimal code"],
    ['\\xg1', "'g1' is no hexadecimal code"],
    ['\\x1g', "'1g' is no hexadecimal code"],
    ['\\u006', "'006' is no hexadecimal code"],
    ['\\u{}', "'\\u{}' is no character"],
    ['\\u{x61}', "'\\u{x61}' is no character"],
    ['\\u{61x}', "'\\u{61x}' is no character"],
    ['\\u{0000061}', "'\\u{0000061}' is no character"],
    ['\\u{110000}', "'\\u{110000}' is no character"],
    ['\\pL', "'\\p' needs a name in braces"],
    ['\\p{Nope}', "the property 'Nope' is not known"],
    ['[\\P{L}]', "'\\P' cannot stand in a class"],
    ['[b-a]', 'a range is out of order'],
    ['[\\d-z]', 'a range is out of order'],
    ['[a-\\d]', 'a range is out of order'],
    ['[a', 'it ends too early'],
    ['a'.repeat(4097), 'it is longer than 4096 characters', `${'a'.repeat(57)}…`],
    [`${'('.repeat(33)}a`, 'it is nested too deeply'],
    [`*${'a'.repeat(59)}`, "there is nothing to repeat before '*'"],
    [`*${'a'.repeat(60)}`, "there is nothing to repeat before '*'", `*${'a'.repeat(56)}…`],
  ])('[D10] is refused, as it is shown: %s', (source, reason, shown = source) => {
    expect(() => parsePattern(source)).toThrow(
      new WorkflowError('INVALID_SCHEMA', `the pattern ${shown} cannot be used: ${reason}`),
    )
  })
})
