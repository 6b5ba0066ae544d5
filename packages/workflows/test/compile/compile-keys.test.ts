import { describe, expect, it } from 'vitest'
import { listed, Names, neededKey } from '../../src/compile/compile-keys.ts'
import type { Input } from '../../src/index.ts'

const CASES: readonly (readonly [Input, string | undefined])[] = [
  ['x', 'x'],
  [{ type: 'read', key: 'x' }, 'x'],
  [{ type: 'read', key: 'x', required: true }, 'x'],
  [{ type: 'read', key: 'x', required: false }, undefined],
  [{ type: 'pop', key: 'x' }, 'x'],
  [{ type: 'peek', key: 'x', index: 0 }, 'x'],
  [{ type: 'get_all', key: 'x' }, undefined],
  [{ type: 'size', key: 'x' }, undefined],
  [{ type: 'string', value: 'x' }, undefined],
  [{ type: 'input' }, undefined],
]

function names(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `k${n}`)
}

describe('the keys of a document', () => {
  it.each(CASES)('[D7] without which %j has no value: %s', (input, key) => {
    expect(neededKey(input)).toBe(key)
  })

  it('[D4] are listed up to the twelfth', () => {
    expect(listed([])).toBe('none')
    expect(listed(names(2))).toBe("'k0', 'k1'")
    expect(listed(names(12))).toMatch(/'k11'$/)
    expect(listed(names(14))).toMatch(/^'k0', 'k1', .*'k11' and 2 more$/)
  })

  it('[D12] are those around first, then its own', () => {
    const known = new Names(['c'], new Names(['a', 'b']))
    expect([...known]).toEqual(['a', 'b', 'c'])
    expect(['a', 'c', 'd'].map((name) => known.has(name))).toEqual([true, true, false])
  })
})
