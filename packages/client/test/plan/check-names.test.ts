import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type Pipeline } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'

const n = z.number()
const input = { n }

type Inner = Pipeline<{ n: number }, number, 'one'>

function times(factor: number, name = 's') {
  return step({ name, input: z.object(input), output: n, run: (row) => row.n * factor })
}

/** A step in pipelines of those names. */
function nested([name = 's', ...path]: readonly string[], factor: number): Inner {
  const inner = path.length === 0 ? times(factor) : nested(path, factor)
  return pipeline(name, input).step(inner)
}

const NESTED = 'another is called that, with the plans around it: rename one'

describe('names of steps', () => {
  it('[F24] [X2] that come to the same, with the plans around them, are refused', () => {
    const five = pipeline('x', input).step(pipeline('y', input).step(times(5)))
    const seven = pipeline('x/y', input).step(times(7))
    const plan = pipeline('plan', input).step(five, { as: 'five' }).step(seven, { as: 'seven' })
    expect(plan.validate().errors).toEqual([{ step: 'x/y/s', message: NESTED }])
  })

  it('[F24] [P1] that come to the same as those of branches are refused', () => {
    const seven = pipeline('parallel.q', input).step(times(7))
    const plan = pipeline('plan', input)
      .parallel({ q: times(5) })
      .step(seven, { as: 'seven' })
    expect(plan.validate().errors).toEqual([{ step: 'parallel.q/s', message: NESTED }])
  })

  it('[Q6] [F24] that begin as what another asks are refused', () => {
    const asking = step({
      name: 'en',
      input: z.object(input),
      output: n,
      run: async (row, { call }) => call(times(2), row),
    })
    const start = pipeline('plan', input)
    const plan = start.step(asking, { as: 'a' }).step(times(3, 'en>s'), { as: 'b' })
    const message = "what 'en' asks may be called that: rename one"
    expect(plan.validate().errors).toEqual([{ step: 'en>s', message }])
    const silent = start.step(times(2, 'en'), { as: 'a' }).step(times(3, 'en>s'), { as: 'b' })
    expect(silent.validate().errors).toEqual([])
  })

  it('[X2] whatever they hold, no step is given the answer of another', async () => {
    const name = fc.constantFrom('x', 'x/x', 'parallel.x')
    const path = fc.array(name, { minLength: 1, maxLength: 3 })
    const start = pipeline('plan', input)
    let refused = 0
    await withClient(async (client) => {
      const property = fc.asyncProperty(path, path, name, async (one, other, branch) => {
        const plan = start
          .step(nested(one, 2), { as: 'one' })
          .step(nested(other, 3), { as: 'other' })
          .parallel({ [branch]: nested(['s'], 5) })
        const { ok } = plan.validate()
        if (!ok) refused++
        const outcome = await client.run(plan, { n: 1 }).then(
          ({ output }) => output,
          (error: unknown) => String(error).includes(NESTED),
        )
        const expected = { n: 1, one: 2, other: 3, [branch]: 5 }
        expect(outcome).toEqual(ok ? expected : true)
      })
      await fc.assert(property, { numRuns: 100 })
    })
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThan(100)
  })
})
