import { describe, expect, it } from 'vitest'
import { LastOnes } from '../../src/store/last-ones.ts'

describe('the last ones', () => {
  it('are as many as there is room for: the oldest give way', () => {
    const last = new LastOnes<number>(3)
    for (let n = 0; n < 5000; n++) last.set(`k${n}`, n)
    expect(last.size).toBe(3)
    expect(last.values()).toEqual([4997, 4998, 4999])
    expect([last.get('k4996'), last.get('k4997')]).toEqual([undefined, 4997])
  })

  it('keep their place when their value changes, and cost nobody his', () => {
    const last = new LastOnes<number>(2)
    last.set('a', 1)
    last.set('b', 2)
    last.set('a', 3)
    expect(last.values()).toEqual([3, 2])
    last.set('c', 4)
    expect(last.keys()).toEqual(['b', 'c'])
  })
})
