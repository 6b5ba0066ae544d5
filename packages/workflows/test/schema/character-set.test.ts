import { describe, expect, it } from 'vitest'
import {
  CLASSES,
  complement,
  inSet,
  isWord,
  LINE_ENDS,
  setOf,
  single,
} from '../../src/schema/character-set.ts'

/** Every character that one of JavaScript's classes may treat in its own way. */
const CHARACTERS = [
  ...Array.from({ length: 0x300 }, (_, code) => String.fromCodePoint(code)),
  ...Array.from({ length: 0x100 }, (_, code) => String.fromCodePoint(0x2000 + code)),
  '\u1680',
  '\u180e',
  '\u3000',
  '\ufeff',
  '中',
  '😀',
]

describe('a set of characters', () => {
  it.each(['d', 'D', 'w', 'W', 's', 'S'])('[D10] is the class \\%s of JavaScript', (name) => {
    const set = CLASSES[name] ?? setOf([])
    const pattern = new RegExp(`^\\${name}$`, 'u')
    const different = CHARACTERS.filter(
      (character) => inSet(set, character) !== pattern.test(character),
    )
    expect(different).toEqual([])
  })

  it('[D10] leaves out for a point what JavaScript leaves out', () => {
    const different = CHARACTERS.filter(
      (character) => inSet(setOf(LINE_ENDS, true), character) !== /^.$/u.test(character),
    )
    expect(different).toEqual([])
  })

  it('[D10] knows what is part of a word', () => {
    expect(CHARACTERS.filter((character) => isWord(character) !== /^\w$/.test(character))).toEqual(
      [],
    )
    expect([isWord(undefined), isWord('ab'), isWord('-a'), isWord('a-')]).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  it('[D10] tells its only character, where it has one', () => {
    const property = { ranges: [[65, 65]], properties: [/^\p{Lu}$/u], negated: false } as const
    expect(single(setOf([[65, 65]]))).toBe(65)
    expect(
      [
        setOf([[65, 66]]),
        setOf([[65, 65]], true),
        setOf([]),
        setOf([
          [65, 65],
          [67, 67],
        ]),
        property,
      ].map(single),
    ).toEqual(Array.from({ length: 5 }, () => undefined))
  })

  it.each([
    ['of nothing', [], [[0, 0x10ffff]]],
    ['of everything', [[0, 0x10ffff]], []],
    [
      'of the middle',
      [[5, 7]],
      [
        [0, 4],
        [8, 0x10ffff],
      ],
    ],
    [
      'of both ends',
      [
        [0, 3],
        [9, 0x10ffff],
      ],
      [[4, 8]],
    ],
    ['of all but the last', [[0, 0x10fffe]], [[0x10ffff, 0x10ffff]]],
    [
      'of ranges in any order',
      [
        [9, 9],
        [5, 5],
      ],
      [
        [0, 4],
        [6, 8],
        [10, 0x10ffff],
      ],
    ],
    [
      'of ranges that meet',
      [
        [5, 6],
        [7, 8],
      ],
      [
        [0, 4],
        [9, 0x10ffff],
      ],
    ],
    [
      'of ranges in ranges',
      [
        [5, 20],
        [7, 8],
      ],
      [
        [0, 4],
        [21, 0x10ffff],
      ],
    ],
  ] as const)('[D10] is what is left %s', (_, ranges, left) => {
    expect(complement(ranges)).toEqual(left)
  })
})
