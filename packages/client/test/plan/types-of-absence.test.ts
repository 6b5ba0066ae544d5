import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { execute, judge } from '../workflows.ts'

/** What a run of a plan on one input gives. */
type OutputOf<P> = P extends { readonly '~out'?: () => infer Out } ? Out : never

const start = pipeline('start', { instruction: z.string() })

describe('[X1] types', () => {
  it('of what may be skipped may be absent, and so is what needs it', () => {
    const skipped = start.step(execute, { as: 'answer', when: () => true })
    expectTypeOf<OutputOf<typeof skipped>>().toEqualTypeOf<{
      instruction: string
      answer: string | undefined
    }>()
    const judged = skipped.step(judge, { as: 'grade' })
    expectTypeOf<OutputOf<typeof judged>['grade']>().toEqualTypeOf<
      { score: number; why: string } | undefined
    >()
  })

  it('[P9] [P11] of a chosen case may be absent where what it needs may be', () => {
    const skipped = start.step(execute, { as: 'answer', when: () => true })
    const chosen = skipped.choose(() => 'judge', { judge, execute })
    expectTypeOf<OutputOf<typeof chosen>>().toEqualTypeOf<
      { score: number; why: string } | undefined | string
    >()
  })

  it('[P11] of rows of a batch may be absent for a step that needs them', () => {
    const graded = start.broadcast(2).step(judge, {
      with: ({ instruction }) => ({ instruction, answer: '' }),
      as: 'grade',
      when: () => true,
    })
    const best = step({
      name: 'best',
      input: z.array(z.object({ grade: z.object({ score: z.number() }) })),
      output: z.number(),
      run: ([first]) => first?.grade.score ?? 0,
    })
    const batches = graded.batch(2).step(best)
    expectTypeOf<OutputOf<typeof batches>>().toEqualTypeOf<(number | undefined)[]>()
  })

  it('[P11] of a column beside what may be absent as a whole are absent with it', () => {
    const Draft = z.object({ draft: z.string() })
    const draft = step({
      name: 'draft',
      input: z.object({ instruction: z.string() }),
      output: Draft,
      run: ({ instruction }) => ({ draft: instruction }),
    })
    const size = step({
      name: 'size',
      input: Draft,
      output: z.number(),
      run: (row) => row.draft.length,
    })
    type Sized = { draft: string; size: number } | undefined
    const skipped = start.step(draft, { when: () => true })
    const sized = skipped.step(size, { as: 'size' })
    expectTypeOf<OutputOf<typeof sized>>().toEqualTypeOf<Sized>()
    const mapped = skipped.step(size, { as: 'size', with: (row) => row ?? { draft: '' } })
    expectTypeOf<OutputOf<typeof mapped>>().toEqualTypeOf<Sized>()
    const perhaps = skipped.step(size, { as: 'size', when: () => true })
    expectTypeOf<OutputOf<typeof perhaps>>().toEqualTypeOf<
      { draft: string; size: number | undefined } | undefined
    >()
    const unknown = pipeline('unknown', {})
      .map((): unknown => ({}))
      .step(step({ name: 'any', input: z.unknown(), output: z.number(), run: () => 1 }), {
        as: 'n',
      })
    expectTypeOf<OutputOf<typeof unknown>>().toEqualTypeOf<{ n: number }>()
  })
})
