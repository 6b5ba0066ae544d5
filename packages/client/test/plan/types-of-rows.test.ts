import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { chain, pipeline, step, type Client, type Pipeline, type Run } from '../../src/index.ts'

/** What a run of a plan on one input gives. */
type OutputOf<P> = P extends { readonly '~out'?: () => infer Out } ? Out : never

const size = step({
  name: 'size',
  input: z.object({ n: z.number() }),
  output: z.number(),
  run: ({ n }) => n,
})
const tagged = step({
  name: 'tagged',
  input: z.object({ tags: z.array(z.string()) }),
  output: z.number(),
  run: ({ tags }) => tags.length,
})
const total = step({
  name: 'total',
  input: z.array(z.number()),
  output: z.number(),
  run: (all) => all.length,
})
const start = pipeline('start', { n: z.number() })

type Bird =
  | { readonly kind: 'goose'; readonly n: number; readonly honk: string }
  | { readonly kind: 'swan'; readonly n: number; readonly hiss: string }

const birds = start.map((): Bird => ({ kind: 'swan', n: 1, hiss: '' }))
const heard = step({
  name: 'heard',
  input: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('goose'), honk: z.string() }),
    z.object({ kind: z.literal('swan'), hiss: z.string() }),
  ]),
  output: z.string(),
  run: (bird) => bird.kind,
})

describe('[X1] types', () => {
  it('of rows that are one of several stay so when they gain columns', () => {
    type Heard = OutputOf<typeof sized>
    const sized = birds.step(size, { as: 'size' })
    expectTypeOf<Extract<Heard, { kind: 'swan' }>['hiss']>().toEqualTypeOf<string>()
    expectTypeOf<Heard['size']>().toEqualTypeOf<number>()
    const columns = birds.parallel({ size, heard }).broadcast(['a'], { as: 'model' }).step(heard)
    expectTypeOf<OutputOf<typeof columns>>().toEqualTypeOf<string[]>()
    const calls = sized.map((bird) => (bird.kind === 'goose' ? bird.honk : bird.hiss))
    expectTypeOf<OutputOf<typeof calls>>().toEqualTypeOf<string>()
  })

  it('of rows that nobody knows yet gain columns', () => {
    expectTypeOf(doubled<{ n: number; name: string }>).returns.toEqualTypeOf<
      Pipeline<{ n: number }, number, 'one'>
    >()
  })

  it('of lists that nobody may change fit what takes lists', () => {
    const columns = start.map((): { readonly tags: readonly string[] } => ({ tags: [] }))
    expectTypeOf(columns.step(tagged)).toEqualTypeOf<Pipeline<{ n: number }, number, 'one'>>()
    const values = start.map((): readonly number[] => [1])
    expectTypeOf(values.step(total)).toEqualTypeOf<Pipeline<{ n: number }, number, 'one'>>()
    const value = start.map((): readonly string[] => [])
    expectTypeOf(value.step(tagged)).toEqualTypeOf<Pipeline<{ n: number }, number, 'one'>>()
    const gives = step({
      name: 'gives',
      input: z.object({ n: z.number() }),
      output: z.array(z.number()).readonly(),
      run: ({ n }) => [n],
    })
    expectTypeOf(chain('c', gives, total)).toEqualTypeOf<Pipeline<{ n: number }, number, 'one'>>()
  })

  it('[F15] of a run that goes on allow for many inputs', () => {
    expectTypeOf(runs).returns.toEqualTypeOf<{
      resumed: Run<number | number[], number>
      again: Run<number | number[], number>
      many: Run<number[], number>
      step: Run<number | number[], number>
      stepAgain: Run<number | number[], number>
    }>()
  })
})

function doubled<T extends { readonly n: number }>(
  rows: Pipeline<{ n: number }, T, 'one'>,
): Pipeline<{ n: number }, number, 'one'> {
  return rows.step(size, { with: (row) => row, as: 'size' }).map((row) => row.size + row.n)
}

/** Never called: what it returns is checked by the compiler. */
function runs(client: Client) {
  const plan = start.step(size)
  return {
    resumed: client.resume('r', plan),
    again: client.rerun('r', plan),
    many: client.resume('r', plan.broadcast(2)),
    step: client.resume('r', size),
    stepAgain: client.rerun('r', size),
  }
}

/** Never called: each line must not compile. */
export function rejected(): void {
  // @ts-expect-error a list of texts is none of numbers, whoever may change it
  start.map((): readonly string[] => []).step(total)
  // @ts-expect-error one of several lacks the column
  start.map((): { n: number } | { m: number } => ({ n: 1 })).step(size)
}
