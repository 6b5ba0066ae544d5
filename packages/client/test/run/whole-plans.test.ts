import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, plans, step, type StepContext } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { clientOn } from '../durable-client.ts'
import { withClient } from '../local-plans.ts'
import { failureOf, until } from '../waiting.ts'

const number = z.number()
const only = ({ n }: { readonly n: number }) => n

/** A pipeline of two steps that notes what they run on; the second does what it is told. */
function inner(ran: string[], second: (n: number) => number | Promise<number> = (n) => n * 10) {
  const noting = (name: string, run: (n: number) => number | Promise<number>) =>
    step({
      name,
      input: number,
      output: number,
      run: (n) => {
        ran.push(`${name} ${n}`)
        return run(n)
      },
    })
  return pipeline('inner', { n: number })
    .map(only)
    .step(noting('first', (n) => n + 1))
    .step(noting('second', second))
}

/** A step that clears up for a while once it is told to stop. */
function tidying() {
  const work = {
    running: 0,
    /** Refuses, once the step runs. */
    refuse: async (): Promise<number> => {
      await until(() => work.running === 1)
      throw new RangeError('refused')
    },
  }
  const run = (_: number, { signal }: StepContext) => {
    work.running++
    return new Promise<number>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        setTimeout(() => {
          work.running--
          reject(new RangeError('told to stop'))
        }, 30)
      })
    })
  }
  return { work, tidy: step({ name: 'tidy', input: number, output: number, run }) }
}

const start = pipeline('outer', { n: number })

