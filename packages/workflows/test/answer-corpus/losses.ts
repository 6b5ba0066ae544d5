import type { JsonSchema } from '../../src/index.ts'
import type { Family } from './sample.ts'

const counted: JsonSchema = {
  type: 'object',
  properties: { a: { type: 'number' }, b: {} },
  required: ['a'],
}

const texts: JsonSchema = { type: 'array', items: { type: 'string' } }

const least: JsonSchema = { type: 'number', minimum: 0 }

const most: JsonSchema = { type: 'number', maximum: 100 }

const integer: JsonSchema = { type: 'integer' }

const LARGE = 'too large to be kept'

const DOUBLED = 'two members of one name'

/** Where a value says less than its text, or the text takes it back. */
export const LOSSES: readonly Family[] = [
  {
    schema: counted,
    samples: [
      { about: 'a number beyond all', text: '{"a":1e400}', refused: LARGE },
      { about: 'one with a sign', text: '{"a": 1E+400}', refused: LARGE },
      { about: 'one of many digits', text: `{"a": ${'9'.repeat(400)}}`, refused: LARGE },
      { about: 'one in a Python dictionary', text: "{'a': 1e400}", refused: LARGE },
      { about: 'one in what is mended', text: '{a: 1e400}', refused: LARGE },
      { about: 'one in a member that nobody asked for', text: '{"a":1,"b":1e400}', refused: LARGE },
      { about: 'a large one that is kept', text: '{"a":1e300}', value: { a: 1e300 } },
      { about: 'one in a text', text: '{"a":1,"b":"1e400"}', value: { a: 1, b: '1e400' } },
      { about: 'a member twice', text: '{"a":1,"a":2}', refused: DOUBLED },
      { about: 'a member twice, inside', text: '{"a":1,"b":[{"c":1,"c":1}]}', refused: DOUBLED },
      { about: 'a member twice in Python', text: "{'a': 1, 'a': 2}", refused: DOUBLED },
      { about: 'a member twice without quotes', text: '{a: 1, a: 2}', refused: DOUBLED },
      { about: 'a member twice in a fence', text: '```\n{"a":1,"a":2}\n```', refused: DOUBLED },
      {
        about: 'a text that looks like a member',
        text: String.raw`{"a":1,"b":"\"a\": 2, 'a':"}`,
        value: { a: 1, b: `"a": 2, 'a':` },
      },
      {
        about: 'members of one name in several objects',
        text: '{"a":1,"b":[{"a":1},{"a":1}]}',
        value: { a: 1, b: [{ a: 1 }, { a: 1 }] },
      },
      {
        about: 'a value that is wrong',
        text: 'Wrong: {"a":1}. I cannot say what is right.',
        refused: 'no JSON',
      },
      { about: 'a value that is not it', text: 'The answer is not {"a":1}', refused: 'no JSON' },
      {
        about: 'a fence that is not it',
        text: 'The answer is not\n```json\n{"a":1}\n```',
        refused: 'no JSON',
      },
      {
        about: 'a value that is not it, and one that is',
        text: 'It is not {"a":1}, it is {"a":2}.',
        value: { a: 2 },
      },
      {
        about: 'a value that is taken back',
        text: '{"a":1} Actually, {"a":2}',
        value: { a: 2 },
      },
      {
        about: 'a fence that is taken back',
        text: '```json\n{"a":1}\n```\nWait, no.',
        refused: 'no JSON',
      },
      {
        about: 'words after a value',
        text: '{"a":1}\nNo further comment. Actually nothing.',
        value: { a: 1 },
      },
      { about: 'a denial of something else', text: 'It is not easy. {"a":1}', value: { a: 1 } },
      {
        about: 'doubt before a value',
        text: 'I\'m not sure, but I would say: {"a":1}',
        value: { a: 1 },
      },
    ],
  },
  {
    schema: least,
    samples: [
      { about: 'infinity', text: '1e999', refused: LARGE },
      { about: 'infinity in bold', text: '**1e999**', refused: 'no JSON' },
      { about: 'infinity in quotes', text: '"1e999"', refused: 'expected' },
      { about: 'infinity in a wrapping', text: '{"answer": 1e999}', refused: LARGE },
    ],
  },
  {
    schema: most,
    samples: [{ about: 'infinity below nothing', text: '-1e999', refused: LARGE }],
  },
  {
    schema: integer,
    samples: [
      { about: 'a number that is taken back', text: '```\n5\n```\nActually, no: 6', refused: '' },
      { about: 'a number with a remark', text: '```\n5\n```\nNow you know.', value: 5 },
      { about: 'bold digits that are lost', text: '**12345678901234567890**', refused: 'no JSON' },
    ],
  },
  {
    schema: texts,
    samples: [
      {
        about: 'a list that is advised against',
        text: 'I would not use these:\n1. foo\n2. bar',
        refused: '',
      },
      {
        about: 'a list in brackets that is advised against',
        text: 'I wouldn\'t recommend these: ["foo"]',
        refused: '',
      },
      {
        about: 'a list under what it is about',
        text: 'Birds that do not fly:\n1. kiwi\n2. emu',
        value: ['kiwi', 'emu'],
      },
      { about: 'what is to avoid', text: '{"examples_to_avoid":["a"]}', refused: 'expected' },
    ],
  },
]
