import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fitterOf } from '../../src/plan/fit-input.ts'
import { step } from '../../src/index.ts'
import { workOf } from '../../src/plan/runnable.ts'
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

  it('is checked by the schema of a local step', () => {
    expect(fit(greet, { name: 'Ada', age: 3 })).toEqual({ name: 'Ada' })
    expect(fit(greet, 'Ada')).toEqual({ name: 'Ada' })
    expect(fit(size, 'Ada')).toBe('Ada')
    expect(() => fit(size, 3)).toThrow("step 'size': ")
    expect(() => fit(greet, { name: 3 })).toThrow("step 'greet': name: ")
  })
})
