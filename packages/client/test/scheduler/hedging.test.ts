import { describe, expect, it } from 'vitest'
import { hedgeBudget, isStalled, isWorthHedging } from '../../src/scheduler/hedging.ts'

describe('doubling a running task', () => {
  it('is worth it where the idle node would be done sooner, as far as one can tell', () => {
    // Half done on a node that is eight times slower.
    expect(isWorthHedging([{ ageMs: 4000, usualMs: 8000 }], 1000)).toBe(true)
    // Twice as long as usual already: taken to need as long again, anew it would need twice that.
    expect(isWorthHedging([{ ageMs: 2000, usualMs: 1000 }], 1000)).toBe(false)
    expect(isWorthHedging([{ ageMs: 2000, usualMs: 1000 }], 400)).toBe(true)
  })

  it('is not worth it for a task that was just started, or for a gain that is none', () => {
    expect(isWorthHedging([{ ageMs: 99, usualMs: 8000 }], 10)).toBe(false)
    expect(isWorthHedging([{ ageMs: 400, usualMs: 8000 }], 1000)).toBe(false)
    expect(isWorthHedging([{ ageMs: 100, usualMs: 100 }], 30)).toBe(false)
  })

  it('is compared with the best of the attempts that run already', () => {
    const slow = { ageMs: 8000, usualMs: 8000 }
    expect(isWorthHedging([slow], 1000)).toBe(true)
    expect(isWorthHedging([slow, { ageMs: 500, usualMs: 1000 }], 1000)).toBe(false)
  })

  it('has a budget: some at any time, and one in twenty', () => {
    expect(hedgeBudget(0)).toBe(8)
    expect(hedgeBudget(1000)).toBe(58)
  })
})

describe('[N4] a task stands still', () => {
  const running = { running: true, expectedMs: 0 }

  it('when its node is silent for five seconds, or for three of its usual silences', () => {
    expect(isStalled({ ...running, silentMs: 5001, gapMs: 0 })).toBe(true)
    expect(isStalled({ ...running, silentMs: 4999, gapMs: 0 })).toBe(false)
    expect(isStalled({ ...running, silentMs: 29_000, gapMs: 10_000 })).toBe(false)
    expect(isStalled({ ...running, silentMs: 31_000, gapMs: 10_000 })).toBe(true)
  })

  it('when it did not begin for five seconds more than three times its usual length', () => {
    const waiting = { running: false, gapMs: 0, expectedMs: 2000 }
    expect(isStalled({ ...waiting, silentMs: 10_900 })).toBe(false)
    expect(isStalled({ ...waiting, silentMs: 11_100 })).toBe(true)
  })
})
