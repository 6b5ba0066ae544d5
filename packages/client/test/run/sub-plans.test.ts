import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, plans, step } from '../../src/index.ts'
import { double, list, numbers, withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

/** A function that says it knows only cases that there are, as JavaScript lets it. */
function nameOf(n: number): 'double' {
  const names: Record<string, 'double'> = { true: 'double' }
  Object.assign(names, { false: 'nothing' })
  return names[String(n > 0)] ?? 'double'
}

function later(): Promise<never> {
  return Promise.reject(new RangeError('nobody waits for this'))
}

function doubled(results: readonly unknown[]): unknown[] {
  return [...results, ...results]
}

const one = pipeline('one', { n: z.number() }).map(({ n }) => -n)

function two() {
  return pipeline('two', { n: z.number() }).broadcast(2)
}

describe('plans inside plans', () => {
  const sum = list.aggregate().map((rows) => rows.reduce((total, n) => total + n, 0))

  it('[F13] are steps: their whole output becomes the row or a column', async () => {
    const plan = pipeline('outer', { items: z.array(z.number()) })
      .step(sum, { as: 'total' })
      .step(list, { with: ({ items }) => ({ items }), as: 'copies' })
    const { output, stats } = await withClient(async (client) =>
      client.run(plan, { items: [1, 2, 3] }),
    )
    expect(output).toEqual({ items: [1, 2, 3], total: 6, copies: [1, 2, 3] })
    expect(stats.tasks).toBe(0)
  })

  it('[F13] can be chosen by the row, and their rows flow on', async () => {
    const plan = pipeline('outer', { items: z.array(z.number()) })
      .pipe(({ items }) => (items.length > 2 ? list : sum))
      .map((n) => n * 10)
    await withClient(async (client) => {
      expect((await client.run(plan, { items: [1, 2, 3] })).output).toEqual([10, 20, 30])
      expect((await client.run(plan, { items: [1, 2] })).output).toEqual(30)
    })
  })

  it('[F13] name their steps after themselves in keys and failures', async () => {
    const broken = step({
      name: 'broken',
      input: z.number(),
      output: z.number(),
      run: () => {
        throw new RangeError('no')
      },
    })
    const inner = pipeline('inner', { n: z.number() })
      .map(({ n }) => n)
      .step(broken)
    const plan = pipeline('outer', { n: z.number() }).step(inner)
    const error = await withClient(async (client) => failureOf(client.run(plan, { n: 1 })))
    expect(error.result.failures).toMatchObject([{ step: 'inner/broken' }])
  })

  it('run side by side in parallel and become columns', async () => {
    const running = { now: 0, most: 0 }
    const busy = (name: string) =>
      step({
        name,
        input: z.object({ n: z.number() }),
        output: z.string(),
        run: async ({ n }) => {
          running.most = Math.max(running.most, ++running.now)
          await new Promise((resolve) => setTimeout(resolve, 5))
          running.now--
          return `${name} ${n}`
        },
      })
    const plan = pipeline('p', { n: z.number() }).parallel({ a: busy('a'), b: busy('b') })
    const { output } = await withClient(async (client) => client.run(plan, { n: 1 }))
    expect(output).toEqual({ n: 1, a: 'a 1', b: 'b 1' })
    expect(running.most).toBe(2)
  })

  it('[P6] are cancelled when the one beside them fails', async () => {
    let cancelled = false
    const slow = step({
      name: 'slow',
      input: z.object({ n: z.number() }),
      output: z.number(),
      run: (_, { signal }) =>
        new Promise<number>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            cancelled = true
            reject(new RangeError('stopped'))
          })
        }),
    })
    const bad = step({
      name: 'bad',
      input: z.object({ n: z.number() }),
      output: z.number(),
      run: () => Promise.reject(new RangeError('bad')),
    })
    const plan = pipeline('p', { n: z.number() }).parallel({ slow, bad })
    const error = await withClient(async (client) => failureOf(client.run(plan, { n: 1 })))
    expect(error.result.failures).toMatchObject([{ step: 'parallel.bad/bad' }])
    expect(cancelled).toBe(true)
  })

  it('[P9] are chosen by name; a name without a plan fails the row and is named', async () => {
    const plan = numbers.choose(nameOf, { double })
    await withClient(async (client) => {
      expect((await client.run(plan, { n: 3 })).output).toBe(6)
      const error = await failureOf(client.run(plan, { n: -3 }))
      expect(error.message).toContain('choose() has no case "nothing"; it has double')
    })
  })

  it('[P9] run for their rows only', async () => {
    const ran: string[] = []
    const noting = (name: string) =>
      step({
        name,
        input: z.number(),
        output: z.number(),
        run: (n) => {
          ran.push(`${name} ${n}`)
          return n
        },
      })
    const plan = list.choose((n) => (n % 2 === 0 ? 'even' : 'odd'), {
      even: noting('even'),
      odd: noting('odd'),
    })
    const { output } = await withClient(async (client) => client.run(plan, { items: [1, 2, 3] }))
    expect(output).toEqual([1, 2, 3])
    expect(ran.toSorted()).toEqual(['even 2', 'odd 1', 'odd 3'])
  })

  it('[F13] map what goes in and out by name, and appear in the events of the one run', async () => {
    const area = pipeline('area', { width: z.number(), height: z.number() })
      .map(({ width, height }) => width * height)
      .step(double)
    const plan = pipeline('outer', { a: z.number(), b: z.number() })
      .step(area, { with: ({ a, b }) => ({ width: a, height: b }), as: 'twice' })
      .map(({ twice }) => twice)
    await withClient(async (client) => {
      const run = client.run(plan, { a: 2, b: 3 }, { id: 'r' })
      const seen: string[] = []
      for await (const event of run.events()) {
        if (event.type === 'task') seen.push(`${event.task} ${event.step} ${event.state}`)
      }
      expect((await run).output).toBe(12)
      expect(seen).toEqual([
        'r/0/area/double area/double queued',
        'r/0/area/double area/double done',
      ])
      expect((await client.runs.list()).map(({ id }) => id)).toEqual(['r'])
    })
  })

  it('are taken by the rows that pass a test', async () => {
    const plan = list.when(
      (n) => n > 1,
      (big) => big.step(double),
      (small) => small.map((n) => -n),
    )
    const { output } = await withClient(async (client) => client.run(plan, { items: [1, 2, 3] }))
    expect(output).toEqual([-1, 4, 6])
  })

  it.each([
    ['callback', { when: 'yes', steps: [{ callback: 'doubled' }] }, "'passed' of when()"],
    ['pipe', { when: 'no', steps: [], otherwise: [{ pipe: { function: 'two' } }] }, "'otherwise'"],
  ])('[F13] of when() lead to one row, also where a %s decides that', async (_, when, name) => {
    const json = { pipeline: 'p', input: { n: 'number' }, steps: [when] }
    const plan = plans.fromJson(json, { yes: () => true, no: () => false, doubled, two })
    await withClient(async (client) => {
      const error = await failureOf(client.run(plan, { n: 1 }))
      expect(error.message).toContain(name)
      expect(error.message).toContain('must lead to one row')
    })
    const chosen = list.when(
      (n) => n > 1,
      (big) => big.callback(([first]) => first?.output),
      (small) => small.map((n) => ({ n })).pipe(() => one),
    )
    const { output } = await withClient(async (client) => client.run(chosen, { items: [1, 2] }))
    expect(output).toEqual([-1, 2])
  })

  it.each([
    ['when', { when: 'later', steps: [{ step: 'double' }] }],
    ['choose', { choose: 'later', cases: { a: 'double' } }],
    ['pipe', { pipe: { function: 'later' } }],
    ['aggregate', { aggregate: true, by: { function: 'later' } }],
  ])('%s takes no promise for a decision', async (verb, chosen) => {
    const json = { pipeline: 'p', input: 'number', steps: [{ broadcast: 2 }, chosen] }
    const plan = plans.fromJson(json, { double, later })
    await withClient(async (client) => {
      const error = await failureOf(client.run(plan, 1))
      expect(error.message).toContain(`${verb}() decides at once, its function cannot be async`)
    })
  })
})