describe('a pipeline with the policies of a step', () => {
  it('[F13] [F20] is tried again as a whole, which repeats nothing that was done', async () => {
    const ran: string[] = []
    let tries = 0
    const flaky = inner(ran, (n) => {
      tries++
      if (tries < 3) throw new RangeError('not yet')
      return n * 10
    })
    await withClient(async (client) => {
      const { output, stats } = await client.run(start.step(flaky, { retries: 2, as: 'x' }), {
        n: 1,
      })
      expect(output).toEqual({ n: 1, x: 20 })
      expect(ran).toEqual(['first 1', 'second 2', 'second 2', 'second 2'])
      expect(stats.bySteps.map(({ step: name, done }) => [name, done])).toContainEqual(['inner', 1])
    })
  })

  it('[F1] is asked again with another context where it holds a plan that is made when it runs', async () => {
    const times = step({
      name: 'times',
      input: z.object({ n: number }),
      output: number,
      context: z.object({ k: number }),
      run: ({ n }, { context }) => n * context.k,
    })
    const chosen = pipeline('inner', { n: number }).pipe(() =>
      pipeline('chosen', { n: number }).step(times),
    )
    const plan = start.step(chosen, { cache: true })
    await withClient(async (client) => {
      const run = async (k: number) => {
        const { output, stats } = await client.run(plan, { n: 5 }, { context: { k } })
        return [output, stats.cached]
      }
      expect([await run(2), await run(3), await run(2)]).toEqual([
        [10, 0],
        [15, 0],
        [10, 1],
      ])
    })
  })

  it('[F13] [F20] is made up for by its fallback, and stopped when its time is over', async () => {
    const broken = inner([], () => {
      throw new RangeError('no')
    })
    const slow = inner([], () => new Promise<number>(() => {}))
    const rescued = start.step(broken, { fallback: (error, { n }) => error.message.length + n })
    const hasty = start.step(slow, { timeout: '30ms' })
    await withClient(async (client) => {
      expect((await client.run(rescued, { n: 100 })).output).toBe(
        "step 'second' threw: no".length + 100,
      )
      const error = await failureOf(client.run(hasty, { n: 1 }))
      expect(error.result.failures).toMatchObject([
        { step: 'inner', input: { n: 1 }, error: { code: 'TIMED_OUT' } },
      ])
    })
  })

  it('[F13] [P6] has settled when its run is cancelled, or a branch beside it fails', async () => {
    const { work, tidy } = tidying()
    const whole = start.step(pipeline('inner', { n: number }).map(only).step(tidy), { retries: 1 })
    const failing = step({ name: 'fails', input: number, output: number, run: work.refuse })
    await withClient(async (client) => {
      const run = client.run(whole, { n: 1 })
      await until(() => work.running === 1)
      await run.cancel()
      expect(work.running).toBe(0)
      expect(run.status().bySteps.map(({ running }) => running)).toEqual([0, 0])
      const both = start.parallel({
        whole: (rows) => rows.step(whole),
        fails: (rows) => rows.map(only).step(failing),
      })
      expect((await failureOf(client.run(both, { n: 1 }))).message).toContain('refused')
      expect(work.running).toBe(0)
    })
  })

  it('[F13] [F19] [F18] may fail for some rows, and runs for so many at once', async () => {
    const running = { now: 0, most: 0 }
    const picky = inner([], async (n) => {
      running.most = Math.max(running.most, ++running.now)
      await new Promise((resolve) => setTimeout(resolve, 1))
      running.now--
      if (n === 3) throw new RangeError('not three')
      return n
    })
    const plan = start.step(picky, { minSuccessRatio: 0.5, concurrency: 2 })
    await withClient(async (client) => {
      const inputs = [0, 1, 2, 3, 4, 5].map((n) => ({ n }))
      const { output, failures } = await client.run(plan, inputs)
      expect(output).toEqual([1, 2, 4, 5, 6])
      expect(failures).toMatchObject([{ step: 'inner', index: 2 }])
      expect(running.most).toBe(2)
    })
  })

  it('[F1] is remembered until one of its steps or of their values changes', async () => {
    const ran: number[] = []
    const scale = (version: string) =>
      step({
        name: 'scale',
        version,
        input: number,
        output: number,
        context: z.object({ rate: number }),
        run: (n, { context }) => {
          ran.push(n)
          return n * context.rate
        },
      })
    const plan = (version = '1') =>
      start.step(pipeline('inner', { n: number }).map(only).step(scale(version)), { cache: true })
    await withClient(async (client) => {
      const run = async (rate: number, version?: string) =>
        (await client.run(plan(version), { n: 2 }, { context: { rate } })).output
      expect([await run(3), await run(3), await run(4), await run(3)]).toEqual([6, 6, 8, 6])
      expect(ran).toHaveLength(2)
      expect(await run(3, '2')).toBe(6)
      expect(ran).toHaveLength(3)
    })
  })

  it('[F15] is done again with what is done again in it', async () => {
    const ran: string[] = []
    const plan = start.step(inner(ran), { retries: 1 })
    await using client = clientOn(createMemoryStore())
    await client.run(plan, { n: 1 }, { id: 'r' })
    ran.length = 0
    expect(await client.rerun('r', plan)).toMatchObject({ output: 20, stats: { cached: 1 } })
    expect(ran).toEqual([])
    expect(await client.rerun('r', plan, { from: 'inner/second' })).toMatchObject({ output: 20 })
    expect(ran).toEqual(['second 2'])
    ran.length = 0
    await client.rerun('r', plan, { from: 'inner/first' })
    expect(ran).toEqual(['first 1', 'second 2'])
    ran.length = 0
    await client.rerun('r', plan, { from: 'inner' })
    expect(ran).toEqual(['first 1', 'second 2'])
  })

  it('[P8] [F9] [F14] is described, sealed and written down as the pipeline that it is', async () => {
    const bare = start.step(inner([]))
    const plan = start.step(inner([]), { retries: 2, as: 'x', minSuccessRatio: 0.5 })
    expect(plan.describe()).toContain('pipeline inner as x')
    const json = JSON.parse(JSON.stringify(plan)) as unknown
    expect(json).toMatchObject({
      steps: [{ pipeline: 'inner', as: 'x', retry: { attempts: 3 }, steps: [{}, {}, {}] }],
    })
    expect(plan.freeze().hash).not.toBe(bare.freeze().hash)
    expect(start.step(inner([]), { retries: 2 }).freeze().hash).toBe(bare.freeze().hash)
    const ran: string[] = []
    const [first, second] = ['first', 'second'].map((name) =>
      step({ name, input: number, output: number, run: (n) => ran.push(`${name} ${n}`) }),
    )
    const read = plans.fromJson(json, { only, first, second })
    expect(JSON.parse(JSON.stringify(read))).toEqual(json)
    await withClient(async (client) => {
      expect((await client.run(read, { n: 1 })).output).toEqual({ n: 1, x: 2 })
    })
  })
})
