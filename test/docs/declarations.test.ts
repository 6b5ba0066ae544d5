import { describe, expect, it } from 'vitest'
import { compile } from './compile.ts'

/** What a library may export. */
const LIBRARY = `
import { chain, graph, pipeline, step, type Pipeline, type Step, type StepContext, type Store, type AnyRunnable } from '@skein/client'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'

export const half = step({
  name: 'half',
  input: z.object({ n: z.number() }),
  output: z.number(),
  context: z.object({ by: z.number() }),
  run: ({ n }, { context }) => n / context.by,
})
export const judge = new WorkflowBuilder('judge', { n: z.number() })
  .generativeStep({ id: 'word', prompt: 'About {{n}}' })
  .setReturnValue('word')
  .build()
const start = pipeline('start', { n: z.number(), list: z.array(z.string()) })
export const column = start.step(half, { as: 'half' })
export const perhaps = start.step(judge, { as: 'word', when: ({ n }) => n > 1 })
export const split = start.scatter('list').broadcast(['a', 'b'], { as: 'letter' }).aggregate()
export const beside = start.parallel({ half, word: (rows) => rows.step(judge) })
export const collected = start.parallel({ half }, { onError: 'collect' })
export const both = start.parallel(
  { half },
  { combined: z.object({ half: z.number() }), as: 'all', each: true },
)
export const given = column.withContext({ by: 2 })
export const wired = graph(
  'wired',
  { input: { n: z.number() }, context: z.object({ by: z.number() }) },
  (add, input) => ({ half: add(half, input), word: add(judge, input, { when: () => true }) }),
)
export const inner = start.pipe(pipeline('inner', { n: z.number(), list: z.array(z.string()) }).step(half, { as: 'half' }))
export const linked = <T extends AnyRunnable>(first: T) => chain('linked', first)
export const entering = <S extends z.ZodObject>(input: S) => graph('entering', { input }, (_, all) => all)
export const needing = <S extends z.ZodObject>(context: S) =>
  step({ name: 'needing', input: z.string(), output: z.string(), context, run: (text) => text })
export const each = <K extends 'list'>(rows: Pipeline<{ list: string[] }, { [P in K]: string[] }>, name: K) =>
  rows.map((row) => row[name]).scatter()
export const planOf = ({ plan }: Pipeline<unknown, unknown>) => plan
export const meansOf = ({ means }: Step<never, unknown>) => means
export const mapOf = ({ map }: StepContext) => map
export const runsOf = ({ runs }: Store) => runs
`

describe('a module that exports pipelines', () => {
  it('[B8] can be declared: what their types refer to can be named by whoever imports the package', () => {
    const outcome = compile({ 'library.ts': LIBRARY }, { declaration: true })
    expect(outcome).toEqual({ status: 0, output: '' })
  })
})
