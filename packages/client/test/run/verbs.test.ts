import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step } from '../../src/index.ts'
import { PlanBuilder, planOfSteps } from '../../src/plan/plan-builder.ts'
import { double, withClient } from '../local-plans.ts'

const same = step({ name: 'same', input: z.any(), output: z.any(), run: (row: unknown) => row })
const twin = graph('twin', { input: z.any() }, (g, row) => g(same, row))
const start = PlanBuilder.start('start', { n: z.number() })

/** Each verb, on rows of any kind; how many rows it makes of one. */
const verbs: Readonly<
  Record<string, readonly [add: (plan: PlanBuilder) => PlanBuilder, rows: number]>
> = {
  step: [(plan) => plan.step(same), 1],
  map: [(plan) => plan.map((row: unknown) => row), 1],
  tap: [(plan) => plan.tap(() => undefined), 1],
  filter: [(plan) => plan.filter(() => true), 1],
  scatter: [(plan) => plan.map((row: unknown) => [row, row, row]).scatter(), 3],
  broadcast: [(plan) => plan.broadcast(2), 2],
  aggregate: [(plan) => plan.broadcast(1).aggregate(), 1],
  groups: [(plan) => plan.broadcast(3).aggregate({ size: 2 }), 2],
  batch: [(plan) => plan.broadcast(3).batch(1), 3],
  callback: [(plan) => plan.callback((results: readonly unknown[]) => [...results, 0]), 2],
  parallel: [(plan) => plan.map((row: unknown) => ({ row })).parallel({ a: same }), 1],
  when: [
    (plan) =>
      plan.when(
        () => true,
        (rows: PlanBuilder) => rows.step(same),
      ),
    1,
  ],
  choose: [(plan) => plan.choose(() => 'a', { a: same }), 1],
  pipe: [(plan) => plan.pipe(() => new PlanBuilder(planOfSteps([twin], {})).broadcast(2)), 2],
  graph: [(plan) => plan.step(twin), 1],
}

/** How many rows come of one input. */
async function rowsOf(plan: PlanBuilder): Promise<number> {
  return withClient(async (client) => {
    const { output } = await client.run<unknown, unknown, unknown>(plan, [{ n: 1 }])
    return z.array(z.unknown()).parse(output).length
  })
}

describe.each(Object.entries(verbs))('after %s', (_, [add, rows]) => {
  it('[D22] broadcast gives five rows of each, and aggregate one that holds all', async () => {
    const plan = add(start)
    expect(await rowsOf(plan)).toBe(rows)
    expect(await rowsOf(plan.broadcast(5))).toBe(5 * rows)
    const all = plan.broadcast(5).aggregate()
    expect(await rowsOf(all)).toBe(1)
    expect(await rowsOf(all.scatter())).toBe(5 * rows)
  })

  it.each(Object.keys(verbs))(
    '[D22] %s works on what broadcast and aggregate give',
    async (name) => {
      const [next, more] = verbs[name] ?? [(plan: PlanBuilder) => plan, 1]
      // A callback sees all rows of an input at once.
      const isCallback = name === 'callback'
      expect(await rowsOf(next(add(start).broadcast(5)))).toBe(
        isCallback ? 5 * rows + 1 : wanted(name, 5 * rows, more),
      )
      expect(await rowsOf(next(add(start).broadcast(5).aggregate()))).toBe(
        isCallback ? 2 : wanted(name, 1, more),
      )
    },
  )
})

/** Verbs that gather do so over all rows of an input. */
function wanted(name: string, rows: number, each: number): number {
  if (name === 'aggregate') return 1
  return name === 'groups' ? Math.ceil((3 * rows) / 2) : rows * each
}

describe('rows with their origin', () => {
  it('[D21] 3 outputs × 2 items: each of the six knows the input and the tasks that it came of', async () => {
    const three = step({
      name: 'three',
      input: z.object({ n: z.number() }),
      output: z.array(z.array(z.number())),
      run: ({ n }) => [0, 1, 2].map((i) => [n + 10 * i, n + 10 * i + 1]),
    })
    const plan = pipeline('twice', { n: z.number() })
      .step(three)
      .scatter()
      .scatter()
      .step(double)
      .callback((results) => results.map(({ input, output, task }) => ({ input, output, task })))
    await withClient(async (client) => {
      const { output, inputs } = await client.run(plan, [{ n: 0 }, { n: 100 }], { id: 'r' })
      expect(inputs).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
      expect(output).toHaveLength(12)
      expect(output[3]).toEqual({ input: 11, output: 22, task: 'r/0.1.1/double' })
      expect(output[10]).toEqual({ input: 120, output: 240, task: 'r/1.2.0/double' })
    })
  })
})

it('[D22] broadcast takes no room for copies before they are on their way', async () => {
  const many = pipeline('many', { n: z.number() }).broadcast(1_000_000_000)
  expect(many.describe()).toContain('broadcast 1000000000')
  expect(many.freeze().plan).toMatchObject({ steps: [{ broadcast: 1_000_000_000 }] })
  await withClient(async (client) => {
    const run = client.run(many, { n: 1 })
    for await (const row of run.rows()) {
      expect(row).toEqual({ n: 1 })
      break
    }
    await run.cancel()
  })
})
