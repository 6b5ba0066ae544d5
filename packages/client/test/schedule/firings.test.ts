import { describe, expect, it } from 'vitest'
import { becomeDue, type CatchUp } from '../../src/schedule/firings.ts'
import type { Timetable } from '../../src/schedule/timetable.ts'

const MINUTE = 60_000
const YEAR = 365 * 24 * 60 * MINUTE

describe('the firings of a schedule', () => {
  it.each<[CatchUp, number]>([
    ['none', 0],
    ['latest', 1],
    ['all', 1000],
  ])('[F21] are found at once after years without anybody: %s', (catchUp, count) => {
    let asked = 0
    const timetable: Timetable = {
      next: (at) => {
        asked++
        return (Math.floor(at / MINUTE) + 1) * MINUTE
      },
    }
    const now = 30 * YEAR + 1
    const rules = { timetable, overlap: 'queue', catchUp, watchedSince: now } as const
    const { pending } = becomeDue({ seen: 0, pending: [] }, now, rules)
    expect(pending).toHaveLength(count)
    expect(pending.at(-1)).toBe(count === 0 ? undefined : 30 * YEAR)
    expect(asked).toBeLessThan(5000)
  })
})
