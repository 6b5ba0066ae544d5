import { describe, expect, it } from 'vitest'
import {
  counted,
  duration,
  indented,
  oneLine,
  printable,
  rate,
  table,
} from '../../src/views/text.ts'

describe('a text from elsewhere', () => {
  it('loses escape sequences and control characters, and keeps lines and letters', () => {
    expect(printable('\u001B[2J\u001B]0;title\u0007wild\u0008 geese\r\nfly 雁\tsouth')).toBe(
      'wild geese\nfly 雁\tsouth',
    )
  })

  it('loses marks that turn the direction of writing round', () => {
    expect(printable('safe\u202Eexe.txt')).toBe('safeexe.txt')
  })

  it('fits one line, with an ellipsis for what is cut off', () => {
    expect(oneLine('  wild\n  geese  ', 20)).toBe('wild geese')
    expect(oneLine('wild geese fly south', 10)).toBe('wild gees…')
  })

  it('is not cut through the middle of a letter', () => {
    expect(oneLine('🪿🪿🪿🪿🪿🪿', 4)).toBe('🪿🪿🪿…')
  })

  it('is indented, blank lines aside', () => {
    expect(indented('a\n\nb', 2)).toBe('  a\n\n  b')
  })
})

describe('a figure', () => {
  it.each([
    [0, '0.0 s'],
    [840, '0.8 s'],
    [9_960, '10 s'],
    [59_600, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
  ])('%d ms reads %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })

  it('has as many digits as it deserves', () => {
    expect([0.44, 9.94, 12.4, 1300].map(rate)).toEqual(['0.4', '9.9', '12', '1,300'])
  })

  it('agrees with its noun', () => {
    expect([counted(1, 'task'), counted(0, 'task'), counted(1200, 'task')]).toEqual([
      '1 task',
      '0 tasks',
      '1,200 tasks',
    ])
  })
})

describe('a table', () => {
  it('aligns texts left and numbers right, and ends no line with spaces', () => {
    expect(
      table(
        ['MODEL', 'SLOTS', 'NOTE'],
        [
          ['llama3.1:8b', 12, 'fast'],
          ['x', 4, ''],
        ],
      ),
    ).toEqual(['MODEL        SLOTS  NOTE', 'llama3.1:8b     12  fast', 'x                4'])
  })

  it('without rows is its headings', () => {
    expect(table(['NODE', 'MODEL'], [])).toEqual(['NODE  MODEL'])
  })
})
