import { describe, expect, it } from 'vitest'
import { KeyFilter } from '../../src/store/key-filter.ts'

describe('a filter of keys', () => {
  it('knows every key that was added, and hardly any other', () => {
    const filter = new KeyFilter()
    expect(filter.mayHave('0/step')).toBe(false)
    const keys = Array.from({ length: 100_000 }, (_, i) => `${i}/step`)
    for (const key of keys) filter.add(key)
    expect(keys.every((key) => filter.mayHave(key))).toBe(true)
    const wrong = keys.filter((key) => filter.mayHave(`${key}-2`)).length
    expect(wrong).toBeLessThan(3000)
  })
})
