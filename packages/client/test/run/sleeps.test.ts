import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { clientOn } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

const number = z.number()

/** The moments that sleeps of the run waited for, in the order in which they were begun. */
function sleepsOf(store: Store): number[] {
  const reader = store.read('r')
  const keys = reader?.under('') ?? []
  return keys.flatMap((key) => {
    const [definition] = /sleep(?:~\d+)?(?=#\d+$)/.exec(key) ?? []
    if (definition === undefined) return []
    return Number(reader?.find({ key, definition, input: null })?.output)
  })
}

describe('a sleep of a durable step', () => {
  it('[Q8] is slept again by a try after one that has failed', async () => {
    await using store = createMemoryStore()
    await using client = clientOn(store)
    const woken: number[] = []
    const poll = step({
      name: 'poll',
      input: number,
      output: number,
      run: async (n, { sleep, attempt }) => {
        await sleep(5)
        woken.push(Date.now())
        if (attempt < 3) throw new RangeError('not ready')
        return n
      },
    })
    const plan = pipeline('polls', { n: number })
      .map(({ n }) => n)
      .step(poll, { retries: 2 })
    await client.run(plan, { n: 1 }, { id: 'r' })
    const sleeps = sleepsOf(store).toSorted((a, b) => a - b)
    expect(sleeps).toHaveLength(3)
    for (const [i, moment] of sleeps.entries()) {
      // Timers count by another clock than dates: their milliseconds begin at different moments.
      expect(woken[i]).toBeGreaterThanOrEqual(moment - 1)
      expect(moment).toBeGreaterThanOrEqual((woken[i - 1] ?? 0) + 5)
    }
  })

  it('[Q8] is that of the last try where the step is taken up, which is no change of mind', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const hanging = Promise.withResolvers<undefined>()
    let tries = 0
    const ask = step({
      name: 'ask',
      input: number,
      output: number,
      run: async (n) => {
        if (tries > 2) return n
        hanging.resolve(undefined)
        return new Promise<number>(() => {})
      },
    })
    const body = step({
      name: 'body',
      input: number,
      output: number,
      run: async (n, { sleep, call }) => {
        await sleep(1)
        tries++
        if (tries === 1) throw new RangeError('not ready')
        return call(ask, n)
      },
    })
    const plan = pipeline('p', { n: number })
      .map(({ n }) => n)
      .step(body, { retries: 1 })
    {
      await using client = clientOn(createSqliteStore(file))
      const run = client.run(plan, { n: 1 }, { id: 'r' })
      await hanging.promise
      await run.cancel()
      await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
    }
    const store = createSqliteStore(file)
    await using client = clientOn(store)
    const before = sleepsOf(store)
    expect(before).toHaveLength(2)
    expect(await client.resume('r', plan)).toMatchObject({ output: 1 })
    expect(sleepsOf(store)).toEqual(before)
  })
})
