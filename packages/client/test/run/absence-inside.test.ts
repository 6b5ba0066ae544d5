import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step, type Runnable } from '../../src/index.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf } from '../waiting.ts'

const number = z.number()
const Half = z.object({ half: number })
const half = step({
  name: 'half',
  input: z.object({ n: number }),
  output: number,
  run: ({ n }) => n / 2,
})
const when = ({ n }: { readonly n: number }) => n % 2 === 0
const numbers = pipeline('numbers', { ns: z.array(number) })
  .scatter('ns')
  .map(({ ns }) => ({ n: ns }))
const rows = numbers.step(half, { as: 'half', when })
const values = numbers.step(half, { when })
const one = pipeline('one', { ns: z.array(number) })
  .map(({ ns }) => ({ n: ns[1] ?? 0 }))
  .step(half, { as: 'half', when })
const start = pipeline('p', { ns: z.array(number) })
const withRows = start.step(rows, { as: 'list' })
const withOne = start.step(one, { as: 'o' })

const given = { input: { ns: z.array(number) } }
const optional = { input: { ns: z.array(number), half: number.optional() } }

/** A step that runs here, and a workflow; both take the same. The compiler does not see what may be absent. */
// oxlint-disable-next-line typescript/no-explicit-any -- what only a run can know
type Twin = Runnable<any, unknown>

function twins(shape: Readonly<Record<string, z.ZodType>>): readonly [Twin, Twin] {
  const input = z.object(shape)
  const local = step({ name: 's', input, output: z.string(), run: () => 'ran' })
  const workflow = new WorkflowBuilder('s', shape)
    .generativeStep({ id: 'x', prompt: 'What?' })
    .setReturnValue('x')
    .build()
  return [local, workflow]
}

type Case = readonly [
  how: string,
  shape: Readonly<Record<string, z.ZodType>>,
  of: (s: Twin) => Twin,
]

const skipped: readonly Case[] = [
  ['a list of rows, its only input', { rows: z.array(Half) }, (s) => rows.batch(4).step(s)],
  ['a list with gaps, its only input', { list: z.array(number) }, (s) => values.batch(4).step(s)],
  ['a column of rows', { list: z.array(Half) }, (s) => withRows.step(s)],
  [
    'a column with gaps',
    { list: z.array(number) },
    (s) => start.step(values, { as: 'list' }).step(s),
  ],
  [
    'what is made of rows',
    { all: z.array(Half) },
    (s) => withRows.step(s, { with: ({ list }) => ({ all: list }) }),
  ],
  [
    'what is made of a column',
    { all: Half },
    (s) => one.step(s, { with: (row) => ({ all: { half: row.half } }) }),
  ],
  ['an object without a member', { o: Half }, (s) => withOne.step(s)],
  ['an optional object without a member', { o: Half.optional() }, (s) => withOne.step(s)],
  [
    'a row that is its only input',
    { row: Half },
    (s) =>
      pipeline('q', { ns: z.array(number) })
        .step(one)
        .step(s),
  ],
  ['it after a filter', { o: Half }, (s) => withOne.filter(() => true).step(s)],
  [
    'it where a condition holds',
    { o: Half },
    (s) =>
      withOne.when(
        () => true,
        (p) => p.step(s),
      ),
  ],
  ['it in a chosen case', { o: Half }, (s) => withOne.choose(() => 'a', { a: s })],
  ['it in a branch', { o: Half }, (s) => withOne.parallel({ b: s })],
  ['it by a wire', { o: Half }, (s) => graph('g', given, (g, row) => g(s, { o: g(one, row) }))],
  [
    'a field by a wire',
    { o: Half },
    (s) => graph('g', given, (g, row) => g(s, { o: { half: g(one, row).half } })),
  ],
  [
    'rows by a wire',
    { o: z.array(Half) },
    (s) => graph('g', given, (g, row) => g(s, g(rows, row))),
  ],
  [
    'an input that was not given, by a wire',
    { o: Half },
    (s) => graph('g', optional, (g, row) => g(s, { o: { half: row.half } })),
  ],
]

const asked: readonly Case[] = [
  ['can do without', { list: z.array(Half.partial()) }, (s) => withRows.step(s)],
  ['needs other columns', { ns: z.array(number) }, (s) => withOne.step(s)],
]

/** What came of a plan, and why the step was left out. */
async function cameOf(plan: Twin): Promise<unknown> {
  await using net = await smallNetwork([{ answer: () => ({ output: 'ran' }) }])
  const run = net.client.run(plan, { ns: [4, 3, 6, 8] })
  const skips: string[] = []
  for await (const event of run.events()) {
    const isSkip = event.type === 'task' && event.state === 'skipped' && event.why !== 'when'
    if (isSkip) skips.push(`${event.step}: ${event.why}`)
  }
  const { output, failures } = await run
  expect(failures).toEqual([])
  return { output, skips, asked: net.nodes[0]?.assigned.length }
}

describe('a workflow, as a step that runs here,', () => {
  it.each(skipped)(
    '[P11] is skipped where something is absent inside: %s',
    async (_, shape, of) => {
      const [local, workflow] = twins(shape)
      const came = await cameOf(of(local))
      expect(came).toMatchObject({ skips: [expect.stringMatching(/half'+ is absent$/)], asked: 0 })
      expect(await cameOf(of(workflow))).toEqual(came)
    },
  )

  it.each(asked)(
    '[P11] is asked where something is absent inside and it %s',
    async (_, shape, of) => {
      const [local, workflow] = twins(shape)
      expect(await cameOf(of(local))).toMatchObject({ skips: [] })
      expect(await cameOf(of(workflow))).toMatchObject({ skips: [], asked: 1 })
    },
  )

  it.each<Case>([
    ['a column', { half: number, n: z.string() }, (s) => one.step(s)],
    ['a member', { o: Half.extend({ n: z.string() }) }, (s) => withOne.step(s)],
  ])('[P11] is not skipped where %s beside is wrong', async (_, shape, of) => {
    for (const twin of twins(shape)) {
      await using net = await smallNetwork([{ answer: () => ({ fail: 'no', retryable: false }) }])
      const { result } = await failureOf(net.client.run(of(twin), { ns: [4, 3] }))
      expect(result.failures).toMatchObject([{ step: 's' }])
    }
  })
})
