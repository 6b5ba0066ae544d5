import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, sha256 } from '../../src/index.ts'

describe('canonical JSON', () => {
  it('[F14] has one text for equal values, whatever the order of keys', () => {
    expect(canonicalJson({ b: [1, null], a: { d: 'x', c: true } })).toBe(
      '{"a":{"c":true,"d":"x"},"b":[1,null]}',
    )
  })

  it('[F14] leaves out what is absent', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  it('[F14] sorts by code unit, as other languages do', () => {
    expect(canonicalJson({ é: 1, z: 2, Z: 3, '10': 4, '9': 5 })).toBe(
      '{"10":4,"9":5,"Z":3,"z":2,"é":1}',
    )
  })

  it.each([
    ['a function', () => 1],
    ['NaN', Number.NaN],
    ['Infinity', [Infinity]],
    ['a symbol', { a: Symbol('x') }],
    ['a bigint', 1n],
    ['undefined in a list', [undefined]],
  ])('refuses what is no JSON: %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(
      expect.objectContaining({ code: 'INVALID_DOCUMENT' }),
    )
  })

  it('refuses a value that contains itself, and takes one that comes twice', () => {
    const twice = { x: 1 }
    expect(canonicalJson([twice, twice])).toBe('[{"x":1},{"x":1}]')
    const circle: Record<string, unknown> = {}
    circle['self'] = [circle]
    expect(() => canonicalJson(circle)).toThrow('contains itself')
  })

  it('[F14] is JSON of the same value, equal for every order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(shuffled(value))).toBe(text)
      }),
    )
  })
})

/** The same value with its keys the other way round. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    return items.map(shuffled)
  }
  if (typeof value !== 'object' || value === null) return value
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value)
  // Not by assignment: `__proto__` is a key like any other.
  return Object.fromEntries(entries.toReversed().map(([key, member]) => [key, shuffled(member)]))
}

describe('sha256', () => {
  it('[F14] is that of the text in UTF-8', () => {
    for (const text of ['', 'abc', 'gänse 🪿']) {
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'))
    }
  })
})
