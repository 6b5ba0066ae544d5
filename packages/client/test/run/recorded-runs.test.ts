import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { onFile } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

const number = z.number()

/** Notes its input as the loss. */
const train = step({
  name: 'train',
  input: number,
  output: number,
  run: (n, context) => {
    context.metric('loss', n)
    return n
  },
})

const items = pipeline('items', { n: number }).map(({ n }) => n)

function trained(name: string) {
  return pipeline(name, { n: number })
    .map(({ n }) => n)
    .step(train)
}

describe('a run that waits', () => {
  it('[F23] has told how far it is, also what happened last', async () => {
    await using folder = await temporaryFolder()
    const gate = Promise.withResolvers<number>()
    const shapes = { input: number, output: number }
    const plan = items
      .step(step({ name: 'quick', ...shapes, run: (n) => n }))
      .step(step({ name: 'waits', ...shapes, run: () => gate.promise }))
    await onFile(folder.file('runs.db'), async (client) => {
      const run = client.run(plan, [{ n: 1 }, { n: 2 }], { id: 'r' })
      const told = async () => (await client.runs.status('r')).bySteps
      const now = { timeout: 10_000 }
      await expect.poll(told, now).toMatchObject([{ done: 2 }, { running: 2 }])
      gate.resolve(1)
      await run
    })
  })
})

describe('a run that was ended by another process', () => {
  it('[F23] has as many rows as it has recorded, and nothing under way', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const second = Promise.withResolvers<number>()
    const run = async (n: number, { signal }: { readonly signal: AbortSignal }) => {
      if (n === 3) await once(signal, 'abort')
      return n === 2 ? second.promise : n
    }
    const plan = items.step(step({ name: 'some', input: number, output: number, run }))
    await onFile(file, async (client) => {
      const begun = client.run(plan, [{ n: 1 }, { n: 2 }, { n: 3 }], { id: 'r' })
      await onFile(file, async ({ runs }) => {
        await expect.poll(() => runs.status('r'), { timeout: 10_000 }).toMatchObject({ rows: 1 })
        second.resolve(2)
        await expect.poll(() => runs.rows('r'), { timeout: 10_000 }).toEqual([1, 2])
        expect(await runs.cancel('r')).toBe(true)
        const status = await runs.status('r')
        expect(status).toMatchObject({ state: 'cancelled', rows: 2, bySteps: [{ running: 0 }] })
      })
      await expect(begun).rejects.toMatchObject({ code: 'CANCELLED' })
    })
  })
})

