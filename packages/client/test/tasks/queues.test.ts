import { describe, expect, it } from 'vitest'
import { withClient } from '../local-plans.ts'

describe('queues', () => {
  it('[F22] of one project are invisible to another, whatever their names', async () => {
    await withClient(({ queues }) => {
      queues.of('in').push('k', 'usual')
      queues.of('in', { project: 'birds' }).push('k', 'of birds')
      expect(queues.of('in', { project: 'fish' }).size()).toBe(0)
      expect(queues.of('in', { project: 'default' }).find('k')).toBe('usual')
      const [leased] = queues.of('in', { project: 'birds' }).lease({ ms: 1000 })
      expect(leased?.value).toBe('of birds')
      expect(queues.of('in').lease({ ms: 1000 })).toMatchObject([{ value: 'usual' }])
      expect(() => queues.of('birds\nin')).toThrow('a queue needs a name of one line')
      return Promise.resolve()
    })
  })

  it('[F22] [Q4] of a project change together, or not at all', async () => {
    await withClient(({ queues }) => {
      const birds = { project: 'birds' }
      queues.of('in', birds).push('k', 1)
      const [leased] = queues.of('in', birds).lease({ ms: 1000 })
      const move = (fails: boolean) => {
        queues.transaction((transaction) => {
          transaction.queue('out').push('k', 2)
          if (leased) transaction.queue('in').complete(leased)
          if (fails) throw new RangeError('in the middle')
        }, birds)
      }
      expect(() => {
        move(true)
      }).toThrow('in the middle')
      expect([queues.of('in', birds).size(), queues.of('out', birds).size()]).toEqual([1, 0])
      move(false)
      expect([queues.of('in', birds).size(), queues.of('out', birds).size()]).toEqual([0, 1])
      expect(queues.of('out').size()).toBe(0)
      return Promise.resolve()
    })
  })

  it('[F22] are not looked for among those of another project because an option is misspelt', async () => {
    await withClient(({ queues }) => {
      const among = (options: object) => () => queues.of('in', options)
      expect(among({ projekt: 'birds' })).toThrow(
        "queues.of() has no option 'projekt'; it has project",
      )
      expect(among({ project: 5 })).toThrow('project of queues.of() must be a text, not 5')
      let isDone = false
      const work = () => void (isDone = true)
      const change = (options: object) => () => {
        queues.transaction(work, options)
      }
      expect(change({ projekt: 'birds' })).toThrow("queues.transaction() has no option 'projekt'")
      expect(isDone).toBe(false)
      return Promise.resolve()
    })
  })
})
