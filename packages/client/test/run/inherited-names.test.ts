import { writeFile } from 'node:fs/promises'
import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, read, save, step, type Runnable } from '../../src/index.ts'
import { misuseOf } from '../../src/plan/check-columns.ts'
import { withClient } from '../local-plans.ts'
import { smallNetwork } from '../small-network.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { failureOf } from '../waiting.ts'

type Shape = Readonly<Record<string, z.ZodType>>

/** Every object has something of this name. */
const needed: Shape = { valueOf: z.string() }
const optional: Shape = { valueOf: z.string().optional() }
const start = pipeline('p', optional)
const keys = (row: unknown) => Object.keys(Object(row)).join()

function local(input: z.ZodType<Readonly<Record<string, unknown>>>) {
  return step({ name: 's', input, output: z.string(), run: keys })
}

const strict = local(z.object(needed))
const lenient = local(z.object(optional))
const workflow = new WorkflowBuilder('s', needed)
  .generativeStep({ id: 'x', prompt: 'What?' })
  .setReturnValue('x')
  .build()
const made = step({
  name: 'made',
  input: z.object({}),
  output: z.string(),
  run: () => 'made',
})

describe('a column that is named as what every object has', () => {
  it.each<[how: string, plan: Runnable<Readonly<Record<string, unknown>>, unknown>]>([
    ['a step', start.step(strict)],
    ['a workflow', start.step(workflow)],
    ['a part of a graph', graph('g', { input: optional }, (g, row) => g(strict, row))],
    [
      'a part that is wired to it',
      graph('g', { input: optional }, (g, row) => g(strict, { valueOf: row['valueOf'] })),
    ],
  ])('[P11] is absent where it was not given: %s is skipped', async (_, plan) => {
    await using net = await smallNetwork([{}])
    const run = net.client.run(plan, {})
    const skips: unknown[] = []
    for await (const event of run.events()) {
      if (event.type === 'task' && event.state === 'skipped') skips.push(event.why)
    }
    expect((await run).failures).toEqual([])
    expect(skips).toEqual(["'input 'valueOf'' is absent"])
  })

  it('[P11] is absent with its origin where its step was skipped', async () => {
    const plan = pipeline('p', {})
      .step(made, { as: 'valueOf', when: () => false })
      .step(strict)
    await withClient(async (client) => {
      const { output, stats } = await client.run(plan, {})
      expect(output).toBe(undefined)
      expect(stats.bySteps).toMatchObject([{ skipped: 1 }, { step: 's', skipped: 1 }])
    })
  })

  it('[P11] is not given to who can do without it', async () => {
    await withClient(async (client) => {
      expect((await client.run(start.step(lenient), {})).output).toBe('')
      const { output } = await client.run(start.step(lenient), { valueOf: 'x' })
      expect(output).toBe('valueOf')
    })
  })

  it('[F4] is no value of the context that nobody gave', async () => {
    const declaring = step({
      name: 'declaring',
      input: z.object({}),
      output: z.string(),
      context: z.object(optional),
      run: (_row, { context }) => keys(context),
    })
    const plan = pipeline('p', {}).step(declaring)
    const other = pipeline('p', {}).step(made)
    await withClient(async (client) => {
      expect((await client.run(plan, {}, { context: {} })).output).toBe('')
      await client.run(other, {}, { id: 'r' })
      const context = { valueOf: 'x' }
      await expect(async () => client.rerun('r', other, { context })).rejects.toThrow(
        "no step takes the context 'valueOf'",
      )
    })
  })

  it('[F6] is no route', async () => {
    const output = z.string().meta({ id: 'valueOf' })
    const kind = step({ name: 'kind', input: z.object({}), output, run: () => 'a' })
    await using net = await smallNetwork([], { routes: { other: () => 'other://' } })
    expect((await net.client.run(kind, {})).output).toBe('a')
  })

  it('[F8] is lacking where no wire brings it', () => {
    const both = local(z.object({ ...needed, toString: z.string() }))
    const build = () => graph('g', { input: { a: z.string() } }, (g) => g(both, {}))
    expect(build).toThrow("the input of 's' lacks 'valueOf' and 'toString'")
  })

  it('[F8] is told to be missing before anything runs', () => {
    const given = step({
      name: 'given',
      input: z.object({}),
      output: z.object({ a: z.string() }),
      run: () => ({ a: 'a' }),
    })
    const shape = { a: z.string(), b: z.string().optional(), ...needed }
    const plan = pipeline('p', {})
      .step(given)
      .step(local(z.object(shape)))
    const [error] = plan.validate().errors
    expect(error?.message).toContain('valueOf is missing')
    const scatter = { kind: 'scatter', label: 'scatter', column: 'valueOf' } as const
    const row = { type: 'object', properties: { a: {} } }
    expect(misuseOf(scatter, row)).toBe("the row has no column 'valueOf'")
  })

  it.each(['rows.csv', 'rows.parquet'])('[D33] is empty where a row lacks it: %s', async (name) => {
    await using folder = await temporaryFolder()
    const file = folder.file(name)
    await save(file, [{ a: '1', valueOf: 'x' }, { a: '2' }])
    const rows = await Array.fromAsync(read(file, { a: z.string(), ...optional }))
    expect(rows.map((row) => Object.entries(row))).toEqual([
      Object.entries({ a: '1', valueOf: 'x' }),
      Object.entries({ a: '2', valueOf: undefined }),
    ])
  })

  it('[D33] may be lacking in a file', async () => {
    await using folder = await temporaryFolder()
    for (const [name, text] of [
      ['rows.jsonl', '{"a":"1"}\n'],
      ['rows.csv', 'a\n1\n'],
    ] as const) {
      await writeFile(folder.file(name), text)
      const rows = await Array.fromAsync(read(folder.file(name), { a: z.string(), ...optional }))
      expect(rows.map((row) => Object.entries(row))).toEqual([[['a', '1']]])
    }
  })

  it('[P11] fails the run where it must be given', async () => {
    await withClient(async (client) => {
      const { message } = await failureOf(client.run(pipeline('q', needed).step(strict), {}))
      expect(message).toContain('valueOf: Invalid input: expected string, received undefined')
    })
  })
})