describe('a run that is taken up', () => {
  it('[F15] shows the rows and failures that it had until it has come to its end again', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const stop = new AbortController()
    let broken: readonly number[] = [1, 3]
    const picky = step({
      name: 'picky',
      input: number,
      output: number,
      run: async (n, { signal }) => {
        if (broken.includes(n)) throw new RangeError(`not ${n}`)
        if (n === 3 && broken.length === 0) {
          await new Promise((_, reject) => {
            signal.addEventListener('abort', reject)
          })
        }
        return n
      },
    })
    const plan = pipeline('picky', { n: number })
      .map(({ n }) => n)
      .step(picky, { concurrency: 1 })
    const seen = async () =>
      onFile(file, (client) => {
        const failed = client.runs.failures('r').map(({ index }) => index)
        return Promise.resolve({ rows: client.runs.rows('r'), failed })
      })
    await onFile(file, async (client) => {
      const run = client.run(
        plan,
        [0, 1, 2, 3].map((n) => ({ n })),
        { id: 'r' },
      )
      await expect(run).rejects.toMatchObject({ code: 'RUN_FAILED' })
      const late = client.resume('r', plan, { signal: AbortSignal.abort() })
      await expect(late).rejects.toMatchObject({ code: 'CANCELLED' })
    })
    expect(await seen()).toEqual({ rows: [0, 2], failed: [1, 3] })
    broken = []
    await onFile(file, async (client) => {
      const run = client.resume('r', plan, { signal: stop.signal })
      for await (const event of run) if (event.type === 'row' && event.row === 1) stop.abort()
      await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
    })
    expect(await seen()).toEqual({ rows: [0, 1, 2], failed: [3] })
    broken = [3, 4]
    await onFile(file, async (client) => {
      await expect(client.resume('r', plan)).rejects.toMatchObject({ code: 'RUN_FAILED' })
    })
    expect(await seen()).toEqual({ rows: [0, 1, 2], failed: [3] })
  })

  it('[F15] forgets the rows of another shape of its plan once it has come to its end', async () => {
    await using folder = await temporaryFolder()
    await onFile(folder.file('runs.db'), async (client) => {
      await client.run(items.map((n) => [n, n + 1, n + 2]).scatter(), [{ n: 1 }], { id: 'r' })
      expect(client.runs.rows('r')).toHaveLength(3)
      await client.resume('r', items)
      expect(client.runs.rows('r')).toEqual([1])
    })
  })

  it('[X2] whose answer is damaged cannot go on, and is done again without it', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const ran: string[] = []
    const make = (name: string, isBroken = false) =>
      step({
        name,
        input: number,
        output: number,
        run: (n) => {
          if (isBroken) throw new RangeError(`${name} is broken`)
          ran.push(`${name} ${n}`)
          return n + 1
        },
      })
    const chain = (isBroken = false) =>
      items.step(make('a')).step(make('b')).step(make('c', isBroken))
    await onFile(file, async (client) => {
      const run = client.run(chain(true), { n: 1 }, { id: 'r' })
      await expect(run).rejects.toThrow('c is broken')
    })
    const database = new DatabaseSync(file)
    database.exec(
      "update batch set body = cast(replace(cast(body as text), '0/b', '0/d') as blob) where kind = 'call'",
    )
    database.close()
    ran.length = 0
    await onFile(file, async (client) => {
      await expect(client.resume('r', chain())).rejects.toThrow(
        /the answer to 0\/b of run r is damaged .*; a rerun of the run does anew what cannot be read/,
      )
      expect(await client.rerun('r', chain())).toMatchObject({ output: 4 })
    })
    expect(ran).toEqual(['b 2', 'c 3'])
  })

  it('[F22] notes metrics of any name, and is the best only by those', async () => {
    await using folder = await temporaryFolder()
    await onFile(folder.file('runs.db'), async (client) => {
      await client.run(trained('a'), { n: 1 }, { id: 'a' })
      expect(await client.runs.best('constructor')).toBeUndefined()
      expect(await client.runs.best('__proto__')).toBeUndefined()
      const odd = step({
        name: 'odd',
        input: z.object({ n: number }),
        output: number,
        run: ({ n }, context) => {
          context.metric('__proto__', n)
          return n
        },
      })
      await client.run(odd, { n: 3 }, { id: 'b' })
      expect(Object.entries(client.runs.metrics('b'))).toEqual([['__proto__', 3]])
      expect(await client.runs.best('__proto__')).toMatchObject({ run: { id: 'b' }, value: 3 })
    })
  })

  it('[F22] whose metrics are damaged is told when it is looked for, and not begun anew', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await onFile(file, async (client) => {
      for (const name of ['a', 'b']) await client.run(trained(name), { n: 1 }, { id: name })
    })
    const database = new DatabaseSync(file)
    const where = "kind = 'metric' and run = (select number from run where id = 'a')"
    database.exec(`update batch set body = zeroblob(length(body)) where ${where}`)
    database.close()
    await onFile(file, async (client) => {
      expect(await client.runs.best('loss', { plan: 'b' })).toMatchObject({ value: 1 })
      await expect(client.runs.best('loss')).rejects.toThrow(/of run a is damaged/)
      const again = client.rerun('a', trained('a'), { id: 'again' })
      await expect(again).rejects.toThrow(/of run a is damaged/)
      expect((await client.runs.list()).map(({ id }) => id)).toEqual(['b', 'a'])
    })
  })
})
