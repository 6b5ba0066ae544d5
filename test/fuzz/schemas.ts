/** Schemas of every kind, to which made answers are read; the first line of a kept answer names one. */
export const SCHEMAS: Readonly<Record<string, object>> = {
  texts: { type: 'array', items: { type: 'string' } },
  numbers: { type: 'array', items: { type: 'number' } },
  number: { type: 'number', minimum: -10, multipleOf: 0.5 },
  truth: { type: 'boolean' },
  choice: { enum: ['good', 'bad', 'so so'], type: 'string' },
  short: { type: 'string', minLength: 2, maxLength: 40 },
  pattern: { type: 'string', pattern: '^([a-z]+ ?)+[.!]$' },
  json: { type: 'string', pattern: '^\\{"a":.*\\}$' },
  date: { type: 'string', format: 'date-time' },
  verdict: {
    type: 'object',
    properties: { score: { type: 'number' }, why: { type: 'string' } },
    required: ['score'],
    additionalProperties: false,
  },
  open: { type: 'object' },
  tree: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      children: { type: 'array', items: { $ref: '#' }, uniqueItems: true },
    },
    required: ['name'],
  },
  either: { anyOf: [{ type: 'string', maxLength: 20 }, { type: 'integer' }, { type: 'array' }] },
  one: {
    oneOf: [
      { type: 'object', required: ['a'] },
      { type: 'object', required: ['b'] },
    ],
  },
  anything: {},
}
