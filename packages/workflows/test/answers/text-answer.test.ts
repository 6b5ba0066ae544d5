import { describe, expect, it } from 'vitest'
import { answerReader } from '../../src/answers/answer.ts'

const choice = { type: 'string', enum: ['Good', 'bad', 'so so'] }
const json = { type: 'string', pattern: '^\\{"a": ?[^}]*\\}$' }

describe('an answer that is a text of a certain form', () => {
  it.each([
    ['as it stands', choice, 'Good', 'Good'],
    ['with spaces around', choice, ' bad\n', 'bad'],
    ['as a JSON string', choice, '"bad"', 'bad'],
    ['in a fence', choice, '```\nbad\n```', 'bad'],
    ['with marks round it', choice, '**"bad"**.', 'bad'],
    ['in other letters', choice, '_GOOD!_', 'Good'],
    ['in a bracket', choice, '(so so)', 'so so'],
    ['the one that a schema allows', { type: 'string', const: 'Yes' }, 'yes.', 'Yes'],
    ['JSON that the pattern asks for', json, '{"a":1}', '{"a":1}'],
    ['that JSON with its spaces', json, '{ "a": 1 }', '{"a":1}'],
    ['that JSON in prose', json, 'So: {"a": "x"}, as asked.', '{"a": "x"}'],
    ['a short text', { type: 'string', maxLength: 5 }, '"short"', 'short'],
  ])('[D10] is read: %s', (...[, schema, text, value]) => {
    expect(answerReader(schema).read(text, 'stop')).toEqual({ ok: true, value })
  })

  it.each([
    ['another word', choice, 'fine'],
    ['the word in a sentence', choice, 'It is good, I think'],
    ['both words', choice, 'good bad'],
    ['two fences that differ', choice, '```\nGood\n```\n```\nbad\n```'],
    ['a number that spells no text', { type: 'string', maxLength: 1 }, '17'],
    ['words that differ only in their letters', { type: 'string', enum: ['yes', 'Yes'] }, 'YES'],
    ['two values in prose', json, '{"a":1} or {"a":2}'],
    ['a word among other marks', choice, '#bad'],
    ['a word with many marks', choice, `${'*'.repeat(2000)}bad`],
    ['null', { type: 'string', pattern: '^\\[\\]$' }, 'null'],
  ])('[D10] is refused: %s', (_, schema, text) => {
    expect(answerReader(schema).read(text, 'stop').ok).toBe(false)
  })

  it('[D10] is taken as the sentence says it where the words are the same', () => {
    expect(answerReader({ type: 'string', enum: ['yes', 'Yes'] }).read('Yes', 'stop')).toEqual({
      ok: true,
      value: 'Yes',
    })
  })
})
