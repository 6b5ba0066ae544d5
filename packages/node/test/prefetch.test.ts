import { describe, expect, it } from 'vitest'
import { Prefetch } from '../src/prefetch.ts'

/** A slot that stood idle that long, in a world where tasks take that long. */
function idle(prefetch: Prefetch, { taskMs, idleMs }: { taskMs: number; idleMs: number }) {
  prefetch.ran(taskMs)
  prefetch.starved(1000)
  return prefetch.fed(1000 + idleMs)
}

describe('prefetch', () => {
  it('begins with one', () => {
    expect(new Prefetch(64).size).toBe(1)
  })

  it('doubles when a slot was idle for more than a fiftieth of a task', () => {
    const prefetch = new Prefetch(1)
    expect(idle(prefetch, { taskMs: 1000, idleMs: 20 })).toBe(false)
    expect(idle(prefetch, { taskMs: 1000, idleMs: 21 })).toBe(true)
    expect(prefetch.size).toBe(2)
  })

  it('counts from the first slot that was idle, once', () => {
    const prefetch = new Prefetch(1)
    prefetch.ran(1000)
    prefetch.starved(0)
    prefetch.starved(90)
    expect(prefetch.fed(100)).toBe(true)
    expect(prefetch.fed(200)).toBe(false)
  })

  it.each([
    [1, 256],
    [100, 400],
  ])('for %i slots never grows beyond %i', (slots, most) => {
    const prefetch = new Prefetch(slots)
    while (idle(prefetch, { taskMs: 1, idleMs: 100 }))
      expect(prefetch.size).toBeLessThanOrEqual(most)
    expect(prefetch.size).toBe(most)
  })

  it('shrinks by half of what was never needed, down to one', () => {
    const prefetch = new Prefetch(1)
    while (prefetch.size < 16) idle(prefetch, { taskMs: 1, idleMs: 100 })
    const look = (fewest: number) => {
      const rounds = 4 * (1 + prefetch.size)
      const verdicts = Array.from({ length: rounds }, (_, turn) =>
        prefetch.taken(turn === 5 ? fewest : 30),
      )
      return verdicts.at(-1)
    }
    expect([look(11), prefetch.size]).toEqual([true, 11])
    expect([look(1), prefetch.size]).toEqual([false, 11])
    expect([look(2), prefetch.size]).toEqual([true, 10])
    expect([look(29), prefetch.size]).toEqual([true, 1])
    expect([look(29), prefetch.size]).toEqual([false, 1])
  })

  it('follows a change of the length of tasks', () => {
    const prefetch = new Prefetch(1)
    prefetch.ran(1)
    for (let task = 0; task < 100; task += 1) prefetch.ran(1000)
    expect(idle(prefetch, { taskMs: 1000, idleMs: 15 })).toBe(false)
  })
})
