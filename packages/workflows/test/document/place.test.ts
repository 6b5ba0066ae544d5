import { describe, expect, it } from 'vitest'
import { placeOf, valueAt } from '../../src/document/place.ts'

describe('a place in a document', () => {
  it.each([
    [[], ''],
    [['steps', 0, 'prompt'], 'steps[0].prompt'],
    [[0, 'a'], '[0].a'],
    [['branches', 'pro und contra', 'steps'], 'branches["pro und contra"].steps'],
    [['a"b'], String.raw`["a\"b"]`],
    [['$ref', 'x-y', '_z', 'größe', '1st'], '$ref.x-y._z.größe["1st"]'],
  ])('[D4] %j reads %s', (path, text) => {
    expect(placeOf(path)).toBe(text)
  })

  it.each([
    [[], { a: [{ b: null }] }],
    [['a', 0, 'b'], null],
    [['a', 0, 'b', 'c'], undefined],
    [['a', 1], undefined],
    [['a', 'length'], 1],
    [['a', 0, 'toString'], undefined],
    [['a', 0, 'b', 'c', 'd'], undefined],
  ])('[D4] %j holds %j', (path, value) => {
    expect(valueAt({ a: [{ b: null }] }, path)).toEqual(value)
  })

  it('[D4] in a text is none', () => {
    expect(valueAt('text', [0])).toBeUndefined()
    expect(valueAt(undefined, ['a'])).toBeUndefined()
  })
})
