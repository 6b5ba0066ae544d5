import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, pipeline, step } from '../../src/index.ts'
import { clientOn } from '../durable-client.ts'
import { list, numbers, withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

describe('failures', () => {
  const picky = step({
    name: 'picky',
    input: z.number(),
    output: z.number(),
    run: (n) => {
      if (n % 10 === 3) throw new RangeError(`not ${n}`)
      return n
    },
  })
  const ten = Array.from({ length: 10 }, (_, n) => n)

  it('[F19] below the allowed share drop the row and are listed', async () => {
    const plan = list.step(picky, { minSuccessRatio: 0.9 }).aggregate()
    const { output, failures } = await withClient(async (client) =>
      client.run(plan, { items: ten }),
    )
    expect(output).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9])
    expect(failures).toMatchObject([{ step: 'picky', index: 0, input: 3, attempts: 1, nodes: [] }])
    expect(failures[0]?.error.message).toContain('not 3')
  })

  it('[F19] of items name their own place, also where they are read back', async () => {
    const plan = pipeline('nested', { lists: z.array(z.array(z.number())) })
      .map(({ lists }) => lists)
      .scatter()
      .scatter()
      .step(picky)
    await using client = clientOn(createMemoryStore())
    const inputs = [{ lists: [[0]] }, { lists: [[1], [2, 3], [13]] }]
    const { result, message } = await failureOf(client.run(plan, inputs, { id: 'r' }))
    const [first] = result.failures
    const places = [
      [1, 1, 1],
      [1, 2, 0],
    ]
    expect(first).toMatchObject({ index: 1, input: 3 })
    expect(result.failures.map(({ path }) => path)).toEqual(places)
    expect(client.runs.failures('r').map(({ path }) => path)).toEqual(places)
    expect(message).toContain('The first, of item 2 of item 2 of input number 2: ')
    expect(result.summary()).toContain('item 2 of item 2 of input number 2')
  })

  it('[F19] of inputs that do not fit have the place of the input', async () => {
    // @ts-expect-error what only a run finds out
    const running = withClient(async (client) => client.run(numbers, [{ n: 1 }, { n: 'two' }]))
    const { result } = await failureOf(running)
    expect(result.failures).toMatchObject([{ step: 'input', index: 1, path: [1] }])
  })

  it('[F19] above the allowed share fail the run, which keeps what was done', async () => {
    const plan = list.step(picky, { minSuccessRatio: 0.9 })
    const items = [...ten, 13]
    const error = await withClient(async (client) => failureOf(client.run(plan, { items })))
    expect(error.code).toBe('RUN_FAILED')
    expect(error.message).toContain("2 of 11 rows failed in 'picky' (at most 1 may)")
    expect(error.result.output).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9])
    expect(error.result.stats).toMatchObject({ tasks: 11, done: 9, failed: 2 })
  })

  it('[F19] after the call count as failed alone: a row that can gain no column', async () => {
    const plan = numbers.step(picky, { as: 'x' })
    const whole = pipeline('w', { n: z.number() }).step(plan, { retries: 1 })
    await withClient(async (client) => {
      for (const given of [plan, whole]) {
        const error = await failureOf(client.run(given, { n: 1 }))
        expect(error.message).toContain('picky: only a row with columns can gain one')
        expect(error.message).not.toContain('of 2 rows')
      }
      const { result } = await failureOf(client.run(plan, { n: 1 }))
      expect(result.stats.bySteps).toMatchObject([{ done: 0, failed: 1 }])
      expect(result.stats).toMatchObject({ tasks: 1, done: 0, failed: 1 })
      const half = numbers.step(picky, { as: 'x', minSuccessRatio: 0.5 })
      await expect(client.run(half, { n: 1 })).rejects.toThrow('can gain one')
    })
  })

  it('[F19] of no rows are none: zero items succeed', async () => {
    const plan = list.step(picky)
    const { output } = await withClient(async (client) => client.run(plan, { items: [] }))
    expect(output).toEqual([])
  })

  it('[F19] end the run at once with failFast', async () => {
    let started = 0
    const counting = step({
      name: 'counting',
      input: z.number(),
      output: z.number(),
      run: async (n) => {
        started++
        await new Promise((resolve) => setTimeout(resolve, 1))
        if (n === 1) throw new RangeError('first')
        return n
      },
    })
    const plan = list.step(counting, { failFast: true, concurrency: 2 })
    const items = Array.from({ length: 100 }, (_, n) => n)
    const error = await withClient(async (client) => failureOf(client.run(plan, { items })))
    expect(error.code).toBe('STEP_FAILED')
    expect(started).toBeLessThan(10)
  })

  it('[F19] begin no further item with failFast, and keep those that end all the same', async () => {
    const started: number[] = []
    const open = Promise.withResolvers<void>()
    const stubborn = step({
      name: 'stubborn',
      input: z.number(),
      output: z.number(),
      run: async (n) => {
        started.push(n)
        if (n > 0) throw new RangeError('first')
        await open.promise
        return n
      },
    })
    const later = list
      .step(stubborn, { failFast: true, concurrency: 2 })
      .map((n) => ({ n }))
      .filter(async ({ n }) => Promise.resolve(n === 0))
    const error = await withClient(async (client) => {
      const run = client.run(later, { items: [0, 1, 2, 3] })
      for await (const event of run) {
        if (event.type === 'task' && event.state === 'failed')
          setImmediate(() => {
            open.resolve()
          })
      }
      return failureOf(run)
    })
    expect(started).toEqual([0, 1])
    expect(error.result.output).toEqual([{ n: 0 }])
    expect(error.result.failures).toMatchObject([{ input: 1 }])
  })

  it('end a run without beginning the step that comes next, whatever ends meanwhile', async () => {
    const open = Promise.withResolvers<boolean>()
    const seen: number[] = []
    const watched = step({
      name: 'watched',
      input: z.number(),
      output: z.number(),
      run: (n) => {
        seen.push(n)
        return n
      },
    })
    const plan = list
      .tap(async (n) => {
        if (n === 0) await open.promise
      })
      .step(picky, { failFast: true, when: (n) => n === 3 })
      .step(watched, { when: () => open.promise })
    const error = await withClient(async (client) => {
      const run = client.run(plan, { items: [0, 1, 3] })
      for await (const event of run) {
        if (event.type === 'task' && event.state === 'failed')
          setImmediate(() => {
            open.resolve(true)
          })
      }
      return failureOf(run)
    })
    expect(seen).toEqual([])
    expect(error.result.output).toEqual([])
  })

  it('of another run, or of a client that was closed, lose no row in silence', async () => {
    await using other = clientOn(createMemoryStore())
    const closed = clientOn(createMemoryStore())
    await closed[Symbol.asyncDispose]()
    const ask = async (n: number) => {
      if (n === 1) return n
      const run = (n === 2 ? other : closed).run(numbers, { n })
      await run.cancel()
      return (await run).output
    }
    const asks = step({ name: 'asks', input: z.number(), output: z.number(), run: ask })
    const inner = pipeline('inner', { n: z.number() })
      .map(({ n }) => n)
      .step(asks)
    const whole = list.map((n) => ({ n })).step(inner, { retries: 1 })
    const told = [
      'STEP_FAILED CANCELLED: cancelled by the caller',
      'STEP_FAILED CLOSED: the client was closed',
    ]
    await withClient(async (client) => {
      for (const plan of [list.step(asks), list.map(ask), whole]) {
        const { result } = await failureOf(client.run(plan, { items: [1, 2, 3] }))
        expect(result.output).toEqual([1])
        const failures = result.failures.map(({ error }) => `${error.code} ${error.message}`)
        expect(failures.toSorted()).toEqual(told)
      }
    })
  })

  it('of a row that may not fail leave nothing half to be gathered', async () => {
    const gathered: number[] = []
    const plan = list
      .step(picky)
      .aggregate()
      .tap((rows) => {
        gathered.push(rows.length)
      })
    const inputs = [{ items: [1, 2] }, { items: [3, 4] }]
    const error = await withClient(async (client) => failureOf(client.run(plan, inputs)))
    expect(gathered).toEqual([2])
    expect(error.result.output).toEqual([[1, 2]])
  })

  it('of all rows of an input leave no empty list of them', async () => {
    const plan = list.step(picky, { minSuccessRatio: 0 }).aggregate()
    const inputs = [{ items: [1] }, { items: [3] }, { items: [] }]
    const { output, failures } = await withClient(async (client) => client.run(plan, inputs))
    expect(output).toEqual([[1], []])
    expect(failures).toMatchObject([{ index: 1 }])
  })

  it('[F18] never lets more rows into a step than it says, and keeps that many busy', async () => {
    const running = { now: 0, most: 0 }
    const busy = step({
      name: 'busy',
      input: z.number(),
      output: z.number(),
      run: async (n) => {
        running.most = Math.max(running.most, ++running.now)
        await new Promise((resolve) => setTimeout(resolve, 1))
        running.now--
        return n
      },
    })
    const plan = list.step(busy, { concurrency: 4 })
    const items = Array.from({ length: 40 }, (_, n) => n)
    const { output } = await withClient(async (client) => client.run(plan, { items }))
    expect(output).toEqual(items)
    expect(running.most).toBe(4)
  })

  it('[F18] lets the next row in as soon as one is done, not a group when all are', async () => {
    const slow = Promise.withResolvers<undefined>()
    const done: number[] = []
    const mixed = step({
      name: 'mixed',
      input: z.number(),
      output: z.number(),
      run: async (n) => {
        await (n === 0 ? slow.promise : Promise.resolve())
        done.push(n)
        // The slow one ends after all others: with groups they would wait for it for ever.
        if (done.length === 9) slow.resolve(undefined)
        return n
      },
    })
    const plan = list.step(mixed, { concurrency: 2 })
    const { output } = await withClient(async (client) => client.run(plan, { items: ten }))
    expect(done.at(-1)).toBe(0)
    expect(output).toEqual(ten)
  })

  it('[F18] [Q5] are tried again and timed out for each row by itself; whoever waits gets the last error', async () => {
    const tries: Record<number, number> = {}
    const uneven = step({
      name: 'uneven',
      input: z.number(),
      output: z.number(),
      run: async (n) => {
        tries[n] = (tries[n] ?? 0) + 1
        if (n === 1) await new Promise(() => {})
        if (n === 2) throw new RangeError(`no ${tries[n]}`)
        if (n === 3 && tries[n] < 3) throw new RangeError('not yet')
        return n
      },
    })
    const retry = { attempts: 3, delay: 1 }
    const plan = list.step(uneven, { retry, timeout: '30ms', minSuccessRatio: 0 })
    const caller = step({
      name: 'caller',
      input: z.number(),
      output: z.string(),
      run: (n, { call }) => call(uneven, n).then(String, (error: Error) => error.message),
    })
    await withClient(async (client) => {
      const { output, failures } = await client.run(plan, { items: [0, 1, 2, 3] })
      expect(output).toEqual([0, 3])
      expect(tries).toEqual({ 0: 1, 1: 3, 2: 3, 3: 3 })
      const said = failures.map(
        ({ input, attempts, error }) => `${String(input)}, ${attempts} tries: ${error.message}`,
      )
      expect(said.toSorted()).toEqual([
        '1, 3 tries: did not finish within 30 ms',
        "2, 3 tries: step 'uneven' threw: no 3",
      ])
      expect((await client.run(caller, 2)).output).toBe("step 'uneven' threw: no 4")
    })
  })

  it('[F10] of a tap keep the row from every later step', async () => {
    let later = 0
    const plan = numbers
      .tap((n) => {
        if (n > 0) throw new RangeError('too big')
      })
      .map((n) => {
        later++
        return n
      })
    const error = await withClient(async (client) => failureOf(client.run(plan, { n: 1 })))
    expect(error.message).toContain('too big')
    expect(later).toBe(0)
  })
})
