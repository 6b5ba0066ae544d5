import { describe, expect, it } from 'vitest'
import { asJson } from '../../src/views/json-output.ts'

describe('an output as JSON', () => {
  it('is itself where JSON has words for it', () => {
    const output = [{ a: 1 }, 'b', null]
    expect(asJson(output)).toEqual({ value: output, problems: [] })
  })

  it('loses only the rows that JSON has no words for, and names them', () => {
    const loop: { self?: unknown } = {}
    loop.self = loop
    expect(asJson(['a', 3n, loop, 'b'])).toEqual({
      value: ['a', null, null, 'b'],
      problems: [
        'row 2 of the output cannot be printed as JSON: it holds a BigInt',
        'row 3 of the output cannot be printed as JSON: it contains itself',
      ],
    })
  })

  it.each([
    ['NaN', Number.NaN],
    ['-Infinity', -Infinity],
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['bytes', new Uint8Array(2)],
    ['a BigInt', 1n],
  ])('is not made of %s: JSON would tell something else, without a word', (what, value) => {
    const { value: said, problems } = asJson([{ kept: 1 }, { deep: [value] }])
    expect(said).toEqual([{ kept: 1 }, null])
    expect(problems).toEqual([`row 2 of the output cannot be printed as JSON: it holds ${what}`])
  })

  it('of one value is named as such', () => {
    expect(asJson({ n: 1n })).toEqual({
      value: null,
      problems: ['the output cannot be printed as JSON: it holds a BigInt'],
    })
  })
})
