import { describe, expect, it } from 'vitest'
import { circlesOf } from '../../src/check/circles.ts'
import { quoted } from '../../src/check/finding.ts'

/** The circles of a graph, each in order. */
function circles(next: readonly (readonly number[])[], start: number): readonly number[][] {
  return circlesOf(next, start).map((members) => members.toSorted((a, b) => a - b))
}

describe('the circles of a graph', () => {
  it.each([
    ['none on a way', [[1], [2], []], []],
    ['one place that leads to itself', [[1], [1, 2], []], [[1]]],
    ['a place alone is none', [[1], []], []],
    ['two places', [[1], [0, 2], []], [[0, 1]]],
    ['two circles that share a place', [[1, 2], [0], [0]], [[0, 1, 2]]],
    [
      'two circles apart',
      [[1], [0, 2], [3], [2]],
      [
        [2, 3],
        [0, 1],
      ],
    ],
    ['not those that are never reached', [[1], [], [3], [2]], []],
    ['ways that meet again', [[1, 2], [3], [3], []], []],
  ])('[D15] %s', (_, next, found) => {
    expect(circles(next, 0)).toEqual(found)
  })

  it('[D15] of a long way do not exhaust the stack', () => {
    const count = 50_000
    const next = Array.from({ length: count }, (_, place) => [(place + 1) % count])
    expect(circles(next, 7)[0]).toHaveLength(count)
  })
})

describe('names in a sentence', () => {
  it('[D15] are quoted up to the sixth', () => {
    expect(quoted(['a'])).toBe("'a'")
    expect(quoted(['a', 'b', 'c', 'd', 'e', 'f'])).toBe("'a', 'b', 'c', 'd', 'e', 'f'")
    expect(quoted(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])).toBe(
      "'a', 'b', 'c', 'd', 'e', 'f' and 2 more",
    )
  })
})
