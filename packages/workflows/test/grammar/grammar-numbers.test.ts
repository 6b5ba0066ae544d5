import { describe, expect, it } from 'vitest'
import {
  boundsOf,
  hasWholeBounds,
  integerWithin,
  numberWithin,
} from '../../src/grammar/grammar-numbers.ts'

describe('the bounds of a number', () => {
  it.each([
    [{}, { min: -Infinity, max: Infinity, openMin: false, openMax: false }],
    [
      { minimum: 1, maximum: 5 },
      { min: 1, max: 5, openMin: false, openMax: false },
    ],
    [
      { exclusiveMinimum: 1, exclusiveMaximum: 5 },
      { min: 1, max: 5, openMin: true, openMax: true },
    ],
    [
      { minimum: 2, exclusiveMinimum: 1, maximum: 4, exclusiveMaximum: 5 },
      { min: 2, max: 4, openMin: false, openMax: false },
    ],
    [
      { minimum: 1, exclusiveMinimum: 1, maximum: 5, exclusiveMaximum: 5 },
      { min: 1, max: 5, openMin: true, openMax: true },
    ],
    [
      { minimum: 1, exclusiveMinimum: 2, maximum: 5, exclusiveMaximum: 4 },
      { min: 2, max: 4, openMin: true, openMax: true },
    ],
  ])('[D10] of %j', (schema, bounds) => {
    expect(boundsOf(schema)).toEqual(bounds)
  })

  it('[D10] are whole, or not there', () => {
    expect(
      [{}, { minimum: 1 }, { maximum: -3 }].map((schema) => hasWholeBounds(boundsOf(schema))),
    ).toEqual([true, true, true])
    expect(
      [{ minimum: 0.5 }, { maximum: 1.5 }, { minimum: 1, maximum: 2.5 }].map((schema) =>
        hasWholeBounds(boundsOf(schema)),
      ),
    ).toEqual([false, false, false])
  })
})

describe('the whole numbers of a grammar', () => {
  it('[D10] have at most fifteen digits without bounds', () => {
    expect(integerWithin(boundsOf({}))).toBe(
      '(("-" ([1-9] [0-9]{0,14})) | ("0" | [1-9] [0-9]{0,14}))',
    )
    expect(integerWithin(boundsOf({ minimum: 1 }))).toBe('([1-9] [0-9]{0,14})')
    expect(integerWithin(boundsOf({ minimum: 999_999_999_999_998 }))).toBe(
      `("9" ${'("9" '.repeat(13)}[8-9]${')'.repeat(14)}`,
    )
    expect(integerWithin(boundsOf({ minimum: 1e15 }))).toBeUndefined()
  })

  it.each([
    [{ minimum: 3, maximum: 5 }, '[3-5]'],
    [{ minimum: 7, maximum: 7 }, '"7"'],
    [{ minimum: 0, maximum: 9 }, '[0-9]'],
    [{ minimum: 10, maximum: 99 }, '([1-9] [0-9]{1})'],
    [{ minimum: 8, maximum: 12 }, '([8-9] | ("1" [0-2]))'],
    [{ minimum: 37, maximum: 41 }, '(("3" [7-9]) | ("4" [0-1]))'],
    [{ minimum: 30, maximum: 41 }, '(("3" [0-9]{1}) | ("4" [0-1]))'],
    [{ minimum: 37, maximum: 49 }, '(("3" [7-9]) | ("4" [0-9]{1}))'],
    [{ minimum: 15, maximum: 42 }, '(("1" [5-9]) | ([2-3] [0-9]{1}) | ("4" [0-2]))'],
    [{ minimum: 150, maximum: 299 }, '(("1" ([5-9] [0-9]{1})) | ("2" [0-9]{2}))'],
    [{ minimum: -5, maximum: -3 }, '("-" [3-5])'],
    [{ minimum: -2, maximum: 2 }, '(("-" [1-2]) | [0-2])'],
    [{ exclusiveMinimum: 3, exclusiveMaximum: 5 }, '"4"'],
    [{ minimum: 2.5, maximum: 4.5 }, '[3-4]'],
    [{ exclusiveMinimum: 2.5, exclusiveMaximum: 4.5 }, '[3-4]'],
  ])('[D10] within %j', (schema, text) => {
    expect(integerWithin(boundsOf(schema))).toBe(text)
  })

  it.each([
    { minimum: 5, maximum: 4 },
    { exclusiveMinimum: 3, exclusiveMaximum: 4 },
    { minimum: 2.2, maximum: 2.8 },
  ])('[D10] are none within %j', (schema) => {
    expect(integerWithin(boundsOf(schema))).toBeUndefined()
  })
})

