import { describe, expect, it } from 'vitest'
import { Watchdog, type Watched } from '../src/watchdog.ts'
import { FakeClock } from './fake-clock.ts'

describe('the watchdog', () => {
  it('looks after each task every 50 ms until it is forgotten', () => {
    const clock = new FakeClock()
    const watchdog = new Watchdog(clock)
    const looks: number[] = []
    const task = watched((now) => looks.push(now))
    watchdog.watch(task)
    clock.advance(120)
    watchdog.forget(task)
    clock.advance(500)
    expect(looks).toEqual([50, 100])
  })

  it('keeps no timer when there is nothing to look after', () => {
    const clock = new FakeClock()
    const watchdog = new Watchdog(clock)
    const task = watched(() => {})
    watchdog.watch(task)
    watchdog.forget(task)
    clock.advance(50)
    expect(clock.pending).toBe(0)
    watchdog.watch(task)
    expect(clock.pending).toBe(1)
    watchdog.close()
    expect(clock.pending).toBe(0)
  })
})

function watched(look: (now: number) => void): Watched {
  return { look, before: undefined, behind: undefined }
}
