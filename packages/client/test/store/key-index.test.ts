import { describe, expect, it } from 'vitest'
import { hashOfKey, KeyIndex } from '../../src/store/key-index.ts'

describe('an index of keys', () => {
  it('finds the batch of every key, and hardly ever one for a key that nobody added', () => {
    const index = new KeyIndex()
    expect(index.find(hashOfKey('0/step'))).toEqual([])
    const keys = Array.from({ length: 100_000 }, (_, i) => `${i}/step`)
    for (const [i, key] of keys.entries()) index.add(hashOfKey(key), 1 + Math.floor(i / 300))
    const missed = keys.filter(
      (key, i) => !index.find(hashOfKey(key)).includes(1 + Math.floor(i / 300)),
    )
    expect(missed).toEqual([])
    const wrong = keys.filter((key) => index.find(hashOfKey(`${key}-2`)).length > 0).length
    expect(wrong).toBeLessThan(20)
  })

  it('gives all batches that hold a key, each once, the latest first', () => {
    const index = new KeyIndex()
    for (const batch of [3, 7, 5, 7]) index.add(42, batch)
    index.add(42 + 64, 9)
    expect(index.find(42)).toEqual([7, 5, 3])
  })
})