describe('the numbers of a grammar', () => {
  const fraction = '("." [0-9]{1,15})?'
  const some = '("." "0"{0,7} [1-9] [0-9]{0,7})'

  it.each([
    [{ minimum: 0, maximum: 1 }, `(("0" ${fraction}) | "1")`],
    [{ minimum: 2, maximum: 2 }, '"2"'],
    [{ exclusiveMinimum: 0, maximum: 1 }, `(("0" ${some}) | "1")`],
    [{ minimum: 0, exclusiveMaximum: 1 }, `("0" ${fraction})`],
    [{ exclusiveMinimum: 0, exclusiveMaximum: 1 }, `("0" ${some})`],
    [{ exclusiveMinimum: 0, exclusiveMaximum: 2 }, `(("0" ${some}) | ("1" ${fraction}))`],
    [{ minimum: -1, maximum: 0 }, `("0" | ("-" ("0" ${some})) | ("-" "1"))`],
    [{ minimum: -1, maximum: 1 }, `(("0" ${fraction}) | "1" | ("-" ("0" ${some})) | ("-" "1"))`],
    [{ minimum: -1, exclusiveMaximum: 0 }, `(("-" ("0" ${some})) | ("-" "1"))`],
    [{ exclusiveMinimum: -2, maximum: -1 }, `("-" ("1" ${fraction}))`],
    [{ minimum: -2, maximum: -2 }, '("-" "2")'],
    [{ exclusiveMinimum: -1, maximum: 1 }, `(("0" ${fraction}) | "1" | ("-" ("0" ${some})))`],
    [{ minimum: -1, exclusiveMaximum: 1 }, `(("0" ${fraction}) | ("-" ("0" ${some})) | ("-" "1"))`],
    [{ exclusiveMinimum: -1, exclusiveMaximum: 0 }, `("-" ("0" ${some}))`],
    [{ minimum: 0, maximum: 0 }, '"0"'],
    [{ minimum: 0.5, maximum: 1.5 }, `(([0-1] ${fraction}) | "2")`],
    [{ minimum: 0 }, `(("0" | [1-9] [0-9]{0,14}) ${fraction})`],
    [{ minimum: 1 }, `(([1-9] [0-9]{0,14}) ${fraction})`],
    [{ exclusiveMinimum: 0 }, `(("0" ${some}) | (([1-9] [0-9]{0,14}) ${fraction}))`],
    [
      {},
      `((("0" | [1-9] [0-9]{0,14}) ${fraction}) | ("-" ("0" ${some})) | ("-" (([1-9] [0-9]{0,14}) ${fraction})))`,
    ],
    [{ maximum: -1 }, `("-" (([1-9] [0-9]{0,14}) ${fraction}))`],
  ])('[D10] within %j', (schema, text) => {
    expect(numberWithin(boundsOf(schema))).toBe(text)
  })

  it.each([
    { minimum: 5, maximum: 4 },
    { exclusiveMinimum: 0, exclusiveMaximum: 0 },
    { exclusiveMinimum: 2, maximum: 2 },
    { minimum: -4, maximum: -5 },
    { minimum: 1e15 },
  ])('[D10] are none within %j', (schema) => {
    expect(numberWithin(boundsOf(schema))).toBeUndefined()
  })
})
