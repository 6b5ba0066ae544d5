import { Push, WorkflowBuilder, workflowFrom, Write } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type Runnable } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { smallNetwork } from '../small-network.ts'
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

/** What becomes of what a fallback gave for that: a row, or what was wrong with it. */
async function gave(work: Runnable<{ text: string }, unknown>, answer: unknown): Promise<unknown> {
  const plan = pipeline('p', { text: z.string() }).step(work, {
    fallback: () => answer,
    retries: 0,
  })
  await using net = await smallNetwork([{ answer: () => ({ fail: 'no', retryable: false }) }])
  try {
    return (await net.client.run(plan, { text: 'a' })).output
  } catch (error) {
    const said = error instanceof Error ? error.message : ''
    return said.replace(/^.*what its schema refuses: |; it was asked because .*$/gs, '')
  }
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

  it('[F20] is checked against what a workflow says that it gives', async () => {
    const start = new WorkflowBuilder('ask', { text: z.string() }).generativeStep({
      id: 'verdict',
      prompt: '{{text}}',
      schema: z.object({ mood: z.enum(['good', 'bad']) }),
    })
    const verdict = start.setReturnValue('verdict').build()
    const both = start
      .generativeStep({ id: 'why', prompt: 'Why?', outputs: [Push('reasons')] })
      .setReturnValue('verdict', 'reasons')
    const whole = both.build()
    const json = both.returnJson().build()
    const maybe = start
      .generativeStep({ id: 'extra', prompt: 'More?', optional: true })
      .setReturnValue('extra')
      .build()
    const mood = { mood: 'good' }
    expect(await gave(verdict, { mood: 'fair' })).toBe(
      'mood: Invalid option: expected one of "good"|"bad"',
    )
    expect(await gave(verdict, undefined)).toBe(
      'Invalid input: expected object, received undefined',
    )
    expect(await gave(verdict, { ...mood, other: 1 })).toEqual({ ...mood, other: 1 })
    expect(await gave(whole, { verdict: mood, reasons: 'many' })).toBe(
      'reasons: Invalid input: expected array, received string',
    )
    expect(await gave(whole, { verdict: mood, reasons: ['r'] })).toEqual({
      verdict: mood,
      reasons: ['r'],
    })
    expect(await gave(json, mood)).toBe('Invalid input: expected string, received object')
    expect(await gave(maybe, undefined)).toBe(undefined)
    expect(await gave(maybe, 1)).toBe('Invalid input: expected string, received number')
  })

  it('[F20] of a workflow is held to no more than a node holds an answer to', async () => {
    const schema = z.object({ id: z.guid(), default: z.object({ a: z.string() }) })
    const found = new WorkflowBuilder('find', { text: z.string() })
      .generativeStep({ id: 'found', prompt: '{{text}}', schema })
      .setReturnValue('found')
      .build()
    const answer = { id: '00000000-0000-1000-0000-000000000001', default: { a: 'x', more: 1 } }
    expect(await gave(found, answer)).toEqual(answer)
    expect(await gave(found, { ...answer, default: { a: 1 } })).toBe(
      'default.a: Invalid input: expected string, received number',
    )
  })

  it.each([
    ['workflow', (work: Runnable<{ text: string }, unknown>) => work],
    [
      'pipeline',
      (work: Runnable<{ text: string }, unknown>) => pipeline('p', { text: z.string() }).step(work),
    ],
  ])('[F20] of a %s is held to all that its schema says', async (_, as) => {
    const keys = { type: 'object', propertyNames: { type: 'string', pattern: '^[a-z]+$' } }
    const few = { ...keys, minProperties: 1, maxProperties: 2 }
    const set = { type: 'array', items: { type: 'string' }, uniqueItems: true }
    const schema = { type: 'object', properties: { set, few }, required: ['set', 'few'] }
    const said = as(
      workflowFrom({
        version: 1,
        name: 'ask',
        input: { text: { type: 'string' } },
        steps: [{ id: 'answer', operator: 'generation', prompt: '{{text}}', schema }],
        returns: 'answer',
      }),
    )
    const right = { set: ['a', 'b'], few: { a: 1, b: 2 } }
    expect(await gave(said, right)).toEqual(right)
    expect(await gave(said, { ...right, set: ['a', 'a'] })).toMatch(/^set\.1: /)
    for (const wrong of [{}, { a: 1, b: 2, c: 3 }, { 1: 1 }])
      expect(await gave(said, { ...right, few: wrong })).toMatch(/^few/)
  })

  it('[F20] of a workflow that does not say what it gives goes on as it is', async () => {
    const start = new WorkflowBuilder('ask', { text: z.string() }).generativeStep({
      id: 'answer',
      prompt: '{{text}}',
    })
    expect(await gave(start.setReturnValue('text').build(), 1)).toBe(1)
    const twice = start.generativeStep({ id: 'more', prompt: 'More?', outputs: [Write('answer')] })
    expect(await gave(twice.setReturnValue('answer').build(), 1)).toBe(1)
  })

  it('[F20] is checked against what the last step of a pipeline gives', async () => {
    const half = step({
      name: 'half',
      input: z.object({ text: z.string() }),
      output: z.object({ half: z.number() }),
      run: () => {
        throw new RangeError('the line is dead')
      },
    })
    const one = pipeline('one', { text: z.string() }).step(half)
    const many = pipeline('many', { text: z.string() })
      .broadcast(2)
      .step(half)
      .tap(() => {})
    const mapped = one.map(({ half: n }) => n)
    expect(await gave(one, { half: 'a' })).toBe(
      'half: Invalid input: expected number, received string',
    )
    expect(await gave(one, { half: 1, other: 2 })).toEqual({ half: 1 })
    expect(await gave(many, { half: 1 })).toBe('Invalid input: expected array, received object')
    expect(await gave(many, [{ half: 1 }, undefined])).toEqual([{ half: 1 }, undefined])
    expect(await gave(pipeline('outer', { text: z.string() }).step(one), 1)).toBe(
      'Invalid input: expected object, received number',
    )
    expect(await gave(mapped, 'anything')).toBe('anything')
    expect(await gave(one.step(half, { as: 'more', with: () => ({ text: '' }) }), 7)).toBe(7)
  })
})
