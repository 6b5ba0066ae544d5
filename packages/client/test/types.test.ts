import { WorkflowBuilder } from '@skein/workflows'
import { expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../src/index.ts'

const rewrite = new WorkflowBuilder('rewrite', { instruction: z.string() })
  .generativeStep({
    id: 'variations',
    prompt: 'Rewrite {{instruction}}',
    schema: z.array(z.string()),
  })
  .setReturnValue('variations')
  .build()
const execute = new WorkflowBuilder('execute', { instruction: z.string() })
  .generativeStep({ id: 'answer', prompt: '{{instruction}}' })
  .setReturnValue('answer')
  .build()
const judge = new WorkflowBuilder('judge', { instruction: z.string(), answer: z.string() })
  .generativeStep({
    id: 'score',
    prompt: 'Score {{instruction}} {{answer}}',
    schema: z.object({ score: z.number(), why: z.string() }),
  })
  .setReturnValue('score')
  .build()

it('x', () => {
  const haikus = pipeline('haikus', { instruction: z.string() })
    .step(rewrite)
    .scatter()
    .step(execute, { minSuccessRatio: 0.9, retries: 3, timeout: '90s' })
    .aggregate()
  expectTypeOf(haikus['~out']).toEqualTypeOf<(() => string[]) | undefined>()

  const dataset = pipeline('preferences', { instruction: z.string() })
    .step(rewrite, { as: 'variation' })
    .scatter('variation')
    .map(({ variation }) => ({ instruction: variation }))
    .broadcast(['llama3.1:8b', 'qwen2.5:7b'], { as: 'model' })
    .step(execute, { models: (row) => [row.model], as: 'answer', concurrency: 256 })
    .step(judge, { as: 'grade' })
    .filter((row) => row.grade.score >= 6)
    .aggregate({ by: 'instruction' })
    .map((rows) => rows.toSorted((a, b) => b.grade.score - a.grade.score))
  expectTypeOf(dataset['~out']).not.toBeAny()
  const d2 = dataset.map(([best]) => best?.answer)
  expectTypeOf(d2['~out']).toEqualTypeOf<(() => (string | undefined)[]) | undefined>()

  const w = pipeline('w', { a: z.string() }).step(judge, {
    with: (row) => ({ instruction: row.a, answer: 'x' }),
    as: 'g',
  })
  expectTypeOf(w['~out']).toEqualTypeOf<
    (() => { a: string; g: { score: number; why: string } }) | undefined
  >()
  const all = pipeline('w', { instruction: z.string() })
    .step(execute, { models: 'all' })
    .aggregate()
  expectTypeOf(all['~out']).toEqualTypeOf<(() => string[]) | undefined>()
  const local = step({
    name: 'len',
    input: z.string(),
    output: z.number(),
    run: (text) => text.length,
  })
  const l = pipeline('l', { instruction: z.string() }).step(execute).step(local)
  expectTypeOf(l['~out']).toEqualTypeOf<(() => number) | undefined>()
  const par = pipeline('p', { instruction: z.string() }).parallel({ rewrite, execute })
  expectTypeOf(par['~out']).toEqualTypeOf<
    (() => { instruction: string; rewrite: string[]; execute: string }) | undefined
  >()
  const nested = pipeline('n', { instruction: z.string() }).step(haikus, { as: 'h' })
  expectTypeOf(nested['~out']).toEqualTypeOf<
    (() => { instruction: string; h: string[] }) | undefined
  >()
  const cb = pipeline('n', { instruction: z.string() })
    .pipe(haikus)
    .callback((rs) => rs.map((r) => ({ node: r.node, n: r.output.length })))
  expectTypeOf(cb['~out']).toEqualTypeOf<(() => { node: string; n: number }[]) | undefined>()
  const wh = par.when(
    (row) => row.execute === '',
    (bad) => bad.map((row) => ({ ...row, urgent: true })),
  )
  expectTypeOf(wh['~out']).not.toBeAny()
  const ch = pipeline('c', { instruction: z.string() }).choose(
    (r) => (r.instruction === '' ? 'rewrite' : 'execute'),
    { rewrite, execute },
  )
  expectTypeOf(ch['~out']).toEqualTypeOf<(() => string | string[]) | undefined>()
  const inf = pipeline('i', { n: z.coerce.number() })
  inf.step(
    step({
      name: 's',
      input: z.object({ n: z.number() }),
      output: z.string(),
      run: ({ n }) => String(n),
    }),
    { fallback: (e, i) => e.code + i.n },
  )
})

const list = new WorkflowBuilder('list', { instruction: z.string() })
  .generativeStep({ id: 'x', prompt: 'a', schema: z.array(z.number()) })
  .setReturnValue('x')
  .build()
const text = new WorkflowBuilder('text', { instruction: z.string() })
  .generativeStep({ id: 'x', prompt: 'a' })
  .setReturnValue('x')
  .build()
export function rejected(): void {
  const p = pipeline('p', { instruction: z.string() })
  // @ts-expect-error scatter of what is not a list
  p.step(text).scatter()
  // @ts-expect-error aggregate of a single row
  p.step(text).aggregate()
  // @ts-expect-error number[] does not fit { instruction: string }
  p.step(list).step(text)
  // @ts-expect-error number does not fit { instruction: string }
  p.step(list).scatter().step(text)
  // @ts-expect-error a branch that does not fit the row
  p.step(list).parallel({ text })
  // @ts-expect-error column that is not a list
  p.step(list, { as: 'xs' }).scatter('instruction')
  // @ts-expect-error with makes something else
  p.step(list).step(text, { with: () => ({ instruction: 3 }) })
  // @ts-expect-error unknown option
  p.step(text, { retrys: 3 })
  // @ts-expect-error fallback of another type
  p.step(text, { fallback: () => 3 })
  // @ts-expect-error models
  p.step(text, { models: 'x' })
}
