import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

/** A step that fails, and for which a service makes something up that nobody has looked at. */
function rescued<O extends z.ZodType>(output: O, answer: unknown) {
  const ask = step({
    name: 'ask',
    input: z.number(),
    output,
    run: () => {
      throw new RangeError('the line is dead')
    },
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what only a run can know
  const fallback = () => answer as z.output<O>
  return pipeline('p', { n: z.number() })
    .map(({ n }) => n)
    .step(ask, { fallback })
}

const date = z.codec(z.string(), z.date(), {
  decode: (text) => new Date(text),
  encode: (day) => day.toISOString(),
})
const length = z.string().transform((text) => text.length)

describe('what a fallback gives', () => {
  it('[F20] fails the step where its schema refuses it, with the place and why it was asked', async () => {
    const plan = rescued(z.object({ score: z.number() }), { score: 'high' })
    const { result } = await withClient(async (client) => failureOf(client.run(plan, { n: 1 })))
    const [failure] = result.failures
    expect(failure?.error.code).toBe('STEP_FAILED')
    expect(failure?.error.message).toBe(
      "the fallback of step 'ask' gave what its schema refuses: score: Invalid input: expected number, " +
        "received string; it was asked because step 'ask' threw: the line is dead",
    )
    expect(failure?.error.cause).toHaveProperty('message', "step 'ask' threw: the line is dead")
  })

  it('[F20] is parsed as an answer is', async () => {
    const plan = rescued(z.object({ score: z.number() }), { score: 1, other: 2 })
    const { output } = await withClient(async (client) => client.run(plan, { n: 1 }))
    expect(output).toEqual({ score: 1 })
  })

  it('[F20] is what the schema makes of an answer, not what that takes', async () => {
    const day = new Date(0)
    const cases: [z.ZodType, unknown][] = [
      [date, day],
      [length, 4],
      [z.object({ day: date, size: length.pipe(z.number()) }), { day, size: 4 }],
    ]
    await withClient(async (client) => {
      for (const [schema, answer] of cases) {
        expect((await client.run(rescued(schema, answer), { n: 1 })).output).toEqual(answer)
      }
      for (const [schema, answer] of [
        [date, '1970-01-01'],
        [length.pipe(z.number()), 'four'],
      ] as const) {
        const { message } = await failureOf(client.run(rescued(schema, answer), { n: 1 }))
        expect(message).toContain('gave what its schema refuses')
      }
    })
  })
})
