import { describe, expect, it } from 'vitest'
import { listItems } from '../../src/answers/list-items.ts'

describe('a list written line by line', () => {
  it.each([
    ['with points', '1. one\n2. two words\n3. three', ['one', 'two words', 'three']],
    ['with brackets', '1) one\n2) two', ['one', 'two']],
    [
      'up to two digits',
      Array.from({ length: 11 }, (_, n) => `${n + 1}. x${n}`).join('\n'),
      Array.from({ length: 11 }, (_, n) => `x${n}`),
    ],
    ['with wide spaces', '1.   one\n2.\ttwo', ['one', 'two']],
    ['with hyphens', '- one\n-  two', ['one', 'two']],
    ['with stars', '* one\n* two', ['one', 'two']],
    ['with dots', '• one\n• two', ['one', 'two']],
    ['after a line with a colon', 'Here they are:\n1. one\n2. two', ['one', 'two']],
    ['with empty lines and spaces around', '\n  - one  \n\n  - two\n', ['one', 'two']],
    [
      'with quotes round items',
      '1. "one"\n2. say "two"\n3. "three" or four',
      ['one', 'say "two"', '"three" or four'],
    ],
    ['with an empty text', '- ""\n- b', ['', 'b']],
  ])('[D10] is read: %s', (_, text, items) => {
    expect(listItems(text)).toEqual(items)
  })

  it.each([
    ['nothing', ''],
    ['only a line with a colon', 'Here they are:'],
    ['prose', 'one\ntwo'],
    ['numbers that do not count up', '1. one\n3. three'],
    ['numbers that begin elsewhere', '2. two\n3. three'],
    ['a line between', '1. one\nand\n2. two'],
    ['a line after it', '- one\n- two\nDone.'],
    ['a line before it without a colon', 'Here\n- one\n- two'],
    ['two kinds of bullets', '- one\n* two'],
    ['numbers without a space', '1.one\n2.two'],
    ['bullets without a space', '-one\n-two'],
    ['years', '2024. one'],
    ['numbers inside the lines', 'is 1. one\nis 2. two'],
    ['bullets inside the lines', 'a - one\na - two'],
  ])('[D10] is none: %s', (_, text) => {
    expect(listItems(text)).toBeUndefined()
  })
})
