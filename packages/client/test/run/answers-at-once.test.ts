import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { clientOn } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

const v = z.number()

const double = step({ name: 'double', input: z.object({ v }), output: v, run: (row) => row.v * 2 })
const square = step({ name: 'square', input: z.object({ v }), output: v, run: (row) => row.v ** 2 })
const next = step({
  name: 'next',
  input: z.object({ v }),
  output: z.object({ v }),
  run: (row) => ({ v: row.v + 1 }),
})

const start = () => pipeline('p', { v })

function manySteps() {
  let plan = start().step(next)
  for (let i = 0; i < 70; i++) plan = plan.step({ ...next, name: `next${i}` })
  return plan.parallel({ double, square })
}

/** What has several branches begin at once, after something that lets a row go on by itself. */
const plans = {
  'a step with few turns': start().step(next, { concurrency: 1 }).parallel({ double, square }),
  'a condition that is waited for': start()
    .step(next, { when: () => Promise.resolve(true) })
    .parallel({ double, square }),
  'a function that is waited for': start()
    .map((row) => Promise.resolve(row))
    .parallel({ double, square }),
  'a cached step': start().step(next, { cache: true }).parallel({ double, square }),
  'more steps than answers nest': manySteps(),
  'a step with few turns before a graph': start()
    .step(next, { concurrency: 1 })
    .pipe(
      graph('both', { input: { v } }, (g, input) => ({
        double: g(double, input),
        square: g(square, input),
      })),
    ),
}

const inputs = [{ v: 1 }, { v: 2 }, { v: 3 }]

describe('a run whose answers are recorded', () => {
  it.each(Object.entries(plans))('[F15] comes to the same after %s', async (_, plan) => {
    await using folder = await temporaryFolder()
    for (const store of [createMemoryStore(), createSqliteStore(folder.file('runs.db'))]) {
      await using client = clientOn(store)
      const { output, stats } = await client.run(plan, inputs, { id: 'r' })
      expect(output).toHaveLength(inputs.length)
      const resumed = await client.resume('r', plan)
      const rerun = await client.rerun('r', plan)
      for (const again of [resumed, rerun]) {
        expect(again).toMatchObject({ output, state: 'done' })
        expect(again.stats.tasks).toBe(stats.tasks)
      }
      expect([...client.runs.rows('r')]).toEqual(output)
    }
  })

  it('[F15] goes on however deep they would nest', async () => {
    await using client = clientOn(createMemoryStore())
    let steps = start().step(next)
    for (let i = 1; i < 3000; i++) steps = steps.step({ ...next, name: `next${i}` })
    const last = { name: 'last', input: z.object({ v }), output: v }
    const broken = step({ ...last, run: () => Promise.reject(new RangeError('not yet')) })
    const run = client.run(steps.step(broken), { v: 0 }, { id: 'r' })
    await expect(run).rejects.toThrow('not yet')
    const plan = steps.step(step({ ...last, run: (row) => row.v }))
    const { output, stats } = await client.resume('r', plan)
    expect(output).toBe(3000)
    expect(stats.cached).toBe(3000)
  })
})
