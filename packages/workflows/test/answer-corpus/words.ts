import type { JsonSchema } from '../../src/index.ts'
import type { Family } from './sample.ts'

const mood: JsonSchema = { type: 'string', enum: ['good', 'bad', 'Not Sure'] }

const number: JsonSchema = { type: 'number' }

const integer: JsonSchema = { type: 'integer', minimum: 1, maximum: 10 }

const truth: JsonSchema = { type: 'boolean' }

const nothing: JsonSchema = { type: ['string', 'null'] }

const short: JsonSchema = { type: 'string', maxLength: 20 }

const code: JsonSchema = { type: 'string', pattern: '^[A-Z]{2}-\\d{3}$' }

export const WORDS: readonly Family[] = [
  {
    schema: mood,
    samples: [
      { about: 'a bare word', text: 'good', value: 'good' },
      { about: 'a word in quotes', text: '"good"', value: 'good' },
      { about: 'another case', text: 'Good', value: 'good' },
      { about: 'capitals', text: 'BAD', value: 'bad' },
      { about: 'a full stop', text: 'good.', value: 'good' },
      { about: 'bold', text: '**good**', value: 'good' },
      { about: 'single quotes', text: "'bad'", value: 'bad' },
      { about: 'a fence', text: '```\ngood\n```', value: 'good' },
      { about: 'thinking', text: '<think>bad?</think>\n\ngood', value: 'good' },
      { about: 'two words', text: 'not sure', value: 'Not Sure' },
      { about: 'a sentence', text: 'The mood is good.', refused: 'expected one of' },
      { about: 'a denial before a fence', text: 'Not ```good```', refused: 'expected one of' },
      { about: 'a denial after a fence', text: '```good``` is wrong.', refused: 'expected one of' },
      {
        about: 'a denial over a fence',
        text: "It isn't:\n```\ngood\n```",
        refused: 'expected one of',
      },
      {
        about: 'anything but a fence',
        text: 'Anything but\n\n~~~\ngood\n~~~',
        refused: 'expected one of',
      },
      {
        about: 'a denial of a fence and a fence',
        text: 'Not ```good``` but:\n```\nbad\n```',
        refused: 'expected one of',
      },
      {
        about: 'a denial before, of something else',
        text: 'It is not easy. I say:\n```\ngood\n```',
        value: 'good',
      },
      {
        about: 'a denial after, of something else',
        text: 'I say ```good```.\nNo doubt.',
        value: 'good',
      },
      { about: 'a word that begins like a denial', text: 'Noted:\n```\nbad\n```', value: 'bad' },
      { about: 'a sentence with a denial', text: 'not good', refused: 'expected one of' },
      { about: 'both', text: 'good or bad', refused: 'expected one of' },
      { about: 'another word', text: 'great', refused: 'expected one of' },
      { about: 'nothing', text: '', refused: 'expected one of' },
    ],
  },
  {
    schema: number,
    samples: [
      { about: 'a number', text: '7', value: 7 },
      { about: 'a fraction', text: ' 7.25\n', value: 7.25 },
      { about: 'a negative number', text: '-3', value: -3 },
      { about: 'bold', text: '**7**', value: 7 },
      { about: 'a full stop', text: '7.', value: 7 },
      { about: 'a fence', text: '```\n7\n```', value: 7 },
      { about: 'quotes', text: '"7"', value: 7 },
      { about: 'a score of ten', text: '7/10', refused: 'no JSON' },
      { about: 'a sentence', text: 'I would say 7.', refused: 'no JSON' },
      { about: 'a sentence with two numbers', text: '7 of 10', refused: 'no JSON' },
      { about: 'a thousand with a comma', text: '1,000', refused: 'no JSON' },
      { about: 'a word', text: 'seven', refused: 'no JSON' },
      { about: 'an object round it', text: '{"score": 7}', refused: 'expected a number' },
    ],
  },
  {
    schema: integer,
    samples: [
      { about: 'within', text: '10', value: 10 },
      { about: 'above', text: '11', refused: 'at most 10' },
      { about: 'below', text: '0', refused: 'at least 1' },
      { about: 'a fraction', text: '2.5', refused: 'expected an integer' },
    ],
  },
  {
    schema: truth,
    samples: [
      { about: 'true', text: 'true', value: true },
      { about: 'Python', text: 'False', value: false },
      { about: 'a fence after the choice', text: 'True or false? ```true```', value: true },
      { about: 'a fence that is denied', text: 'Certainly not ```true```.', refused: 'no JSON' },
      { about: 'a full stop', text: 'True.', value: true },
      { about: 'bold', text: '**false**', value: false },
      { about: 'yes', text: 'Yes', refused: 'no JSON' },
      { about: 'a sentence', text: 'That is true', refused: 'no JSON' },
      { about: 'one', text: '1', refused: 'expected a boolean' },
    ],
  },
  {
    schema: nothing,
    samples: [
      { about: 'null', text: 'null', value: null },
      { about: 'a text in quotes', text: '"Paris"', value: 'Paris' },
      { about: 'a text without quotes', text: 'Paris', value: 'Paris' },
      { about: 'Python', text: 'None', value: null },
    ],
  },
  {
    schema: short,
    samples: [
      {
        about: 'a bracket in a long sentence',
        text: 'A slogan that goes on and on [short]',
        refused: 'at most 20',
      },
      { about: 'short enough', text: 'a slogan', value: 'a slogan' },
      {
        about: 'in quotes',
        text: '"exactly 20 characters"',
        value: 'exactly 20 characters'.slice(0, 21),
        refused: 'at most 20',
      },
      {
        about: 'short only without its quotes',
        text: '"twenty characters ok"',
        value: 'twenty characters ok',
      },
      { about: 'too long', text: 'a slogan that goes on and on', refused: 'at most 20 characters' },
    ],
  },
  {
    schema: code,
    samples: [
      { about: 'a code', text: 'AB-123', value: 'AB-123' },
      { about: 'a code in quotes', text: '"AB-123"', value: 'AB-123' },
      { about: 'a code in a fence', text: '```\nAB-123\n```', value: 'AB-123' },
      { about: 'another code', text: 'AB-12', refused: 'matches' },
    ],
  },
]
