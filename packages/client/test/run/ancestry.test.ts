import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step, type Ancestry, type RunResult } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { clientOn } from '../durable-client.ts'
import { double, withClient } from '../local-plans.ts'
import { smallNetwork } from '../small-network.ts'
import { haikus, writer } from '../writers.ts'

const next = step({ name: 'next', input: z.number(), output: z.number(), run: (n) => n + 1 })
const sum = step({
  name: 'sum',
  input: z.array(z.number()),
  output: z.number(),
  run: (all) => all.reduce((total, n) => total + n, 0),
})

/** An id without that of the run. */
function short(task: string): string {
  return task.slice(task.indexOf('/') + 1)
}

/** Its tasks, by what their keys say, with those that each builds on. */
function told({ tasks, makers }: Ancestry): Record<string, string[]> {
  const from = tasks.map((task) => [short(task.task), task.from.map(short)] as const)
  return { ...Object.fromEntries(from), makers: makers.map(short) }
}

describe('the lineage of a result', () => {
  it('[F22] leads from a row back to the steps, nodes, models and attempts that it came through', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    const result = await net.client.run(haikus, { instruction: 'a' })
    const lineage = result.lineage(result.output)
    expect(lineage.inputs).toEqual([0])
    expect(lineage.tasks.map((task) => task.step)).toEqual([
      'rewrite',
      ...Array.from({ length: 5 }, () => 'execute'),
    ])
    expect(lineage.makers).toEqual(lineage.tasks.slice(1).map((task) => task.task))
    const [rewrite, ...executed] = lineage.tasks
    expect(rewrite).toMatchObject({ attempts: 1, cached: false, from: [], node: 'node-1' })
    expect(rewrite?.model).not.toBe('')
    for (const { from } of executed) expect(from).toEqual([rewrite?.task])
    // One haiku of them: by itself and by its hash.
    const [, second = ''] = result.output
    const haiku = result.lineage(second)
    expect(told(haiku)).toEqual({
      '0/rewrite': [],
      '0.1/execute': ['0/rewrite'],
      makers: ['0.1/execute'],
    })
    expect(result.lineage(haiku.hash)).toEqual(haiku)
  })

  it('[F22] tells rows, groups and their elements apart', async () => {
    const plan = pipeline('groups', { n: z.number() })
      .map(({ n }) => [n, n + 1, n + 2])
      .scatter()
      .step(next)
      .aggregate({ by: (n) => n % 2 })
      .step(sum)
    await withClient(async (client) => {
      const { output, lineage, tasks } = await bound(client.run(plan, [{ n: 0 }, { n: 10 }]))
      expect(output).toEqual([4, 2, 24, 12])
      expect(told(lineage(4))).toEqual({
        '0.0/next': [],
        '0.2/next': [],
        '0.0/sum': ['0.0/next', '0.2/next'],
        makers: ['0.0/sum'],
      })
      expect(lineage(24).inputs).toEqual([1])
      // An answer on the way.
      expect(tasks.some((task) => task.output === 13)).toBe(true)
      expect(told(lineage(13))).toEqual({ '1.2/next': [], makers: ['1.2/next'] })
    })
  })

  it('[F22] follows equal values to all that made them, and an object to its own', async () => {
    const wrap = step({
      name: 'wrap',
      input: z.number(),
      output: z.object({ half: z.number() }),
      run: (n) => ({ half: Math.floor(n / 2) }),
    })
    const plan = pipeline('halves', { n: z.number() })
      .map(({ n }) => n)
      .step(wrap)
    await withClient(async (client) => {
      const { output, lineage } = await bound(client.run(plan, [{ n: 4 }, { n: 5 }, { n: 6 }]))
      expect(lineage({ half: 2 }).inputs).toEqual([0, 1])
      expect(lineage({ half: 2 }).makers).toHaveLength(2)
      expect(lineage(output[1]).inputs).toEqual([1])
    })
  })

  it('[F22] goes through graphs, branches, plans in plans, copies and callbacks', async () => {
    const nested = pipeline('nested', { n: z.number() })
      .map(({ n }) => n)
      .step(next)
    const diamond = graph('diamond', { input: z.number() }, (g, n) => {
      const left = g(next, n)
      const right = g(double, n)
      const aside = g(double, left, { name: 'aside' })
      return { both: g(sum, [left, right]), aside }
    })
    const plan = pipeline('all', { n: z.number() })
      .step(nested)
      .step(diamond)
      .parallel({
        a: (row) => row.map(({ both }) => both).step(double),
        b: (row) => row.map(({ aside }) => aside),
      })
      .broadcast(2)
      .callback((results) => results.length)
    await withClient(async (client) => {
      const result = await client.run(plan, { n: 1 })
      expect(result.output).toBe(2)
      const { tasks, makers } = result.lineage(2)
      const steps = tasks.map((task) => task.step)
      expect(steps.toSorted()).toEqual(
        [
          'nested/next',
          'diamond/next',
          'diamond/double',
          'diamond/aside',
          'diamond/sum',
          'parallel.a/double',
        ].toSorted(),
      )
      for (const { from, task } of tasks) {
        const at = tasks.findIndex((one) => one.task === task)
        for (const before of from) {
          const place = tasks.findIndex((one) => one.task === before)
          expect(place).toBeGreaterThanOrEqual(0)
          expect(place).toBeLessThan(at)
        }
      }
      expect(makers.map((maker) => maker.slice(maker.indexOf('/')))).toContain('/0/diamond/aside')
    })
  })

  it('[F22] tells apart again what was gathered, and gathers what a plan inside gave', async () => {
    const inner = pipeline('inner', { list: z.array(z.number()) })
      .map((row) => row.list)
      .scatter()
      .step(next)
    const again = pipeline('again', { list: z.array(z.number()) })
      .step(inner)
      .scatter()
      .step(double)
    await withClient(async (client) => {
      const { output, lineage } = await bound(client.run(again, { list: [1, 2] }))
      expect(output).toEqual([4, 6])
      expect(told(lineage(6))).toEqual({
        '0.1/inner/next': [],
        '0.1/double': ['0.1/inner/next'],
        makers: ['0.1/double'],
      })
      const whole = pipeline('whole', { list: z.array(z.number()) }).step(inner, { as: 'made' })
      const result = await client.run(whole, { list: [1, 2] })
      expect(told(result.lineage(result.output))).toMatchObject({
        makers: ['0.0/inner/next', '0.1/inner/next'],
      })
    })
  })

  it('[F22] keeps to the wires of a graph: what a value does not need is not among its ancestors', async () => {
    const twins = graph('twins', { input: z.number() }, (g, n) => {
      const one = g(next, n)
      g(double, n)
      return one
    })
    await withClient(async (client) => {
      const { lineage } = await bound(client.run(twins, 7))
      expect(told(lineage(8))).toEqual({ '0/next': [], makers: ['0/next'] })
    })
  })

  it('[F22] is whole after a resume', async () => {
    let isUp = false
    const flaky = step({
      name: 'flaky',
      input: z.number(),
      output: z.number(),
      run: (n) => {
        if (!isUp) throw new RangeError('down')
        return n * 10
      },
    })
    const plan = pipeline('two', { n: z.number() })
      .map(({ n }) => n)
      .step(next)
      .step(flaky)
    await using client = clientOn(createMemoryStore())
    await expect(client.run(plan, { n: 1 }, { id: 'r' })).rejects.toThrow('down')
    isUp = true
    const result = await client.resume('r', plan)
    const { tasks } = result.lineage(20)
    expect(tasks.map(({ step: name, cached }) => [name, cached])).toEqual([
      ['next', true],
      ['flaky', false],
    ])
  })

  it('[F22] of a whole list of rows leads back to everything that any of them came through', async () => {
    const plan = pipeline('rows', { n: z.number() })
      .map(({ n }) => n)
      .step(next)
      .filter((n) => n !== 3)
    await withClient(async (client) => {
      const result = await client.run(plan, [{ n: 1 }, { n: 2 }, { n: 3 }])
      expect(result.output).toEqual([2, 4])
      const lineage = result.lineage(result.output)
      expect(lineage.inputs).toEqual([0, 2])
      expect(told(lineage)).toEqual({
        '0/next': [],
        '2/next': [],
        makers: ['0/next', '2/next'],
      })
      expect(result.lineage(lineage.hash)).toEqual(lineage)
      const none = await client.run(plan, [{ n: 2 }])
      expect(none.lineage(none.output)).toMatchObject({ inputs: [], makers: [], tasks: [] })
    })
  })

  it('[F22] of what no step made is the input alone; of what is not there, an error', async () => {
    const plan = pipeline('none', { n: z.number() }).map(({ n }) => [n])
    await withClient(async (client) => {
      const result = await client.run(plan, [{ n: 1 }, { n: 2 }])
      expect(result.lineage([2])).toMatchObject({ inputs: [1], makers: [], tasks: [] })
      expect(() => result.lineage('nowhere')).toThrow(/has no such value or hash/)
      expect(() => result.lineage({ n: 1 })).toThrow(/has no such value/)
    })
  })
})

/** The result, with its `lineage` to be taken apart. */
async function bound<T>(
  run: PromiseLike<RunResult<T>>,
): Promise<Pick<RunResult<T>, 'output' | 'tasks' | 'lineage'>> {
  const result = await run
  const { output, tasks } = result
  return { output, tasks, lineage: (value) => result.lineage(value) }
}
