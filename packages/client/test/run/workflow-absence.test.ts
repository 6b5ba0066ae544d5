import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step, type Runnable } from '../../src/index.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf } from '../waiting.ts'
import { execute, judge } from '../workflows.ts'

const word = step({
  name: 'word',
  input: z.object({ n: z.number() }),
  output: z.string(),
  run: ({ n }) => 'honk'.repeat(n),
})
const input = { n: z.number() }
const start = pipeline('p', input)
const skipped = { when: ({ n }: { readonly n: number }) => n > 1 }
const column = start.step(word, { ...skipped, as: 'instruction' })

const wired = graph('g', { input }, (g, row) => g(execute, { instruction: g(word, row, skipped) }))
const answered = column.map(({ instruction }) => ({ instruction, answer: 'a' }))
const plans: [needs: string, name: string, plan: Runnable<{ n: number }, unknown>][] = [
  ['as its only input', 'execute', start.step(word, skipped).step(execute)],
  ['as the column of its only input', 'execute', column.step(execute)],
  ['among others', 'judge', answered.step(judge)],
  ['by a wire', 'execute', wired],
]

describe('a workflow that needs what is absent', () => {
  it.each(plans)('[P11] is skipped, and no node asked: %s', async (_, name, plan) => {
    await using net = await smallNetwork([{}])
    const run = net.client.run(plan, { n: 1 })
    const skips: string[] = []
    for await (const event of run.events()) {
      if (event.type === 'task' && event.state === 'skipped')
        skips.push(`${event.step}: ${event.why}`)
    }
    expect((await run).output).toBe(undefined)
    expect(skips).toEqual(['word: when', `${name}: 'word' is absent`])
    expect(net.nodes[0]?.assigned).toEqual([])
  })

  it.each([
    ['has members that are undefined', { a: 'x', b: undefined }],
    ['is more than Zod lets through', { a: 'x', id: '00000000-0000-1000-0000-000000000001' }],
    ['does not fit, which is for the node to say', { a: 7 }],
  ])('[P11] is asked about a row that is its only input and %s', async (_, row) => {
    const shape = { a: z.string(), id: z.guid().optional() }
    const read = new WorkflowBuilder('read', { doc: z.object(shape) })
      .generativeStep({ id: 'out', prompt: '{{doc}}' })
      .setReturnValue('out')
      .build()
    await using net = await smallNetwork([{ answer: () => ({ output: 'read' }) }])
    const rows = pipeline('p', { n: z.number() })
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what only a run can know
      .map(() => row as { a: string })
      .step(read)
    expect((await net.client.run(rows, { n: 1 })).output).toBe('read')
    const doc: unknown = JSON.parse(JSON.stringify(row))
    expect(net.nodes[0]?.assigned).toMatchObject([{ input: { doc } }])
  })

  const half = step({
    name: 'half',
    input: z.object(input),
    output: z.number(),
    run: ({ n }) => n / 2,
  })
  const whole = step({
    name: 'whole',
    input: z.object(input),
    output: z.any(),
    run: ({ n }) => ({ a: String(n) }),
  })
  const never = { when: () => false }

  it.each([
    ['a pattern of Unicode', z.string().regex(/^\p{L}+$/u), 'Zoë'],
    ['a date, which travels as a text', z.string(), new Date(0)],
    ['one character of two units', z.string().regex(/^.$/u), '😀'],
  ])(
    '[P11] is skipped where a node alone knows that all else is right: %s',
    async (_, name, given) => {
      const greet = new WorkflowBuilder('greet', { name, half: z.number() })
        .generativeStep({ id: 'out', prompt: '{{name}} {{half}}' })
        .setReturnValue('out')
        .build()
      await using net = await smallNetwork([{}])
      const plan = pipeline('p', input)
        .step(half, { ...never, as: 'half' })
        .map(({ half: none }) => ({ half: none, name: z.custom<string>().parse(given) }))
        .step(greet)
      expect((await net.client.run(plan, { n: 1 })).output).toBe(undefined)
      expect(net.nodes[0]?.assigned).toEqual([])
    },
  )

  it('[P11] is skipped where the whole row is absent, and it needs nothing of it', async () => {
    const shape = { a: z.string().optional(), b: z.string().optional() }
    const free = new WorkflowBuilder('free', shape)
      .generativeStep({ id: 'out', prompt: 'Honk' })
      .setReturnValue('out')
      .build()
    await using net = await smallNetwork([{}])
    const plan = pipeline('p', input).step(whole, never).step(free)
    expect((await net.client.run(plan, { n: 1 })).output).toBe(undefined)
    expect(net.nodes[0]?.assigned).toEqual([])
  })

  it('[P11] is asked without an optional input that is absent', async () => {
    const shape = { text: z.string(), half: z.number().optional() }
    const free = new WorkflowBuilder('free', shape)
      .generativeStep({ id: 'out', prompt: '{{text}}' })
      .setReturnValue('out')
      .build()
    await using net = await smallNetwork([{ answer: () => ({ output: 'honk' }) }])
    const plan = pipeline('p', input)
      .step(half, { ...never, as: 'half' })
      .map(({ half: none }) => ({ half: none, text: 'a' }))
      .step(free)
    expect((await net.client.run(plan, { n: 1 })).output).toBe('honk')
    expect(net.nodes[0]?.assigned).toMatchObject([{ input: { text: 'a' } }])
  })

  it('[P11] fails its row where that is not because of a step', async () => {
    await using net = await smallNetwork([{}])
    const undone = start.map(({ n }) => ({ n, instruction: n > 1 ? 'a' : undefined })).step(execute)
    const { code } = await failureOf(net.client.run(undone, { n: 1 }))
    expect(code).toBe('INVALID_INPUT')
    expect(net.nodes[0]?.assigned).toEqual([])
  })
})
