import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { END, WorkflowBuilder } from '../../src/index.ts'

describe('a key of memory in a condition', () => {
  it('[D7] has a method for each comparison', () => {
    const draft = new WorkflowBuilder('w', { instruction: z.string() })
      .generativeStep({ id: 'n', prompt: 'x', schema: z.number() })
      .generativeStep({ id: 'list', prompt: 'x', schema: z.array(z.string()) })
    const made = (condition: Parameters<typeof draft.edge>[2]) =>
      draft.edge('n', END, condition).setReturnValue('n').build().document.edges?.[0]?.if
    expect(made({ if: (m) => m.instruction.equals('a') })).toMatchObject({
      expression: 'Equal',
      expected: 'a',
    })
    expect(made({ if: (m) => m.instruction.notEquals('a') })?.expression).toBe('NotEqual')
    expect(made({ if: (m) => m.instruction.contains('a') })?.expression).toBe('Contains')
    expect(made({ if: (m) => m.instruction.notContains('a') })?.expression).toBe('NotContains')
    expect(made({ if: (m) => m.instruction.similar() })).toMatchObject({
      expression: 'HaveSimilar',
      expected: 0.95,
    })
    expect(made({ if: (m) => m.n.above(1) })?.expression).toBe('GreaterThan')
    expect(made({ if: (m) => m.n.below(1) })?.expression).toBe('LessThan')
    expect(made({ if: (m) => m.n.atLeast(1) })?.expression).toBe('GreaterThanOrEqual')
    expect(made({ if: (m) => m.n.atMost(1) })?.expression).toBe('LessThanOrEqual')
    expect(made({ if: (m) => m.list.includes('a') })).toEqual({
      input: 'list',
      expression: 'Contains',
      expected: 'a',
    })
    expect(made({ if: (m) => m.list.lacks('a') })?.expression).toBe('NotContains')
    expect(made({ if: (m) => m.list.sizeAbove(1) })).toMatchObject({
      input: { type: 'size', key: 'list' },
      expression: 'GreaterThan',
    })
    expect(made({ if: { input: 'n', expression: 'Equal', expected: 1 } })).toEqual({
      input: 'n',
      expression: 'Equal',
      expected: 1,
    })
  })
})
