import type { JsonSchema } from '../../src/index.ts'

/** An object with these members and no others. */
export const closed = (properties: object, required: readonly string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

/** A least and a most number. */
export const bounds = [
  [undefined, undefined],
  [0, 9],
  [1, 10],
  [-3, 127],
  [7, 7],
  [-5, -2],
  [100, 2345],
  [0, undefined],
  [undefined, 0],
  [undefined, -17],
  [-1, 1],
  [999, 1001],
] as const

const some = (type: string, [minimum, maximum]: (typeof bounds)[number]): JsonSchema => ({
  type,
  ...(minimum === undefined ? {} : { minimum }),
  ...(maximum === undefined ? {} : { maximum }),
})

/** Schemas that a grammar says whole. */
export const WHOLE: readonly JsonSchema[] = [
  { type: 'string' },
  { type: 'string', minLength: 2, maxLength: 4 },
  { type: 'boolean' },
  { type: 'null' },
  { type: ['string', 'null'] },
  { type: 'array', items: { type: 'string' } },
  { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 3 },
  { type: 'array', items: { type: 'boolean' }, minItems: 1 },
  { type: 'array', items: { type: 'null' }, maxItems: 1 },
  { type: 'array', maxItems: 0 },
  { type: 'array', prefixItems: [{ type: 'boolean' }, { type: 'null' }], items: false },
  {
    type: 'array',
    prefixItems: [{ type: 'boolean' }, { type: 'null' }],
    items: false,
    minItems: 2,
  },
  {
    type: 'array',
    prefixItems: [{ type: 'boolean' }],
    items: { type: 'null' },
    minItems: 2,
    maxItems: 4,
  },
  { enum: ['a', 'b "quoted"', 1, null, { x: [1] }] },
  { const: 'only' },
  { type: 'string', enum: ['a', 7, 'b'] },
  { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 0, maximum: 5 }] },
  { oneOf: [{ type: 'string' }, { type: 'boolean' }] },
  closed({}),
  closed({ a: { type: 'string' }, b: { type: 'boolean' } }, ['a', 'b']),
  closed({ a: { type: 'boolean' }, b: { type: 'boolean' }, c: { type: 'null' } }),
  closed({ a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' }, d: { type: 'null' } }, [
    'b',
    'd',
  ]),
  closed({ a: { type: 'null' }, b: { type: 'null' } }, ['a']),
  closed({ 'a "b"\n': { type: 'null' } }, ['a "b"\n']),
  closed({ a: { type: 'null' }, gone: false }, ['a']),
  { type: 'object', additionalProperties: { type: 'boolean' } },
  {
    type: 'object',
    propertyNames: { pattern: '^[a-z]{1,3}$' },
    additionalProperties: { type: 'null' },
  },
  {
    oneOf: [
      closed({ kind: { const: 'a' }, x: { type: 'null' } }, ['kind', 'x']),
      closed({ kind: { const: 'b' } }, ['kind']),
    ],
  },
  {
    type: 'object',
    properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
    required: ['name', 'children'],
    additionalProperties: false,
  },
  { $defs: { leaf: { type: 'boolean' } }, type: 'array', items: { $ref: '#/$defs/leaf' } },
  { type: 'string', pattern: '^[A-Z]{2}-\\d{1,3}$' },
  { type: 'string', pattern: '^(yes|no|may\\.be)$' },
  { type: 'string', pattern: 'b' },
  { type: 'string', pattern: '^a|b$' },
  { type: 'string', pattern: '^["\\\\\\n\\t/]+$' },
  { type: 'string', pattern: '^[^a-z"]*$' },
  { type: 'string', pattern: '^.{2,3}$' },
  { type: 'string', pattern: '^(?:ab?)+c*$' },
  { type: 'string', format: 'date' },
  { type: 'string', format: 'date-time' },
  { type: 'string', format: 'time' },
  { type: 'string', format: 'duration' },
  { type: 'string', format: 'uuid' },
  { type: 'string', format: 'email' },
  { type: 'string', format: 'uri' },
  { type: 'string', format: 'ipv4' },
  ...bounds.map((limits) => some('integer', limits)),
  ...bounds.map((limits) => some('number', limits)),
  { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
  { type: 'number', exclusiveMinimum: -2, maximum: 2 },
  { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 5 },
  { type: 'number', exclusiveMaximum: 0 },
  {},
  { type: 'object' },
  { type: 'array' },
]
