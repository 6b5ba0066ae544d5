import { describe, expect, it } from 'vitest'
import { ClientError } from '../../src/index.ts'
import { START, type StoreScene } from './store-contract.ts'

/** What the queues of every store must do. */
export function describeQueues(name: string, create: () => Promise<StoreScene>): void {
  describe(`${name}: a queue`, () => {
    it('[Q1] gives each to one, the oldest first', async () => {
      await using scene = await create()
      const queue = scene.store.queue<number>('q')
      for (const n of [3, 1, 2]) expect(queue.push(`${n}`, n)).toBe(true)
      const first = queue.lease({ ms: 100, limit: 2 })
      expect(first.map(({ value }) => value)).toEqual([3, 1])
      const second = queue.lease({ ms: 100, limit: 2 })
      expect(second.map(({ value }) => value)).toEqual([2])
      expect(queue.lease({ ms: 100 })).toEqual([])
      expect([...first, ...second].every((leased) => queue.complete(leased))).toBe(true)
      expect(queue.size()).toBe(0)
    })

    it.each([
      [
        'ms of lease() must be a number of milliseconds, more than 0, not "1m"',
        'lease',
        { ms: '1m' },
      ],
      [
        'ms of lease() must be a number of milliseconds, more than 0, not NaN',
        'lease',
        { ms: NaN },
      ],
      ['ms of lease() must be', 'lease', { ms: 0 }],
      ['ms of lease() must be', 'lease', {}],
      ['the options of lease() must be an object', 'lease', undefined],
      ['limit of lease() must be a whole number', 'lease', { ms: 5, limit: 0.5 }],
      ["lease() has no option 'max'; it has ms, limit", 'lease', { ms: 5, max: 3 }],
      ["push() has no option 'override'", 'push', { override: true }],
      ['visibleAt of push() must be', 'push', { visibleAt: '2030-01-01' }],
      ['overwrite of push() must be true or false', 'push', { overwrite: 'no' }],
      ['ms of renew() must be a number of milliseconds, more than 0, not "5m"', 'renew', '5m'],
      ['ms of renew() must be', 'renew', NaN],
      ['ms of renew() must be', 'renew', undefined],
      ['the options of fail() must be an object', 'fail', 'why'],
      ['the options of fail() must be an object', 'fail', undefined],
      [
        'error of fail() must be a text that says why, not object',
        'fail',
        { error: new Error('a') },
      ],
      ['retryAt of fail() must be', 'fail', { error: 'a', retryAt: new Date() }],
      ['maxAttempts of fail() must be', 'fail', { error: 'a', maxAttempts: NaN }],
      ["fail() has no option 'reason'", 'fail', { reason: 'a' }],
    ] as const)(
      '[Q2] refuses what would do something else than it says: %s',
      async (message, verb, given) => {
        await using scene = await create()
        const queue = scene.store.queue('q')
        queue.push('k', 1)
        const [leased] = queue.lease({ ms: 100 })
        const verbs = {
          lease: [given],
          push: ['k', 2, given],
          renew: [leased, given],
          fail: [leased, given],
        }
        const call = () => void Reflect.apply(queue[verb], queue, verbs[verb])
        expect(call).toThrow(ClientError)
        expect(call).toThrow(message)
        expect(queue.items()).toEqual([{ key: 'k', value: 1 }])
        expect(queue.lease({ ms: 100 })).toEqual([])
      },
    )

    it('is another queue under another name', async () => {
      await using scene = await create()
      scene.store.queue('q').push('k', 1)
      expect(scene.store.queue('other').lease({ ms: 1 })).toEqual([])
    })

    it('[Q2] hides what is taken until its lease ends; renewing keeps it', async () => {
      await using scene = await create()
      const queue = scene.store.queue('q')
      queue.push('k', 1)
      const [leased] = queue.lease({ ms: 100 })
      if (!leased) throw new Error('nothing was leased')
      scene.pass(90)
      expect(queue.renew(leased, 100)).toBe(true)
      scene.pass(90)
      expect(queue.lease({ ms: 100 })).toEqual([])
      scene.pass(10)
      expect(queue.renew(leased, 100)).toBe(false)
      expect(queue.lease({ ms: 100 })).toMatchObject([{ key: 'k', attempts: 2 }])
    })

    it('[Q2] is not changed by a lease that is over', async () => {
      await using scene = await create()
      const queue = scene.store.queue('q')
      queue.push('k', 1)
      const [late] = queue.lease({ ms: 100 })
      if (!late) throw new Error('nothing was leased')
      scene.pass(100)
      expect(queue.complete(late)).toBe(false)
      const [next] = queue.lease({ ms: 100 })
      if (!next) throw new Error('nothing was leased')
      expect(queue.complete(late)).toBe(false)
      expect(queue.fail(late, { error: 'late' })).toBe(false)
      expect(queue.size()).toBe(1)
      expect(queue.complete(next)).toBe(true)
      expect(queue.size()).toBe(0)
    })

    it.each(['complete', 'remove', 'overwrite', 'fail'] as const)(
      '[Q2] is not changed by a lease of what was under the same key before: %s',
      async (how) => {
        await using scene = await create()
        const queue = scene.store.queue('q')
        queue.push('k', 'old')
        const [late] = queue.lease({ ms: 100 })
        scene.pass(how === 'complete' ? 100 : 0)
        const [before = late] = queue.lease({ ms: 100 })
        if (!late || !before) throw new Error('nothing was leased')
        if (how === 'complete') queue.complete(before)
        if (how === 'remove') queue.remove('k')
        if (how === 'fail') queue.fail(before, { error: 'no' })
        queue.push('k', 'new', { overwrite: how === 'overwrite' })
        const [next] = queue.lease({ ms: 100 })
        if (!next) throw new Error('nothing was leased')
        expect([queue.renew(late, 1000), queue.fail(late, { error: 'late' })]).toEqual([
          false,
          false,
        ])
        expect(queue.complete(late)).toBe(false)
        expect(queue.complete(next)).toBe(true)
      },
    )

    it('shows what is in it, taken or not, and gives up what is removed', async () => {
      await using scene = await create()
      const queue = scene.store.queue<number>('q')
      for (const n of [3, 1, 2]) queue.push(`${n}`, n)
      const [taken] = queue.lease({ ms: 100 })
      expect(queue.items().map(({ value }) => value)).toEqual([3, 1, 2])
      expect([queue.find('3'), queue.find('7')]).toEqual([3, undefined])
      expect([queue.remove('3'), queue.remove('3')]).toEqual([true, false])
      expect(taken && queue.complete(taken)).toBe(false)
      expect(queue.items().map(({ key }) => key)).toEqual(['1', '2'])
    })

    it('[Q3] keeps what is there under a key, unless asked', async () => {
      await using scene = await create()
      const queue = scene.store.queue('q')
      queue.push('k', 'old')
      expect(queue.push('k', 'new')).toBe(false)
      const [leased] = queue.lease({ ms: 100 })
      expect(leased?.value).toBe('old')
      expect(queue.push('k', 'new', { overwrite: true })).toBe(true)
      expect(leased && queue.complete(leased)).toBe(false)
      expect(queue.lease({ ms: 100 })).toMatchObject([{ value: 'new', attempts: 1 }])
    })

    it('shows what is for later later', async () => {
      await using scene = await create()
      const queue = scene.store.queue('q')
      queue.push('k', 1, { visibleAt: START + 10 })
      expect(queue.lease({ ms: 1 })).toEqual([])
      scene.pass(10)
      expect(queue.lease({ ms: 1 })).toHaveLength(1)
    })

    it('[Q5] gives what failed again, then puts it with the dead letters', async () => {
      await using scene = await create()
      const queue = scene.store.queue('q')
      queue.push('k', { a: 1 })
      for (let attempt = 1; attempt <= 2; attempt++) {
        const [leased] = queue.lease({ ms: 100 })
        expect(leased?.attempts).toBe(attempt)
        const retryAt = START + 1000 * attempt
        if (leased) queue.fail(leased, { error: 'no', retryAt, maxAttempts: 2 })
        expect(queue.lease({ ms: 100 })).toEqual([])
        scene.pass(1000)
      }
      expect(queue.lease({ ms: 100 })).toEqual([])
      expect(queue.size()).toBe(0)
      expect(queue.dead()).toEqual([{ key: 'k', value: { a: 1 }, attempts: 2, error: 'no' }])
      expect(queue.revive('k')).toBe(true)
      expect(queue.revive('k')).toBe(false)
      expect(queue.lease({ ms: 100 })).toMatchObject([{ attempts: 1 }])
    })

    it('[Q4] is not changed by a transaction that waits for something, neither before nor after', async () => {
      await using scene = await create()
      const { store } = scene
      const late = Promise.withResolvers<unknown>()
      const wait = () =>
        store.transaction(async (transaction) => {
          transaction.queue('a').push('before', 1)
          await Promise.resolve()
          try {
            transaction.queue('a').push('after', 2)
          } catch (error) {
            late.resolve(error)
          }
        })
      expect(wait).toThrow('a transaction cannot wait')
      expect(await late.promise).toMatchObject({ message: 'this transaction is over' })
      expect(store.queue('a').items()).toEqual([])
    })

    it('[Q4] changes together with others, or not at all', async () => {
      await using scene = await create()
      const { store } = scene
      store.queue('a').push('k', 1)
      const [leased] = store.queue('a').lease({ ms: 100 })
      if (!leased) throw new Error('nothing was leased')
      const move = (fails: boolean) =>
        store.transaction((transaction) => {
          transaction.queue('b').push('k', 2)
          const done = transaction.queue('a').complete(leased)
          if (fails) throw new RangeError('in the middle')
          return done
        })
      expect(() => move(true)).toThrow('in the middle')
      expect([store.queue('a').size(), store.queue('b').size()]).toEqual([1, 0])
      expect(move(false)).toBe(true)
      expect([store.queue('a').size(), store.queue('b').size()]).toEqual([0, 1])
    })
  })
}
