import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../src/clock.ts'

const DAY_MS = 86_400_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the clock of this machine', () => {
  it.each([1, 24, 30, 365])('runs what is to run in %i days then, and not before', (days) => {
    const run = vi.fn<() => void>()
    systemClock.schedule(days * DAY_MS, run)
    vi.advanceTimersByTime(days * DAY_MS - 1)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledOnce()
  })

  it('never runs what is to run never, and what was called off', () => {
    const run = vi.fn<() => void>()
    systemClock.schedule(Infinity, run)
    const callOff = systemClock.schedule(60 * DAY_MS, run)
    vi.advanceTimersByTime(30 * DAY_MS)
    callOff()
    vi.advanceTimersByTime(100 * DAY_MS)
    expect(run).not.toHaveBeenCalled()
  })
})
