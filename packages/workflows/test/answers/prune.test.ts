import { describe, expect, it } from 'vitest'
import { prune } from '../../src/answers/prune.ts'

const person = { type: 'object', properties: { name: {}, age: {} } }

describe('a value with keys that nobody asked for', () => {
  it.each([
    ['loses them', person, { name: 'Ada', age: 36, id: 7 }, { name: 'Ada', age: 36 }],
    [
      'keeps them where one is missing, as it may be misspelt',
      person,
      { name: 'Ada', aeg: 36 },
      { name: 'Ada', aeg: 36 },
    ],
    [
      'loses them in lists',
      { items: person },
      [{ name: 'a', age: 1, x: 1 }],
      [{ name: 'a', age: 1 }],
    ],
    [
      'loses them in members',
      { properties: { who: person } },
      { who: { name: 'a', age: 1, x: 1 }, y: 1 },
      { who: { name: 'a', age: 1 } },
    ],
    [
      'loses them behind a reference',
      { $ref: '#/$defs/p', $defs: { p: person } },
      { name: 'a', age: 1, x: 1 },
      { name: 'a', age: 1 },
    ],
    ['keeps what no schema describes', { type: 'object' }, { a: { b: 1 } }, { a: { b: 1 } }],
    ['keeps items of a list without a schema', { type: 'array' }, [{ a: 1 }], [{ a: 1 }]],
    ['stays what it is', person, 'Ada', 'Ada'],
    ['loses what is called as in every object', { properties: {} }, { toString: 1 }, {}],
  ])('[D10] %s', (...[, schema, value, pruned]) => {
    expect(prune(value, schema)).toEqual(pruned)
  })
})
