import { describe, expect, it } from 'vitest'
import type { CatchUp, Overlap } from '../../src/schedule/firings.ts'
import { MINUTE, Scene } from './scene.ts'

describe('a schedule whose process died', () => {
  it.each<Overlap>(['skip', 'queue', 'allow'])(
    '[F21] is taken over when the process that had it died, and its run is gone on with: %s',
    async (overlap) => {
      const scene = new Scene()
      scene.runMs = 100 * MINUTE
      const life = { isOver: false }
      scene.schedule({ overlap }, life)
      await scene.pass(0.7)
      life.isOver = true
      scene.runMs = 1000
      scene.schedule({ overlap })
      await scene.pass(0.2)
      expect(scene.fired).toEqual([1])
      await scene.pass(2.2)
      expect(scene.fired).toEqual([1, 1, 2, 3])
    },
  )

  it.each<Overlap>(['skip', 'queue', 'allow'])(
    '[F21] is taken over at once from a process that is seen to be gone: %s',
    async (overlap) => {
      const scene = new Scene()
      scene.isOneMachine = true
      scene.runMs = 100 * MINUTE
      const life = { isOver: false }
      scene.schedule({ overlap }, life)
      scene.schedule({ overlap })
      await scene.pass(0.6)
      scene.runMs = 1000
      await scene.pass(0.3)
      expect(scene.fired).toEqual([1])
      life.isOver = true
      await scene.pass(0.05)
      expect(scene.fired).toEqual([1, 1])
      await scene.pass(1)
      expect(scene.fired).toEqual([1, 1, 2])
    },
  )

  it.each<[CatchUp, number[]]>([
    ['none', [1, 1, 6]],
    ['latest', [1, 1, 5, 6]],
    ['all', [1, 1, 4, 5, 6]],
  ])(
    '[F21] taken up again by who comes later, catches up with what came after the death only: %s',
    async (catchUp, fired) => {
      const scene = new Scene()
      scene.isOneMachine = true
      scene.runMs = 100 * MINUTE
      const life = { isOver: false }
      scene.schedule({ catchUp }, life)
      await scene.pass(3)
      life.isOver = true
      await scene.pass(2)
      scene.runMs = 1000
      scene.schedule({ catchUp })
      await scene.pass(1)
      expect(scene.fired).toEqual(fired)
    },
  )

  it('[F21] catches up with all that came due until a death was known, if asked', async () => {
    const scene = new Scene()
    scene.runMs = 100 * MINUTE
    const life = { isOver: false }
    scene.schedule({ catchUp: 'all' }, life)
    scene.schedule({ catchUp: 'all' })
    await scene.pass(2.6)
    life.isOver = true
    scene.isLocked = true
    scene.runMs = 1000
    await scene.pass(3)
    scene.isLocked = false
    await scene.pass(1)
    expect(scene.fired).toEqual([1, 1, 4, 5, 6, 7])
  })

  it.each<Overlap>(['skip', 'queue', 'allow'])(
    '[F21] waits for a run that another still has, and goes on with it then: %s',
    async (overlap) => {
      const scene = new Scene()
      scene.held.add(1)
      scene.schedule({ overlap })
      await scene.pass(0.7)
      expect(scene.fired).toEqual([])
      scene.held.clear()
      await scene.pass(1)
      expect(scene.fired).toEqual([1, 2])
      expect(scene.failures).toEqual([])
    },
  )
})
