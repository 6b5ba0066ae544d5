import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'

/** What a run of a plan on one input gives. */
type OutputOf<P> = P extends { readonly '~out'?: () => infer Out } ? Out : never

const start = pipeline('start', { text: z.string() })
const words = step({
  name: 'words',
  input: z.object({ text: z.string() }),
  output: z.number(),
  run: ({ text }) => text.split(' ').length,
})
const told = new WorkflowBuilder('told', { text: z.string() })
  .generativeStep({ id: 'x', prompt: '{{text}}' })
  .setReturnValue('x')
  .build()
const Words = z.object({ words: z.number() })
const size = step({ name: 'size', input: z.string(), output: z.number(), run: (s) => s.length })

describe('branches that functions build', () => {
  it('[P4] make one object of a schema, beside steps or alone', async () => {
    const Counts = z.object({ words: z.number(), again: z.number() })
    const mixed = start.parallel(
      { words, again: (rows) => rows.step(words, { retries: 2 }) },
      { combined: Counts },
    )
    expectTypeOf<OutputOf<typeof mixed>>().toEqualTypeOf<z.output<typeof Counts>>()
    const alone = start.parallel(
      { words: (rows) => rows.step(words) },
      { combined: z.object({ words: z.number() }), as: 'counts' },
    )
    expectTypeOf<OutputOf<typeof alone>['counts']>().toEqualTypeOf<{ words: number }>()
    const { output } = await withClient(async (client) => client.run(mixed, { text: 'a b' }))
    expect(output).toEqual({ words: 2, again: 2 })
  })
})

/** Mistakes that do not compile. Nobody calls it. */
export function rejected(): void {
  const Wrong = z.object({ told: z.number() })
  // @ts-expect-error [P4] a combined schema that lacks the field of a branch beside a function
  start.parallel({ told: (rows) => rows.step(told).step(size), words }, { combined: Wrong })
  // @ts-expect-error [P4] a combined schema that lacks the field of a function's branch
  start.parallel({ told: (rows) => rows.step(told), words }, { combined: Words })
  // @ts-expect-error [P4] a combined schema of another type than a function's branch
  start.parallel({ told: (rows) => rows.step(told) }, { combined: Wrong })
}
