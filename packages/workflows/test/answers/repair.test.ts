import { describe, expect, it } from 'vitest'
import { repair } from '../../src/answers/repair.ts'

describe('JSON that is slightly wrong', () => {
  it.each([
    ['a missing comma', '["a" "b"]', ['a', 'b']],
    ['missing closing brackets', '{"a": ["b"', { a: ['b'] }],
    [
      'a closing bracket too few among several',
      '{"a": {"b": 1}, "c": [1, 2]',
      { a: { b: 1 }, c: [1, 2] },
    ],
    ['keys without quotes', '{a: 1, b: {c: 2}}', { a: 1, b: { c: 2 } }],
    ['single quotes', "{'a': 'b'}", { a: 'b' }],
    ['a line break in a text', '["a\nb"]', ['a\nb']],
    ['escapes that are right', String.raw`["a\tb\nc\rd" "\u0041\u00e9\\"]`, ['a\tb\nc\rd', 'Aé\\']],
    ['brackets inside a text', '["a] [b", "{" ,]', ['a] [b', '{']],
    ['spaces after the end', '["a" "b"]  \n', ['a', 'b']],
    [
      'a key that begins like a word of other languages',
      '{nanny: 1, undefineds: 2}',
      { nanny: 1, undefineds: 2 },
    ],
  ])('[D10] is mended: %s', (_, span, value) => {
    expect(repair(span, false)).toEqual({ ok: true, value })
  })

  it.each([
    ['a text that is cut', '["a", "b', 'in the middle'],
    ['a text in single quotes that is cut', "['a', 'b", 'in the middle'],
    ['an end after a comma', '["a", ', 'in the middle'],
    ['an end after a colon', '{"a":', 'in the middle'],
    ['an end after a bracket', '{"a": [', 'in the middle'],
    ['items left out', '["a", ...]', 'leaves items out'],
    ['items left out with one sign', '["a", …]', 'leaves items out'],
    ['no JSON at all', 'geese', 'no JSON'],
    ['what JSON has no number for', '{"a": -inf}', '-inf is no value in JSON'],
    ['a value of JavaScript', '{"a": undefined', 'undefined is no value in JSON'],
  ])('[D10] is left alone: %s', (_, span, reason) => {
    expect(repair(span, false)).toEqual({
      ok: false,
      reason: expect.stringContaining(reason) as unknown,
    })
  })

  it('[D10] [X6] is left alone where so many quotes are astray that mending would take long', () => {
    expect(repair(`["${'a "b'.repeat(64)}"]`, false).ok).toBe(true)
    const reason = 'it has too many quotes inside its texts'
    for (const span of [
      `["${'a "b'.repeat(66)}"]`,
      `['${"a 'b".repeat(66)}']`,
      `["a${' "b'.repeat(100_001)}]`,
    ]) {
      expect(repair(span, false)).toEqual({ ok: false, reason })
    }
    expect(repair(`["${"it's ".repeat(100)}" "b"]`, false).ok).toBe(true)
  })

  it('[D10] [X6] is left alone where mending would take long for other reasons', () => {
    const [circle, long] = [String.raw`["a\, "b" c"]`, `["${'x'.repeat(24 * 1024)}" "b"]`]
    expect(repair(circle, false)).toEqual({
      ok: false,
      reason: 'it has a backslash before a comma',
    })
    expect(repair(long, false)).toEqual({
      ok: false,
      reason: 'it is no JSON, and too long to be mended',
    })
    expect(repair(`["${'x'.repeat(24 * 1024 - 7)}" "b"]`, false).ok).toBe(false)
    expect(repair(`["${'x'.repeat(24 * 1024 - 8)}" "b"]`, false).ok).toBe(true)
  })

  it('[D10] keeps its dots inside a text', () => {
    expect(repair('["wait..." "…"]', false)).toEqual({ ok: true, value: ['wait...', '…'] })
  })

  it('[D10] is taken at the token limit only when nothing is open', () => {
    const reason = 'it ends in the middle'
    expect(repair('["a" "b"', true)).toEqual({ ok: false, reason })
    expect(repair('["a" "b"]', true)).toEqual({ ok: true, value: ['a', 'b'] })
    expect(repair("['a', {'b': 1}]", true)).toEqual({ ok: true, value: ['a', { b: 1 }] })
  })

  it.each([
    ['a list would end early', '["a"] "b"]'],
    ['lists would be joined', '["a"]["b"]'],
    ['texts would be joined', '["a" + "b"]'],
    ['a call would lose its name', 'callback(["a"])x'],
  ])('[D10] is left alone where mending would change it: %s', (_, span) => {
    expect(repair(span, false).ok).toBe(false)
  })
})
