import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fitterOf } from '../../src/plan/fit-input.ts'
import { graph, pipeline, step } from '../../src/index.ts'
import { workOf } from '../../src/plan/runnable.ts'
import { withClient } from '../local-plans.ts'
import { execute, judge } from '../workflows.ts'

function fit(runnable: unknown, row: unknown): unknown {
  const work = workOf(runnable, 'test')
  if (work.kind === 'plan') throw new RangeError('a plan has no work')
  return fitterOf(work)(row)
}

const greet = step({
  name: 'greet',
  input: z.object({ name: z.string() }),
  output: z.string(),
  run: ({ name }) => name,
})
const size = step({ name: 'size', input: z.string(), output: z.number(), run: (s) => s.length })

describe('a row', () => {
  it('fits a workflow when it is its input; other columns stay behind', () => {
    expect(fit(execute, { instruction: 'a' })).toEqual({ instruction: 'a' })
    expect(fit(judge, { answer: 'b', other: 1, instruction: 'a' })).toEqual({
      instruction: 'a',
      answer: 'b',
    })
  })

  it('fits when the workflow has one input and the row is that value', () => {
    expect(fit(execute, 'a')).toEqual({ instruction: 'a' })
    expect(fit(execute, ['a'])).toEqual({ instruction: ['a'] })
  })

  it('that does not fit is told what it lacks', () => {
    expect(() => fit(judge, { instruction: 'a' })).toThrow("workflow 'judge' needs 'answer'")
    expect(() => fit(judge, {})).toThrow("needs 'instruction' and 'answer', which the row lacks")
    expect(() => fit(judge, 'a')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  it('may lack what is optional', () => {
    const optional = new WorkflowBuilder('o', { a: z.string(), b: z.string().optional() })
      .generativeStep({ id: 'x', prompt: '{{a}}' })
      .setReturnValue('x')
      .build()
    expect(fit(optional, { a: 'x', c: 1 })).toEqual({ a: 'x' })
  })

  it('may be empty where nothing is needed, also where there is one input only', () => {
    const optional = new WorkflowBuilder('optional', { a: z.object({}).optional() })
      .generativeStep({ id: 'x', prompt: '{{#if a}}{{a}}{{/if}}' })
      .setReturnValue('x')
      .build()
    expect(fit(optional, {})).toEqual({})
  })

  it('reads own columns only', () => {
    const odd = new WorkflowBuilder('o', { toString: z.string(), a: z.string() })
    const workflow = odd.generativeStep({ id: 'x', prompt: '{{a}}' }).setReturnValue('x').build()
    expect(() => fit(workflow, { a: 'x' })).toThrow("needs 'toString'")
  })

  it.each([
    ['looseObject()', z.looseObject({ name: z.string() })],
    ['catchall()', z.object({ name: z.string() }).catchall(z.number())],
  ])('keeps its other columns where the schema takes them: %s', (_, input) => {
    const open = step({ name: 'open', input, output: z.unknown(), run: (row) => row })
    expect(fit(open, { name: 'Ada', age: 3 })).toEqual({ name: 'Ada', age: 3 })
    expect(fit(open, 'Ada')).toEqual({ name: 'Ada' })
    expect(() => fit(open, { age: 3 })).toThrow("step 'open': ")
  })

  it('leaves its other columns behind where the schema refuses them', () => {
    const input = z.strictObject({ name: z.string() })
    const closed = step({ name: 'closed', input, output: z.unknown(), run: (row) => row })
    expect(fit(closed, { name: 'Ada', age: 3 })).toEqual({ name: 'Ada' })
  })

  it('keeps them on its way into a pipeline that is tried as a whole, and into a graph', async () => {
    const input = z.looseObject({ name: z.string() })
    const open = step({ name: 'open', input, output: z.unknown(), run: (row) => row })
    const wired = graph('wired', { input }, (g, row) => ({ all: g(open, row), age: row['age'] }))
    const row = { name: 'Ada', age: 3 }
    const start = pipeline('p', { name: z.string(), age: z.number() })
    for (const plan of [start.step(wired), start.step(wired, { retries: 1 })]) {
      const { output } = await withClient(async (client) => client.run(plan, row))
      expect(output).toEqual({ all: row, age: 3 })
    }
  })

  it('is checked by the schema of a local step', () => {
    expect(fit(greet, { name: 'Ada', age: 3 })).toEqual({ name: 'Ada' })
    expect(fit(greet, 'Ada')).toEqual({ name: 'Ada' })
    expect(fit(size, 'Ada')).toBe('Ada')
    expect(() => fit(size, 3)).toThrow("step 'size': ")
    expect(() => fit(greet, { name: 3 })).toThrow("step 'greet': name: ")
  })
})

const Doc = z.object({ title: z.string() })
const told = (doc: z.ZodType) =>
  step({ name: 'told', input: z.object({ doc }), output: z.unknown(), run: (row) => row })
const titled = pipeline('titled', { title: z.string() })
const given = { title: 'geese' }

describe('a row that is the value of the only input, which is optional', () => {
  const unnamed = told(Doc.optional())
  const remark = step({ name: 'remark', input: Doc, output: Doc, run: (row) => row })
  const blank = step({ name: 'blank', input: Doc, output: z.object({}), run: () => ({}) })
  const inner = pipeline('inner', { doc: Doc.optional() }).map((row) => row)

  it.each([
    ['optional', titled.step(unnamed), given],
    ['with a default', titled.step(told(Doc.default({ title: 'none' }))), given],
    [
      'of the answer before it',
      titled
        .map((row) => row)
        .step(remark)
        .step(unnamed),
      given,
    ],
    ['of a pipeline', titled.step(inner), given],
    ['that does not fit', titled.step(told(z.string().optional())), undefined],
  ])('is taken: %s', async (_, plan, doc) => {
    await withClient(async (client) => {
      const { output } = await client.run(plan, given)
      expect(output).toEqual(doc === undefined ? {} : { doc })
    })
  })

  it.each([
    ['a date', new Date(5), z.date()],
    ['a map', new Map([['a', 1]]), z.map(z.string(), z.number())],
  ])('is taken where it has no columns at all: %s', async (_, value, schema) => {
    await withClient(async (client) => {
      const plan = titled.map(() => value).step(told(schema.optional()))
      expect((await client.run(plan, given)).output).toEqual({ doc: value })
    })
  })

  it('is taken by a workflow', async () => {
    const workflow = new WorkflowBuilder('w', { doc: Doc.optional() })
      .generativeStep({ id: 'x', prompt: '{{#if doc}}{{doc.title}}{{/if}}' })
      .setReturnValue('x')
      .build()
    const [node] = titled.step(workflow).plan.nodes
    expect(node && 'fit' in node && node.fit(given)).toEqual({ doc: given })
  })

  it.each([
    ['was not given', pipeline('p', { title: z.string(), doc: Doc.optional() }).step(unnamed)],
    ['there is no column', titled.step(blank).step(told(z.unknown().optional()))],
    ['nobody knows', titled.map((row) => row).step(unnamed)],
  ])('is not taken for a column of that name that is absent: %s', async (_, plan) => {
    await withClient(async (client) => {
      expect((await client.run(plan, given)).output).toEqual({})
    })
  })
})
