import { describe, expect, it } from 'vitest'
import { record, START, type SceneOptions, type StoreScene } from './store-contract.ts'

/** What the cache of every store must do. */
export function describeCache(
  name: string,
  create: (options?: SceneOptions) => Promise<StoreScene>,
): void {
  describe(`${name}: the cache`, () => {
    const { output, origin } = record('')
    const entry = { scope: 's', key: 'k', step: 'ask', output, origin, ttlMs: undefined }

    it('gives what was put in, to the same scope and key', async () => {
      await using scene = await create()
      const { cache } = scene.store
      cache.put(entry)
      expect(cache.get('s', 'k')).toEqual({ step: 'ask', output, origin })
      expect(cache.get('other', 'k')).toBeUndefined()
      expect(cache.get('s', 'other')).toBeUndefined()
      expect(cache.stats().entries).toBe(1)
      expect(cache.get('s', 'k')).toEqual({ step: 'ask', output, origin })
    })

    it('[F3] does not keep an answer larger than all of it, and loses but the one before it', async () => {
      await using scene = await create({ cacheSize: 2000 })
      const { cache } = scene.store
      const keys = () => ['a', 'b', 'c'].filter((key) => cache.get('s', key) !== undefined)
      for (const key of ['a', 'b']) cache.put({ ...entry, key })
      cache.put({ ...entry, key: 'c', output: 'x'.repeat(2001) })
      expect(keys()).toEqual(['a', 'b'])
      expect(cache.stats().entries).toBe(2)
      cache.put({ ...entry, key: 'b', output: 'x'.repeat(2001) })
      expect(keys()).toEqual(['a'])
      expect(cache.stats().entries).toBe(1)
      expect(keys()).toEqual(['a'])
      cache.put({ ...entry, key: 'b', output: 'small again' })
      expect(cache.get('s', 'b')?.output).toBe('small again')
      expect(cache.stats().entries).toBe(2)
    })

    it('[F3] gives no answer whose time is over, also before it is written', async () => {
      await using scene = await create()
      const { cache } = scene.store
      // With the first it looks how much there is, and writes what it has.
      cache.put({ ...entry, key: 'first' })
      cache.put({ ...entry, ttlMs: 100 })
      scene.pass(99)
      expect(cache.get('s', 'k')?.output).toBe(output)
      scene.pass(1)
      expect(cache.get('s', 'k')).toBeUndefined()
      expect(cache.stats().entries).toBe(2)
      expect(cache.get('s', 'k')).toBeUndefined()
    })

    it('[F3] forgets by each name of a step, and what is kept for any run or project', async () => {
      await using scene = await create()
      const { cache } = scene.store
      const scopes = ['run r', 'project a', 'project a b', 'network']
      for (const scope of scopes) {
        cache.put({ ...entry, scope, step: 'all/half-2', names: ['half-2', 'half', 'half-2'] })
      }
      for (const step of ['all', 'hal', 'half-', 'f', '2', 'all/half', '']) {
        expect(cache.clear({ step })).toBe(0)
      }
      for (const scope of ['run b', 'project b']) {
        expect(cache.clear({ scope })).toBe(0)
      }
      expect(cache.clear({ scope: 'project a', step: 'half' })).toBe(1)
      expect(cache.clear({ scope: 'project', step: 'half-2' })).toBe(1)
      expect(cache.clear({ scope: 'run', step: 'all/half-2' })).toBe(1)
      expect(cache.clear({ scope: 'network' })).toBe(1)
    })

    it('[F3] forgets by step, by time and by scope, and nothing else', async () => {
      await using scene = await create()
      const { cache } = scene.store
      const keys = () => ['a', 'b', 'c', 'd'].filter((key) => cache.get('s', key) !== undefined)
      cache.put({ ...entry, key: 'a', step: 'one' })
      cache.put({ ...entry, key: 'b', step: 'other' })
      scene.pass(10)
      cache.put({ ...entry, key: 'c', step: 'one', ttlMs: 100 })
      cache.put({ ...entry, key: 'd', step: 'other' })
      expect(cache.clear({ step: 'one', scope: 'project elsewhere' })).toBe(0)
      expect(keys()).toEqual(['a', 'b', 'c', 'd'])
      expect(cache.clear({ step: 'one', before: START + 5 })).toBe(1)
      expect(keys()).toEqual(['b', 'c', 'd'])
      scene.pass(100)
      expect(keys()).toEqual(['b', 'd'])
      expect(cache.clear({ before: START + 5 })).toBe(1)
      expect(keys()).toEqual(['d'])
      expect(cache.clear()).toBe(2)
      expect(keys()).toEqual([])
    })
  })
}
