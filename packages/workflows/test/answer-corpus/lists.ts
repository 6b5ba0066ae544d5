import type { JsonSchema } from '../../src/index.ts'
import type { Family } from './sample.ts'

const five: JsonSchema = { type: 'array', items: { type: 'string' }, minItems: 5, maxItems: 5 }

const numbers: JsonSchema = { type: 'array', items: { type: 'number' } }

const people: JsonSchema = {
  type: 'array',
  items: {
    type: 'object',
    properties: { name: { type: 'string' }, age: { type: 'integer' } },
    required: ['name', 'age'],
    additionalProperties: false,
  },
}

const texts: JsonSchema = { type: 'array', items: { type: 'string' } }

export const LISTS: readonly Family[] = [
  {
    schema: texts,
    samples: [
      {
        about: 'comments as Python has them',
        text: "```python\nvariations = ['a', 'b',  # funnier\n 'c']\n```",
        value: ['a', 'b', 'c'],
      },
      {
        about: 'comments with commas in them',
        text: "['a',  # first, plain\n 'b'] # done",
        value: ['a', 'b'],
      },
      { about: 'a hash in a text', text: "['# a', 'b # c']", value: ['# a', 'b # c'] },
      { about: 'a formatted string', text: '["a", f"b"]', refused: 'an expression' },
      { about: 'a call after it', text: '["a", "b"].reverse()', refused: 'an expression' },
      {
        about: 'a call after it, on a line of its own',
        text: 'I would write:\n["a", "b"]\n  .map((x) => x + 1)',
        refused: 'an expression',
      },
      {
        about: 'a call after it, in a fence',
        text: '```js\n["a"].concat(x)\n```',
        refused: 'an expression',
      },
      { about: 'a call that changes it', text: 'sorted(["b", "a"])', refused: 'an expression' },
      {
        about: 'a call that changes it, in a fence',
        text: '```python\nxs = sorted(["b", "a"])\n```',
        refused: 'an expression',
      },
      { about: 'calls that show it', text: 'print(json.dumps(["a", "b"]))', value: ['a', 'b'] },
      { about: 'an item of it', text: '["a", "b"][0]', refused: 'an expression' },
      { about: 'it twice', text: '["a"] * 2', refused: 'an expression' },
      { about: 'it and more', text: '["a"] + ["b"]', refused: 'an expression' },
      { about: 'it, twice as long', text: '2 * ["a"]', refused: 'an expression' },
      { about: 'items of a list', text: 'All:\n* ["a"]\n', value: ['a'] },
      {
        about: 'a value before what is done with another',
        text: 'Not ["x"], but ["a"].sort()',
        refused: 'an expression',
      },
      {
        about: 'a value after what is done with another',
        text: '["a"].sort() gives ["x"]',
        value: ['x'],
      },
      { about: 'a list in brackets of prose', text: 'My answer (["a", "b"]).', value: ['a', 'b'] },
      { about: 'a list in bold', text: '**["a"]** 2 items', value: ['a'] },
      { about: 'a full stop after it', text: 'It is ["a"]. Done (really)', value: ['a'] },
      {
        about: 'an object round it, by a name of their own',
        text: '{"haikus": ["a", "b"]}',
        value: ['a', 'b'],
      },
      {
        about: 'an object round it, by a name of an answer',
        text: '{"finalAnswer": ["a"]}',
        value: ['a'],
      },
      {
        about: 'an object round what is not the answer',
        text: '{"rejected": ["a"]}',
        refused: 'expected an array',
      },
      {
        about: 'the same in two words',
        text: '{"rejectedItems": ["a"]}',
        refused: 'expected an array',
      },
      {
        about: 'the same with a denial',
        text: '{"not_used": ["a"]}',
        refused: 'expected an array',
      },
      { about: 'a name that only begins like a denial', text: '{"notes": ["a"]}', value: ['a'] },
      { about: 'a failure', text: '{"errors": ["a"]}', refused: 'expected an array' },
      {
        about: 'two lists under names',
        text: '{"good": ["a"], "bad": ["b"]}',
        refused: 'expected an array',
      },
      { about: 'a raw string', text: "['a', r'b', 'c' 'd']", refused: 'an expression' },
      { about: 'a choice', text: '["a" if x else "c", "b"]', refused: 'an expression' },
      {
        about: 'nothing but a refusal, line by line',
        text: '- Sorry, I can not help with that.\n- As an AI I must refuse.',
        refused: 'declines',
      },
    ],
  },
  {
    schema: five,
    samples: [
      { about: 'exactly as many', text: '["a","b","c","d","e"]', value: ['a', 'b', 'c', 'd', 'e'] },
      { about: 'too few', text: '["a","b"]', refused: 'at least 5 items' },
      { about: 'too many', text: '["a","b","c","d","e","f"]', refused: 'at most 5 items' },
      {
        about: 'too few after a missing bracket',
        text: '["a","b","c","d"',
        refused: 'at least 5 items',
      },
      {
        about: 'the right one of two',
        text: 'Example ["a"]. All: ["a","b","c","d","e"]',
        value: ['a', 'b', 'c', 'd', 'e'],
      },
      {
        about: 'a numbered list of five',
        text: '1. a\n2. b\n3. c\n4. d\n5. e',
        value: ['a', 'b', 'c', 'd', 'e'],
      },
      { about: 'a numbered list of four', text: '1. a\n2. b\n3. c\n4. d', refused: 'no JSON' },
    ],
  },
  {
    schema: numbers,
    samples: [
      { about: 'numbers', text: '[1, 2.5, -3, 1e3]', value: [1, 2.5, -3, 1000] },
      { about: 'numbers in quotes', text: '["1", "2"]', refused: 'expected a number' },
      { about: 'double commas', text: '[1,2,,3]', refused: 'mending' },
      { about: 'numbers in prose', text: 'The numbers are [1, 2].', value: [1, 2] },
      { about: 'NaN', text: '[NaN]', refused: 'NaN is no value' },
      {
        about: 'more values than any answer holds',
        text: `Take ${Array.from({ length: 65 }, (_, n) => `[${n}.5]`).join(' or ')}.`,
        refused: 'more than 64 values',
      },
      { about: 'a value said very often', text: 'So: [7]. '.repeat(100), value: [7] },
      {
        about: 'remarks in brackets and a value',
        text: `${Array.from({ length: 100 }, (_, n) => `[note ${n}] `).join('')}So: [7]`,
        value: [7],
      },
      { about: 'an infinity', text: '[1, -Infinity]', refused: '-Infinity is no value' },
      {
        about: 'a number that points to a source',
        text: 'As in [1], geese fly.',
        refused: 'no JSON',
      },
      { about: 'several that do', text: 'Geese fly [1, 2] in autumn [3].', refused: 'no JSON' },
      { about: 'a source named twice', text: 'See [1]. Again, see [1].', refused: 'no JSON' },
      { about: 'sources below the answer', text: '[4, 5]\n[1] Smith, 2004', value: [4, 5] },
      { about: 'a source beside the numbers', text: 'As in [1], they are: [4, 5]', value: [4, 5] },
      { about: 'numbers on a line of their own', text: 'Sure!\n[4, 5]\nDone.', value: [4, 5] },
      { about: 'numbers that no source has', text: 'I give you [4.5, 1000].', value: [4.5, 1000] },
      { about: 'the result of a sum', text: 'So f(x) = [7] then.', value: [7] },
    ],
  },
  {
    schema: people,
    samples: [
      {
        about: 'a list of objects',
        text: '[{"name": "Ada", "age": 36}, {"name": "Bob", "age": 40}]',
        value: [
          { name: 'Ada', age: 36 },
          { name: 'Bob', age: 40 },
        ],
      },
      {
        about: 'an object round the list',
        text: '{"people": [{"name": "Ada", "age": 36}]}',
        value: [{ name: 'Ada', age: 36 }],
      },
      {
        about: 'a fraction for a whole number',
        text: '[{"name": "Ada", "age": 36.5}]',
        refused: 'at [0].age: expected an integer',
      },
      {
        about: 'a whole number with a point',
        text: '[{"name": "Ada", "age": 36.0}]',
        value: [{ name: 'Ada', age: 36 }],
      },
      {
        about: 'keys too many in the items',
        text: '[{"name": "Ada", "age": 36, "job": "x"}]',
        value: [{ name: 'Ada', age: 36 }],
      },
      {
        about: 'an object without the list',
        text: '{"name": "Ada", "age": 36}',
        refused: 'expected an array',
      },
      {
        about: 'cut between the objects',
        text: '[{"name": "Ada", "age": 36}, {"name": "Bob"',
        refused: 'missing',
      },
      {
        about: 'objects one after the other',
        text: '{"name": "Ada", "age": 36}\n{"name": "Bob", "age": 40}',
        refused: 'expected an array',
      },
    ],
  },
]
