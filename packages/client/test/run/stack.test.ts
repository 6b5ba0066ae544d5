import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, pipeline, step } from '../../src/index.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf } from '../waiting.ts'
import { execute } from '../workflows.ts'
import { writer } from '../writers.ts'

const Report = z.object({ text: z.string() }).meta({ id: 'Report' })
const report = step({
  name: 'report',
  input: z.object({ text: z.string() }),
  output: Report,
  run: ({ text }) => ({ text }),
})
const plan = pipeline('reports', { instruction: z.string() })
  .step(execute)
  .map((text) => ({ text }))
  .step(report)

describe('the stack of a run', () => {
  it('[F5] says who does the work, what keeps it and where values go, for that run only', async () => {
    await using here = await smallNetwork([{ name: 'here', answer: writer }], {
      routes: { Report: () => 'here://report' },
    })
    await using there = await smallNetwork([{ name: 'there', answer: writer }], {
      routes: { Report: () => 'there://report' },
    })
    const { client } = here
    const input = { instruction: 'a' }
    const usual = await client.run(plan, input, { id: 'usual' })
    const moved = await client.run(plan, input, { id: 'moved', stack: there.client.stack })
    const after = await client.run(plan, input, { id: 'after' })
    expect(moved.output).toEqual(usual.output)
    const places = [usual, moved, after].map(({ tasks }) =>
      tasks.map(({ node, artifact }) => artifact ?? node),
    )
    expect(places).toEqual([
      ['here', 'here://report'],
      ['there', 'there://report'],
      ['here', 'here://report'],
    ])
    expect((await client.runs.list()).map(({ id }) => id)).toEqual(['after', 'usual'])
    expect((await there.client.runs.list()).map(({ id }) => id)).toEqual(['moved'])
  })

  it('[F5] takes the place of those parts only that it names, also when a run is taken up or done again', async () => {
    await using net = await smallNetwork([{ name: 'here', answer: writer }])
    await using store = createMemoryStore()
    const { client } = net
    const stack = { store, routes: { Report: () => 'elsewhere' } }
    const input = { instruction: 'a' }
    const first = await client.run(plan, input, { id: 'r', stack })
    expect(first.tasks.map(({ node, artifact }) => artifact ?? node)).toEqual(['here', 'elsewhere'])
    expect(await client.runs.list()).toEqual([])
    const resumed = await client.resume('r', plan, { stack })
    expect(resumed.stats).toMatchObject({ cached: 2 })
    const again = await client.rerun('r', plan, { from: 'report', stack })
    expect(again.stats).toMatchObject({ done: 2, cached: 1 })
    expect((await failureOf(client.resume('r', plan))).message).toContain("no run 'r'")
  })

  it('[F5] that is none is refused by name', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    const run = () => net.client.run(plan, { instruction: 'a' }, { stack: { shop: 1 } as object })
    expect(run).toThrow("a stack has no option 'shop'; it has network, store, routes")
  })

  it('[F5] that is closed ends the run with a plain error', async () => {
    await using here = await smallNetwork([{ answer: writer }])
    const there = await smallNetwork([{ answer: writer }])
    const { stack } = there.client
    await there[Symbol.asyncDispose]()
    const { network } = stack
    const error = await failureOf(
      here.client.run(execute, { instruction: 'a' }, { stack: { network } }),
    )
    expect(error.message).toMatch(/closed|no node/)
  })
})
