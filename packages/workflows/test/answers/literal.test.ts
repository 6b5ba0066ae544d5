import { describe, expect, it } from 'vitest'
import { parseLiteral } from '../../src/answers/literal.ts'

/** A list in a list in a list … */
function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

describe('a literal of Python', () => {
  it.each([
    ['true in both spellings', '[True, true]', [true, true]],
    ['false in both spellings', '[False, false]', [false, false]],
    ['nothing in both spellings', '[None, null]', [null, null]],
    ['an empty list', '[]', []],
    ['an empty tuple', '()', []],
    ['a tuple', "('a', 1)", ['a', 1]],
    ['a comma after the last item', '[1, 2,]', [1, 2]],
    ['an empty dictionary', '{}', {}],
    ['a dictionary', '{\'a\': 1, "b": [2]}', { a: 1, b: [2] }],
    ['a comma after the last pair', "{'a': 1,}", { a: 1 }],
    ['spaces everywhere', " { 'a' : [ 1 , 2 ] , 'b' : None } ", { a: [1, 2], b: null }],
    ['line breaks between', "{\n'a':\n1\n}", { a: 1 }],
    ['whole numbers', '[0, 7, -12, 340]', [0, 7, -12, 340]],
    ['fractions', '[0.25, -1.50]', [0.25, -1.5]],
    ['powers of ten', '[1e3, 1E+10, 25e-12]', [1000, 1e10, 2.5e-11]],
    ['quotes of the other kind', `["it's", 'say "hi"']`, ["it's", 'say "hi"']],
    ['escapes', String.raw`'\n\t\r\b\f\"\'\\\/'`, '\n\t\r\b\f"\'\\/'],
    ['codes of characters', String.raw`'\x41\u00e9\u4E2D'`, 'Aé中'],
    ['an escape before text', String.raw`'a\tb'`, 'a\tb'],
    ['as deep a nesting as any answer has', nested(129), expect.anything()],
  ])('[D10] is read: %s', (_, text, value) => {
    expect(parseLiteral(text)).toEqual(value)
  })

  it.each([
    ['nothing', ''],
    ['a word', 'word'],
    ['a name without its end', '[Tru]'],
    ['more after the end', '[1] 2'],
    ['two values without a comma', '[1 2]'],
    ['a comma alone', '[,]'],
    ['a list without its end', '[1, 2'],
    ['a list with another end', '[1, 2)'],
    ['a dictionary without its end', "{'a': 1"],
    ['pairs without a comma', "{'a': 1 'b': 2}"],
    ['a pair without a colon', "{'a' 1}"],
    ['a pair with another sign', "{'a'; 1}"],
    ['a key without quotes', '{a: 1}'],
    ['a number as key', '{1: 2}'],
    ['a dictionary of values', "{'a'}"],
    ['a text without its end', "'a"],
    ['a line break in a text', "'a\nb'"],
    ['an unknown escape', String.raw`'\q'`],
    ['an escape at the end', "'\\"],
    ['half a code', String.raw`'\x4'`],
    ['a zero before a number', '[01]'],
    ['letters after a number', '[1a]'],
    ['a point after a number', '[1.]'],
    ['a version', '[1.2.3]'],
    ['a power without its number', '[1e]'],
    ['a sign alone', '[-]'],
    ['a nesting deeper than any answer', nested(130)],
    ['dictionaries nested as deep', "{'a':".repeat(130) + '1' + '}'.repeat(130)],
  ])('[D10] is refused, never guessed at: %s', (_, text) => {
    expect(parseLiteral(text)).toBeUndefined()
  })
})
