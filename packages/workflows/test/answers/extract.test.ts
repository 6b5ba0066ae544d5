import { describe, expect, it } from 'vitest'
import {
  candidates,
  fencedBlocks,
  isShallow,
  looksLikeJson,
  spans,
  withoutThinking,
} from '../../src/answers/extract.ts'

describe('the places of a text where JSON may stand', () => {
  it('[D10] are the whole text, its fenced blocks, and what is in brackets', () => {
    const text = ' See:\n```json\n["a"]\n```\nor {"b": 1}. '
    expect(candidates(text)).toEqual([[text.trim()], ['["a"]'], ['["a"]', '{"b": 1}']])
  })

  it('[D10] leave out what is nested deeper than any answer', () => {
    const deep = '['.repeat(129) + ']'.repeat(129)
    expect(isShallow(deep)).toBe(false)
    expect(isShallow(deep.slice(1, -1))).toBe(true)
    expect(isShallow('{'.repeat(129))).toBe(false)
    expect(isShallow('[]{}'.repeat(1000))).toBe(true)
    expect(candidates(`\`\`\`\n${deep}\n\`\`\``)).toEqual([[], [], []])
  })

  it.each([
    ['with the name of a language', '```json\n[1]\n```', ['[1]']],
    ['with tildes', '~~~\n[1]\n~~~', ['[1]']],
    ['without its end', 'a\n```\n[1]', ['[1]']],
    ['several', '```\n1\n```\n```js\n2\n```', ['1', '2']],
    ['with a word that is no language', '```\nnot json 1```', ['not json 1']],
    ['of one line', '```yes```', ['yes']],
    ['of words that are denied before', 'So not ```yes```', []],
    ['of words that are denied after', '```yes``` is not it', []],
    ['of words in whose line something else is denied', 'It is not no. ```yes```', ['yes']],
    ['of words that are asked for', 'Not sure? ```yes``` Surely! Not no.', ['yes']],
    [
      'of JSON, whatever is denied',
      'I did not add ```[1]``` nor ```{"a": 1}```',
      ['[1]', '{"a": 1}'],
    ],
    ['of which one is denied', 'Never ```a```, rather:\n```\nb\n```\nor\n```\nc\n```', ['c']],
  ])('[D10] are fenced blocks: %s', (_, text, blocks) => {
    expect(fencedBlocks(text)).toEqual(blocks)
  })

  it.each([
    ['a list and an object', 'a [x] b {"y": 1} c', ['[x]', '{"y": 1}']],
    ['only the outermost', 'a [[1], {"b": [2]}] c', ['[[1], {"b": [2]}]']],
    ['brackets inside texts do not count', 'a ["]", \'[\'] b', ['["]", \'[\']']],
    ['an escaped quote does not end a text', String.raw`a ["\"]"] b`, [String.raw`["\"]"]`]],
    ['an apostrophe begins no text', "a [it's] b [x]", ["[it's]", '[x]']],
    ['a text after a space and a comma', "a ['x' , ']'] b", ["['x' , ']']"]],
    [
      'prose goes on after a bracket without its end',
      'a [ b {"y": 1}',
      ['[ b {"y": 1}', '{"y": 1}'],
    ],
    ['nothing inside JSON that is cut', 'a ["b", {"y": 1}', ['["b", {"y": 1}']],
    ['none', 'a b ] }', []],
    ['a list that is turned round', 'a ["x"].reverse() b', ['["x"].call()']],
    ['a list that is turned round on the next line', '["x"]\n  .map (f)', ['["x"].call()']],
    ['a list whose item is taken', '["x"][0]', ['["x"].call()']],
    ['a list that is repeated', '["x"] * 3', ['["x"].call()']],
    ['a list that is repeated, before it', '3 * ["x"]', ['["x"].call()']],
    ['lists that are joined', '["x"] + ["y"]', ['["x"].call()', '["y"].call()']],
    ['a list that is sorted', 'sorted(["x"])', ['["x"].call()']],
    ['a list that is printed', 'print(["x"])', ['["x"]']],
    ['a list in bold', '**["x"]** y', ['["x"]']],
    ['a list in an item of a list', '* ["x"]', ['["x"]']],
    ['a list in brackets', 'these (["x"]). And (z)', ['["x"]']],
    ['a list before a sentence in brackets', '["x"]. (So it is)', ['["x"]']],
  ])('[D10] are spans in prose: %s', (_, text, found) => {
    expect(spans(text)).toEqual(found)
  })

  it('[D10] are given up after many brackets without their end', () => {
    expect(spans('[ a '.repeat(31) + '[x]')).toContain('[x]')
    expect(spans('[ a '.repeat(32) + '[x]')).not.toContain('[x]')
  })

  it.each(['["a"', '[ "a"', "['a'", '[{', '[[1', '[1', '[-1', '{"a"', "{ 'a'", '{a: 1', '{ a : 1'])(
    '[D10] look like JSON: %s',
    (span) => {
      expect(looksLikeJson(span)).toBe(true)
    },
  )

  it.each(['[a', '[a "b"', '{a', '{a b: 1', '{', '[]', '(1)', ' ["a"', '{a b "c"', '[x1'])(
    '[D10] do not look like JSON: %s',
    (span) => {
      expect(looksLikeJson(span)).toBe(false)
    },
  )
})

describe('what a model says', () => {
  it.each([
    ['without thinking', ' It is 7. ', ' It is 7. '],
    ['after its thinking', '<think>7 or 8</think>\n\n8', '8'],
    ['after thinking in another word', ' <thinking>7</thinking> 8', '8'],
    ['after a thinking that began before it', '7 or 8</think>8', '8'],
    ['after thinking twice', '<think>7</think><think>8</think>9', '9'],
    ['with a tag in the middle of it', 'I <think> so', 'I <think> so'],
    ['with a tag in JSON', '["<think>"]', '["<think>"]'],
    [
      'with a tag in JSON after its thinking',
      '<think>x</think> {"a": "</think>"}',
      '{"a": "</think>"}',
    ],
  ])('[D10] is found: %s', (_, text, spoken) => {
    expect(withoutThinking(text)).toBe(spoken)
  })

  it('[D10] is nothing while it thinks', () => {
    expect(withoutThinking('<think>7 or')).toBeUndefined()
    expect(withoutThinking('<think>7</think> <think>8')).toBeUndefined()
    expect(withoutThinking('<think>a <think> b')).toBeUndefined()
  })
})
