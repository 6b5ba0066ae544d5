import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type StepContext } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { clientOn, onFile } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

const number = z.number()

/** A step that doubles, and notes on what. */
function doubling(ran: number[], name = 'double') {
  return step({
    name,
    input: number,
    output: number,
    run: (n) => {
      ran.push(n)
      return n * 2
    },
  })
}

function durable(run: (n: number, context: StepContext) => Promise<unknown>) {
  return step({ name: 'body', input: number, output: z.unknown(), run })
}

const crash = new RangeError('killed')

describe('a durable step', () => {
  it('[Q6] that is killed between two calls runs each exactly once', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const ran: number[] = []
    const double = doubling(ran)
    const body = (dies: boolean) =>
      durable(async (n, context) => {
        const once = await context.call(double, n)
        if (dies) throw crash
        return context.call(double, once)
      })
    await onFile(file, async (client) => {
      await expect(client.run(body(true), 1, { id: 'r' })).rejects.toThrow('killed')
    })
    expect(ran).toEqual([1])
    await onFile(file, async (client) => {
      expect(await client.resume('r', body(false))).toMatchObject({ output: 4 })
    })
    expect(ran).toEqual([1, 2])
  })

  it('[Q6] that asks something else when it is resumed fails, before it does it, and names the call', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const ran: number[] = []
    const double = doubling(ran)
    const triple = doubling(ran, 'triple')
    await onFile(file, async (client) => {
      const body = durable(async (n, context) => {
        await context.call(double, n)
        throw crash
      })
      await expect(client.run(body, 1, { id: 'r' })).rejects.toThrow('killed')
    })
    ran.length = 0
    await onFile(file, async (client) => {
      const other = durable((n, context) => context.call(triple, n))
      await expect(client.resume('r', other)).rejects.toMatchObject({
        code: 'NONDETERMINISM',
        message: expect.stringMatching(
          /step 'body' does not do .*: it asked 'double' before and asks 'triple' now$/,
        ) as unknown,
      })
      expect(ran).toEqual([])
      const silent = durable(() => Promise.resolve(1))
      await expect(client.resume('r', silent)).rejects.toThrow("it no longer asks 'double'")
      const larger = durable((n, context) => context.call(double, n + 1))
      await expect(client.resume('r', larger)).rejects.toThrow(
        "it asks 'double' something else now",
      )
    })
  })

  it('[Q7] does not repeat what one of three calls at once had done', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const ran: number[] = []
    let isUp = false
    let together = 0
    let most = 0
    const slow = step({
      name: 'slow',
      input: number,
      output: number,
      run: async (n) => {
        const wasUp = isUp
        most = Math.max(most, ++together)
        await new Promise((resolve) => setTimeout(resolve, n === 2 ? 1 : 50))
        together--
        if (!wasUp && n !== 2) throw crash
        ran.push(n)
        return n * 10
      },
    })
    const body = durable((_, context) => Promise.all([1, 2, 3].map((n) => context.call(slow, n))))
    await onFile(file, async (client) => {
      await expect(client.run(body, 0, { id: 'r' })).rejects.toThrow('killed')
    })
    expect(most).toBe(3)
    expect(ran).toEqual([2])
    isUp = true
    await onFile(file, async (client) => {
      expect(await client.resume('r', body)).toMatchObject({ output: [10, 20, 30] })
    })
    expect(ran.toSorted((a, b) => a - b)).toEqual([1, 2, 3])
  })

  it('[Q7] runs its body once for 1,000 calls, one after the other', async () => {
    await using client = clientOn(createMemoryStore())
    let bodies = 0
    const double = doubling([])
    const body = durable(async (n, context) => {
      bodies++
      let sum = 0
      for (let i = 0; i < 1000; i++) sum += await context.call(double, n + i)
      return sum
    })
    expect(await client.run(body, 0)).toMatchObject({ output: 999_000 })
    expect(bodies).toBe(1)
  })

  it('[Q8] sees the same time, chances and ids when it begins anew', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const seen: unknown[] = []
    const body = (dies: boolean) =>
      durable(async (n, context) => {
        const values = [context.now(), context.random(), context.random(), context.uuid()]
        seen.push([...values, context.now()])
        await context.call(doubling([]), n)
        if (dies) throw crash
        return values
      })
    await onFile(file, async (client) => {
      await expect(client.run(body(true), 1, { id: 'r' })).rejects.toThrow('killed')
    })
    await new Promise((resolve) => setTimeout(resolve, 5))
    await onFile(file, async (client) => {
      await client.resume('r', body(false))
    })
    expect(seen).toHaveLength(2)
    expect(seen[1]).toEqual(seen[0])
    const [first, second] = z.array(z.unknown()).parse(seen[0]).slice(1)
    expect(first).not.toBe(second)
  })

  it('[Q8] does not begin a sleep anew', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const asleep = Promise.withResolvers<undefined>()
    const body = durable(async (_, context) => {
      const nap = context.sleep('1h')
      asleep.resolve(undefined)
      await nap
    })
    await onFile(file, async (client) => {
      const run = client.run(body, 1, { id: 'r' })
      await asleep.promise
      await run.cancel()
      await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
    })
    await using store = createSqliteStore(file)
    const journal = store.read('r')
    const [key = ''] = journal?.under('') ?? []
    const until = journal?.find({ key, definition: 'sleep', input: null })?.output
    expect(Number(until) - Date.now()).toBeGreaterThan(3_500_000)
    expect(Number(until) - Date.now()).toBeLessThan(3_600_000)
  })

  it('goes over items, no more at once than it may, in their order', async () => {
    await using client = clientOn(createMemoryStore())
    let together = 0
    let most = 0
    const slow = step({
      name: 'slow',
      input: number,
      output: number,
      run: async (n) => {
        most = Math.max(most, ++together)
        await new Promise((resolve) => setTimeout(resolve, 10 - n))
        together--
        return n
      },
    })
    const items = [1, 5, 2, 8, 2, 4]
    const body = durable((_, context) => context.map(items, slow, { concurrency: 2 }))
    expect(await client.run(body, 0)).toMatchObject({ output: items })
    expect(most).toBe(2)
  })

  it('[F13] builds a pipeline when it runs, and resumes inside it', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const ran: number[] = []
    let isUp = false
    const second = step({
      name: 'second',
      input: number,
      output: number,
      run: (n) => {
        if (!isUp && n > 2) throw crash
        return n + 1
      },
    })
    const body = durable((n, context) => {
      const inner = pipeline(`times-${n}`, { list: z.array(number) })
        .scatter('list')
        .map(({ list }) => list)
        .step(doubling(ran))
        .step(second)
      return context.call(inner, { list: [1, 2, 3] })
    })
    await onFile(file, async (client) => {
      await expect(client.run(body, 3, { id: 'r' })).rejects.toThrow('killed')
    })
    isUp = true
    await onFile(file, async (client) => {
      const { output, stats } = await client.resume('r', body)
      expect(output).toEqual([3, 5, 7])
      expect(stats.bySteps.map(({ step: name }) => name)).toEqual([
        'body',
        'body/double',
        'body/second',
      ])
    })
    expect(ran.toSorted((a, b) => a - b)).toEqual([1, 2, 3])
  })

  it('gives the error of a call to its body, which may go on', async () => {
    await using client = clientOn(createMemoryStore())
    const broken = step({
      name: 'broken',
      input: number,
      output: number,
      run: () => {
        throw crash
      },
    })
    const body = durable((n, context) => context.call(broken, n).catch(() => 'caught'))
    expect(await client.run(body, 1)).toMatchObject({ output: 'caught' })
  })

  it('is called off with its calls when its run is', async () => {
    await using client = clientOn(createMemoryStore())
    const aborted: string[] = []
    const waits = step({
      name: 'waits',
      input: number,
      output: number,
      run: (_, { signal }) =>
        new Promise<number>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted.push('inner')
            reject(crash)
          })
        }),
    })
    const run = client.run(
      durable((n, context) => context.call(waits, n)),
      1,
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    await run.cancel()
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(aborted).toEqual(['inner'])
  })
})
