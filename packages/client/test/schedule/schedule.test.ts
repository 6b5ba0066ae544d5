import { describe, expect, it } from 'vitest'
import type { CatchUp, Overlap } from '../../src/schedule/firings.ts'
import { MINUTE, Scene } from './scene.ts'

describe('a schedule', () => {
  it('[F21] fires at each instant, once', async () => {
    const scene = new Scene()
    scene.schedule()
    await scene.pass(5.9)
    expect(scene.fired).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('[F21] skips what comes due while a run goes on', async () => {
    const scene = new Scene()
    scene.runMs = 2.5 * MINUTE
    scene.schedule({ overlap: 'skip' })
    await scene.pass(7)
    expect(scene.fired).toEqual([1, 4, 7])
    expect(scene.most).toBe(1)
  })

  it('[F21] does later what came due while a run went on, if asked, one after the other', async () => {
    const scene = new Scene()
    scene.runMs = 1.5 * MINUTE
    scene.schedule({ overlap: 'queue' })
    await scene.pass(6)
    expect(scene.fired).toEqual([1, 2, 3, 4])
    expect(scene.most).toBe(1)
  })

  it('[F21] runs side by side, if asked', async () => {
    const scene = new Scene()
    scene.runMs = 2.5 * MINUTE
    scene.schedule({ overlap: 'allow' })
    await scene.pass(4)
    expect(scene.fired).toEqual([1, 2, 3, 4])
    expect(scene.most).toBe(3)
  })

  it.each<Overlap>(['skip', 'queue', 'allow'])(
    '[F21] fires once although two look after it: %s',
    async (overlap) => {
      const scene = new Scene()
      scene.schedule({ overlap })
      scene.schedule({ overlap })
      await scene.pass(6)
      expect(scene.fired).toEqual([1, 2, 3, 4, 5, 6])
    },
  )

  it.each<[CatchUp, number[]]>([
    ['none', [1, 6]],
    ['latest', [1, 5, 6]],
    ['all', [1, 2, 3, 4, 5, 6]],
  ])('[F21] catches up with what nobody was there for: %s', async (catchUp, fired) => {
    const scene = new Scene()
    const first = scene.schedule({ catchUp })
    await scene.pass(1.2)
    await first[Symbol.asyncDispose]()
    await scene.pass(4)
    scene.schedule({ catchUp })
    await scene.pass(0.8)
    expect(scene.fired).toEqual(fired)
  })

  it('[F21] begins nothing that another has begun while its own process was stopped', async () => {
    const scene = new Scene()
    scene.schedule({ overlap: 'queue' })
    scene.runMs = 100 * MINUTE
    await scene.pass(0.4)
    scene.meanwhile = () => {
      scene.time.now += 40_000
      scene.schedule({ overlap: 'queue', catchUp: 'all' })
      expect(scene.fired).toEqual([1])
    }
    await scene.pass(0.8)
    expect(scene.meanwhile).toBe(undefined)
    expect(scene.fired).toEqual([1])
  })

  it.each<Overlap>(['skip', 'queue', 'allow'])(
    '[F21] is left as it is when it is closed, and gone on with by the next: %s',
    async (overlap) => {
      const scene = new Scene()
      scene.runMs = 2 * MINUTE
      const first = scene.schedule({ overlap, catchUp: 'all' })
      await scene.pass(0.7)
      const closed = first.close()
      scene.fails = true
      await scene.pass(2)
      await closed
      expect(scene.failures).toEqual([])
      scene.fails = false
      scene.runMs = 1000
      scene.schedule({ overlap, catchUp: 'all' })
      await scene.pass(0.2)
      expect(scene.fired).toEqual([1, 1, 2, 3])
    },
  )

  it('[F21] fires for who watched it at an instant that another, started just after, does not catch up with', async () => {
    const scene = new Scene()
    scene.schedule({ catchUp: 'none' })
    await scene.pass(0.49)
    scene.time.now = 0.5 * MINUTE + 5
    scene.schedule({ catchUp: 'none' })
    await scene.pass(1.4)
    expect(scene.fired).toEqual([1, 2])
  })

  it('[F21] goes on after a run that failed', async () => {
    const scene = new Scene()
    scene.fails = true
    scene.schedule()
    await scene.pass(2)
    expect(scene.fired).toEqual([1, 2])
    expect(scene.failures).toEqual(['1: it broke', '2: it broke'])
  })

  it('[F21] tells of a store that cannot be used, once, and goes on when it can', async () => {
    const scene = new Scene()
    scene.schedule()
    await scene.pass(1)
    scene.isLocked = true
    await scene.pass(2)
    expect(scene.fired).toEqual([1])
    expect(scene.failures).toEqual(['the schedule: database is locked'])
    scene.isLocked = false
    await scene.pass(2)
    expect(scene.fired).toEqual([1, 3, 4, 5])
    scene.isLocked = true
    await scene.pass(1)
    expect(scene.failures).toHaveLength(2)
  })

  it('[F21] does no run twice that ends while the store cannot be used', async () => {
    const scene = new Scene()
    scene.schedule()
    await scene.pass(0.505)
    expect(scene.fired).toEqual([1])
    scene.isLocked = true
    await scene.pass(0.2)
    expect(scene.failures).toHaveLength(1)
    scene.isLocked = false
    await scene.pass(1.9)
    expect(scene.fired).toEqual([1, 2, 3])
  })

  it('[F21] leaves what another process has made of it when it lost it with its store', async () => {
    const scene = new Scene()
    scene.runMs = 1.2 * MINUTE
    scene.schedule({ overlap: 'queue' })
    await scene.pass(0.6)
    scene.isLocked = true
    await scene.pass(1)
    scene.isLocked = false
    scene.schedule({ overlap: 'queue', catchUp: 'all' })
    await scene.pass(5.5)
    expect(scene.fired).toEqual([1, 1, 2, 3, 4, 5])
  })

  it('can be disposed of although the store cannot be used', async () => {
    const scene = new Scene()
    const schedule = scene.schedule()
    await scene.pass(0.505)
    scene.isLocked = true
    const over = schedule[Symbol.asyncDispose]()
    await scene.pass(3)
    await over
    expect(scene.fired).toEqual([1])
    expect(scene.failures).toEqual(['the schedule: database is locked'])
  })

  it('fires no more once it is disposed of, and waits for what it began', async () => {
    const scene = new Scene()
    scene.runMs = 2 * MINUTE
    const schedule = scene.schedule()
    expect(schedule.next?.toISOString()).toBe('2026-01-01T00:01:00.000Z')
    await scene.pass(0.7)
    let isOver = false
    const over = schedule[Symbol.asyncDispose]().then(() => (isOver = true))
    await scene.pass(1)
    expect(isOver).toBe(false)
    await scene.pass(2)
    await over
    expect(scene.fired).toEqual([1])
  })
})
