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
    const prefetch = new Prefetch(4)
    expect(idle(prefetch, { taskMs: 1000, idleMs: 20 })).toBe(false)
    expect(idle(prefetch, { taskMs: 1000, idleMs: 21 })).toBe(true)
    expect(prefetch.size).toBe(2)
  })

  it('counts from the first slot that was idle, once', () => {
    const prefetch = new Prefetch(4)
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
      const rounds = 2 * (1 + prefetch.size)
      const verdicts = Array.from({ length: rounds }, (_, turn) =>
        prefetch.taken(turn === 3 ? fewest : 30),
      )
      return verdicts.at(-1)
    }
    expect([look(11), prefetch.size]).toEqual([true, 11])
    expect([look(1), prefetch.size]).toEqual([false, 11])
    expect([look(2), prefetch.size]).toEqual([true, 10])
    expect([look(29), prefetch.size]).toEqual([true, 1])
    expect([look(29), prefetch.size]).toEqual([false, 1])
  })

  it('never keeps more at hand than half a second of work', () => {
    const prefetch = new Prefetch(4)
    while (idle(prefetch, { taskMs: 100, idleMs: 100 })) continue
    expect(prefetch.size).toBe(20)
  })

  it('gives most of them back at once when tasks become long', () => {
    const prefetch = new Prefetch(4)
    while (prefetch.size < 256) idle(prefetch, { taskMs: 1, idleMs: 100 })
    const verdicts = Array.from({ length: 60 }, () => prefetch.ran(120))
    expect(verdicts).toContain(true)
    expect(prefetch.size).toBeLessThanOrEqual(34)
    expect(prefetch.ran(120)).toBe(false)
  })

  it('follows a change of the length of tasks', () => {
    const prefetch = new Prefetch(1)
    prefetch.ran(1)
    for (let task = 0; task < 100; task += 1) prefetch.ran(1000)
    expect(idle(prefetch, { taskMs: 1000, idleMs: 15 })).toBe(false)
  })
})
