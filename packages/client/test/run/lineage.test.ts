import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareLineage, innerKey, keyOf, seedOf, shortened } from '../../src/run/lineage.ts'

const lineages = fc.array(fc.nat(20), { minLength: 1, maxLength: 4 })

describe('a lineage', () => {
  it('orders rows as their inputs and scatterings were: 2 before 10, a row before its parts', () => {
    const rows = [[10], [2, 1], [2], [2, 0, 5], [0, 9]]
    expect(rows.toSorted(compareLineage)).toEqual([[0, 9], [2], [2, 0, 5], [2, 1], [10]])
  })

  it('is an order: antisymmetric, and equal only to itself', () => {
    fc.assert(
      fc.property(lineages, lineages, (a, b) => {
        expect(Math.sign(compareLineage(a, b))).toBe(-Math.sign(compareLineage(b, a)) + 0)
        expect(compareLineage(a, b) === 0).toBe(a.join('.') === b.join('.'))
      }),
    )
  })

  it('names calls: no two the same', () => {
    expect(keyOf([0, 3], 'execute')).toBe('0.3/execute')
    const long = keyOf([1], 'x'.repeat(500))
    expect(long.length).toBeLessThan(200)
    expect(long).not.toBe(keyOf([2], 'x'.repeat(500)))
    expect(long).toBe(keyOf([1], 'x'.repeat(500)))
  })
})

describe('a seed', () => {
  it('differs from row to row, try to try, run to run, and is the same for the same', () => {
    const seeds = new Set<number>()
    for (let row = 0; row < 1000; row++) {
      for (const attempt of [1, 2]) {
        for (const run of [0, 1]) seeds.add(seedOf(run, `${row}/execute`, attempt))
      }
    }
    expect(seeds.size).toBeGreaterThan(3990)
    expect(Math.min(...seeds)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...seeds)).toBeLessThan(2 ** 31)
    expect(seedOf(7, '0/a', 1)).toBe(seedOf(7, '0/a', 1))
  })
})

describe('a name that is cut', () => {
  it('[X2] is cut in no half of a character, which a file would not keep', () => {
    const long = 'x🦆'.repeat(100)
    const keys = [keyOf([10], long), shortened(`00${long}`), innerKey('0/a>', long, 'f'.repeat(43))]
    expect(keys.map((key) => key.isWellFormed())).toEqual([true, true, true])
    expect(keys.every((key) => key.includes('\ufffd'))).toBe(true)
  })
})
