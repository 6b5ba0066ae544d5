import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type StepContext } from '../../src/index.ts'
import { onFile } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { until, watchProcess } from '../waiting.ts'

const number = z.number()
const LATE = { code: 'CANCELLED', message: 'the step that asked has ended' }

const slow = step({
  name: 'slow',
  input: number,
  output: number,
  run: (n, { signal }) =>
    new Promise<number>((resolve) => {
      signal.addEventListener('abort', () => {
        setTimeout(resolve, 20, n)
      })
    }),
})

const turn = () => new Promise((resolve) => setTimeout(resolve, 40))

/** Runs a step that leaves behind what `ask` asks, and what became of that. */
async function leftBehind(
  ask: (context: StepContext) => Promise<unknown>,
  end: () => unknown,
): Promise<unknown> {
  await using folder = await temporaryFolder()
  let asked: Promise<unknown> | undefined
  let outcome: unknown
  const body = step({
    name: 'body',
    input: number,
    output: z.unknown(),
    run: async (_, context) => {
      asked = ask(context)
      await turn()
      return end()
    },
  })
  await onFile(folder.file('runs.db'), async (client) => {
    await Promise.allSettled([client.run(body, 1)])
    await turn()
  })
  // Only now does anybody look at it.
  await asked?.catch((thrown: unknown) => {
    outcome = thrown
  })
  return outcome
}

function fails() {
  throw new RangeError('in the middle')
}

const returns = () => 1

describe('what a step leaves under way when it ends', () => {
  it.each([
    ['a call, when it fails', (context: StepContext) => context.call(slow, 1), fails],
    ['a call, when it returns', (context: StepContext) => context.call(slow, 1), returns],
    ['calls over items', (context: StepContext) => context.map([1, 2], slow), fails],
    ['a sleep, when it fails', (context: StepContext) => context.sleep('1h'), fails],
    ['a sleep, when it returns', (context: StepContext) => context.sleep('1h'), returns],
  ])('[Q6] is cancelled and kills nobody: %s', async (_, ask, end) => {
    const { unhandled } = watchProcess()
    expect(await leftBehind(ask, end)).toMatchObject(LATE)
    expect(unhandled).toEqual([])
  })

  it('[Q6] is cancelled at once where the step returns without a pause', async () => {
    const { unhandled } = watchProcess()
    await using folder = await temporaryFolder()
    let nap: Promise<void> | undefined
    const body = step({
      name: 'body',
      input: number,
      output: number,
      run: (n, context) => {
        nap = context.sleep('10s')
        return n
      },
    })
    await onFile(folder.file('runs.db'), async (client) => {
      expect(await client.run(body, 1)).toMatchObject({ output: 1 })
    })
    await turn()
    expect(unhandled).toEqual([])
    await expect(nap).rejects.toMatchObject(LATE)
  })
})

describe('what a step asks too late', () => {
  it('[Q6] is refused with why: its run was cancelled', async () => {
    await using folder = await temporaryFolder()
    const seen: unknown[] = []
    const begun = Promise.withResolvers<undefined>()
    const body = step({
      name: 'body',
      input: number,
      output: number,
      run: async (n, context) => {
        begun.resolve(undefined)
        await new Promise((resolve) => {
          context.signal.addEventListener('abort', resolve)
        })
        await context.sleep('10s').catch((thrown: unknown) => seen.push(thrown))
        return n
      },
    })
    await onFile(folder.file('runs.db'), async (client) => {
      const run = client.run(body, 1)
      await begun.promise
      await run.cancel()
      await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(seen).toMatchObject([{ code: 'CANCELLED' }])
    })
  })

  it('[Q6] is refused with why: its time was over', async () => {
    await using folder = await temporaryFolder()
    const seen: unknown[] = []
    const isOver = Promise.withResolvers<undefined>()
    const body = step({
      name: 'body',
      input: number,
      output: number,
      run: async (n, context) => {
        await isOver.promise
        await context.sleep('10s').catch((thrown: unknown) => seen.push(thrown))
        await context.call(slow, 1).catch((thrown: unknown) => seen.push(thrown))
        return n
      },
    })
    await onFile(folder.file('runs.db'), async (client) => {
      const plan = pipeline('hasty', { n: number }).step(body, {
        timeout: '20ms',
        with: ({ n }) => n,
      })
      await expect(client.run(plan, { n: 1 })).rejects.toThrow('did not finish within 20 ms')
      isOver.resolve(undefined)
      await until(() => seen.length === 2)
    })
    expect(seen).toMatchObject([LATE, LATE])
  })

  it('[Q8] is refused with why, also a time or an id: those of the next try are its own', async () => {
    await using folder = await temporaryFolder()
    const seen: unknown[] = []
    const tries = { isBlocked: true, isUp: false }
    const isOver = Promise.withResolvers<undefined>()
    const body = step({
      name: 'body',
      input: number,
      output: z.unknown(),
      run: async (n, context) => {
        if (tries.isBlocked) {
          tries.isBlocked = false
          await isOver.promise
          const { now, random, uuid, metric } = context
          metric('late', n)
          for (const ask of [now, random, uuid]) {
            try {
              seen.push(ask())
            } catch (thrown) {
              seen.push(thrown)
            }
          }
          return 'late'
        }
        isOver.resolve(undefined)
        await turn()
        const values = [context.now(), context.random(), context.uuid()]
        if (!tries.isUp) throw new RangeError('not yet')
        return values
      },
    })
    const plan = pipeline('hasty', { n: number }).step(body, {
      timeout: '100ms',
      retries: 1,
      with: ({ n }) => n,
    })
    await onFile(folder.file('runs.db'), async (client) => {
      const id = 'r'
      await expect(client.run(plan, { n: 1 }, { id })).rejects.toThrow('not yet')
      expect(seen).toMatchObject([LATE, LATE, LATE])
      expect(client.runs.metrics(id)).toEqual({})
      tries.isUp = true
      expect(await client.resume(id, plan)).toMatchObject({ state: 'done' })
    })
  })

  it('[F22] [Q8] is dropped in silence where it is a metric, also one that a timer notes: nobody waits for it', async () => {
    const { unhandled } = watchProcess()
    await using folder = await temporaryFolder()
    const noted = Promise.withResolvers<undefined>()
    const body = step({
      name: 'body',
      input: number,
      output: number,
      run: (n, { metric }) => {
        metric('rows', n)
        setTimeout(() => {
          noted.resolve(undefined)
          metric('rows', 2)
          metric('late', Number.NaN)
        }, 10)
        return n
      },
    })
    await onFile(folder.file('runs.db'), async (client) => {
      const { id } = await client.run(body, 1)
      await noted.promise
      await turn()
      expect(client.runs.metrics(id)).toEqual({ rows: 1 })
    })
    expect(unhandled).toEqual([])
  })
})
