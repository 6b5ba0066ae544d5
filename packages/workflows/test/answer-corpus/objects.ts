import type { JsonSchema } from '../../src/index.ts'
import type { Family } from './sample.ts'

const grade: JsonSchema = {
  type: 'object',
  properties: { score: { type: 'number' }, why: { type: 'string' } },
  required: ['score', 'why'],
  additionalProperties: false,
}

const optional: JsonSchema = {
  type: 'object',
  properties: { title: { type: 'string' }, note: { type: 'string' } },
  required: ['title'],
  additionalProperties: false,
}

const shape: JsonSchema = {
  oneOf: [
    {
      type: 'object',
      properties: { kind: { const: 'circle' }, radius: { type: 'number' } },
      required: ['kind', 'radius'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { kind: { const: 'square' }, side: { type: 'number' } },
      required: ['kind', 'side'],
      additionalProperties: false,
    },
  ],
}

const tree: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
  required: ['name', 'children'],
  additionalProperties: false,
}

const counts: JsonSchema = { type: 'object', additionalProperties: { type: 'integer' } }

const GOOD = { score: 8, why: 'clear' }

export const OBJECTS: readonly Family[] = [
  {
    schema: grade,
    samples: [
      { about: 'plain JSON', text: '{"score": 8, "why": "clear"}', value: GOOD },
      { about: 'keys in another order', text: '{"why": "clear", "score": 8}', value: GOOD },
      { about: 'a Python dictionary', text: "{'score': 8, 'why': 'clear'}", value: GOOD },
      {
        about: 'a Python dictionary in a fence',
        text: "```\n{'score': 8, 'why': 'clear'}\n```",
        value: GOOD,
      },
      { about: 'keys without quotes', text: '{score: 8, why: "clear"}', value: GOOD },
      {
        about: 'a JavaScript object in prose',
        text: 'My grade is {score: 8, why: "clear"}.',
        value: GOOD,
      },
      { about: 'a missing brace', text: '{"score": 8, "why": "clear"', value: GOOD },
      { about: 'a missing comma', text: '{"score": 8\n"why": "clear"}', value: GOOD },
      { about: 'a comma at the end', text: '{"score": 8, "why": "clear",}', value: GOOD },
      {
        about: 'quotes inside a string',
        text: '{"score": 8, "why": "the "best" one"}',
        value: { score: 8, why: 'the "best" one' },
      },
      {
        about: 'braces inside a string',
        text: '{"score": 8, "why": "uses {x} and }"}',
        value: { score: 8, why: 'uses {x} and }' },
      },
      { about: 'a list of one', text: '[{"score": 8, "why": "clear"}]', value: GOOD },
      {
        about: 'a list of two',
        text: '[{"score": 8, "why": "a"}, {"score": 9, "why": "b"}]',
        refused: 'expected an object',
      },
      {
        about: 'an object round it',
        text: '{"result": {"score": 8, "why": "clear"}}',
        value: GOOD,
      },
      {
        about: 'a key too many',
        text: '{"score": 8, "why": "clear", "confidence": 0.9}',
        value: GOOD,
      },
      { about: 'a key missing', text: '{"score": 8}', refused: "the key 'why' is missing" },
      {
        about: 'a key misspelt',
        text: '{"score": 8, "reason": "clear"}',
        refused: "the key 'why' is missing",
      },
      {
        about: 'the number in quotes',
        text: '{"score": "8", "why": "clear"}',
        refused: 'at .score: expected a number',
      },
      { about: 'the number as a fraction', text: '{"score": 8/10, "why": "clear"}', refused: '' },
      {
        about: 'the number in words',
        text: '{"score": "eight", "why": "clear"}',
        refused: 'expected a number',
      },
      { about: 'null', text: 'null', refused: 'expected an object' },
      { about: 'an empty object', text: '{}', refused: "the key 'score' is missing" },
      { about: 'cut inside a string', text: '{"score": 8, "why": "cle', refused: 'in the middle' },
      { about: 'cut after a key', text: '{"score": 8, "why":', refused: 'in the middle' },
      { about: 'cut after a value', text: '{"score": 8,', refused: 'in the middle' },
      { about: 'cut in a number', text: '{"score": 8', refused: 'in the middle' },
      {
        about: 'a number that cannot be kept',
        text: '{"score": 9007199254740993, "why": "clear"}',
        refused: 'too large to be kept exactly',
      },
      {
        about: 'prose round it',
        text: 'Here you are: {"score": 8, "why": "clear"} Hope it helps.',
        value: GOOD,
      },
      {
        about: 'thinking with a draft',
        text: '<think>maybe {"score": 3, "why": "x"}</think>{"score": 8, "why": "clear"}',
        value: GOOD,
      },
      {
        about: 'two different ones',
        text: 'A: {"score": 1, "why": "a"} B: {"score": 2, "why": "b"}',
        refused: '2 different values',
      },
      {
        about: 'the same one twice in other orders',
        text: '{"score": 8, "why": "clear"} or {"why": "clear", "score": 8}',
        value: GOOD,
      },
      { about: 'lines of keys and values', text: 'score: 8\nwhy: clear', refused: 'no JSON' },
      {
        about: 'a template in prose',
        text: 'Fill in {score} and {why}: {"score": 8, "why": "clear"}',
        value: GOOD,
      },
      {
        about: 'the schema itself',
        text: '{"type": "object", "properties": {"score": {"type": "number"}}}',
        refused: 'missing',
      },
      {
        about: 'a value of Python',
        text: "{'score': None, 'why': 'x'}",
        refused: 'expected a number, found null',
      },
      {
        about: 'a prototype key',
        text: '{"__proto__": {"score": 1}, "score": 8, "why": "clear"}',
        value: GOOD,
      },
    ],
  },
  {
    schema: optional,
    samples: [
      { about: 'without what is optional', text: '{"title": "a"}', value: { title: 'a' } },
      {
        about: 'with what is optional',
        text: '{"title": "a", "note": "b"}',
        value: { title: 'a', note: 'b' },
      },
      {
        about: 'an unknown key beside a missing optional one',
        text: '{"title": "a", "noet": "b"}',
        refused: "the key 'noet' is not known",
      },
      {
        about: 'an unknown key beside all known ones',
        text: '{"title": "a", "note": "b", "x": 1}',
        value: { title: 'a', note: 'b' },
      },
      {
        about: 'null for what is optional',
        text: '{"title": "a", "note": null}',
        refused: 'at .note: expected a string',
      },
    ],
  },
  {
    schema: shape,
    samples: [
      {
        about: 'the first',
        text: '{"kind": "circle", "radius": 2}',
        value: { kind: 'circle', radius: 2 },
      },
      {
        about: 'the second',
        text: "{'kind': 'square', 'side': 3}",
        value: { kind: 'square', side: 3 },
      },
      {
        about: 'a mixture',
        text: '{"kind": "square", "radius": 2}',
        refused: 'none of the alternatives',
      },
    ],
  },
  {
    schema: tree,
    samples: [
      {
        about: 'a tree',
        text: '{"name": "a", "children": [{"name": "b", "children": []}]}',
        value: { name: 'a', children: [{ name: 'b', children: [] }] },
      },
      {
        about: 'a tree without its closing brackets',
        text: '{"name": "a", "children": [{"name": "b", "children": []',
        value: { name: 'a', children: [{ name: 'b', children: [] }] },
      },
      {
        about: 'a wrong leaf',
        text: '{"name": "a", "children": [{"name": 1, "children": []}]}',
        refused: 'at .children[0].name',
      },
    ],
  },
  {
    schema: counts,
    samples: [
      { about: 'any keys', text: '{"geese": 3, "swans": 2}', value: { geese: 3, swans: 2 } },
      { about: 'a value of another kind', text: '{"geese": "three"}', refused: 'at .geese' },
    ],
  },
]
