import { ClientError, type Failure } from '@skein/client'
import { describe, expect, it } from 'vitest'
import { drawFailures, drawFigures, drawOutput } from '../../src/views/results.ts'

const plain = (_: unknown, text: string): string => text

function failed(
  step: string,
  message: string,
  { nodes, path = [0] }: { readonly nodes: readonly string[]; readonly path?: readonly number[] },
): Pick<Failure, 'step' | 'path' | 'error' | 'nodes'> {
  return { step, nodes, path, error: new ClientError('TASK_FAILED', message) }
}

describe('an output', () => {
  it('is its text', () => {
    expect(drawOutput('wild geese\n')).toBe('wild geese')
  })

  it('that is a list is one value a line; longer texts stand apart', () => {
    expect(drawOutput(['a', 2, { b: 1 }])).toBe('a\n2\n{"b":1}')
    expect(drawOutput(['a\nb', 'c'])).toBe('a\nb\n\nc')
  })

  it('that is no text is JSON', () => {
    expect(drawOutput({ score: 7, why: 'ok' })).toBe('{"score":7,"why":"ok"}')
    expect(drawOutput(undefined)).toBe('')
  })

  it('cannot steer the terminal', () => {
    expect(drawOutput('\u001B[2Jgeese')).toBe('geese')
  })
})

describe('the figures', () => {
  it('say how much, how long, where and how fast', () => {
    expect(drawFigures({ tasks: 6, outputTokens: 213, ms: 2_100, nodes: 3 })).toBe(
      '6 tasks, 213 tokens in 2.1 s on 3 nodes (101 tokens/s)',
    )
    expect(drawFigures({ tasks: 1000, done: 176, outputTokens: 352, ms: 8_000, nodes: 3 })).toBe(
      '176 of 1,000 tasks, 352 tokens in 8.0 s on 3 nodes (44 tokens/s)',
    )
    expect(drawFigures({ tasks: 4, cached: 3, outputTokens: 56, ms: 20, nodes: 1 })).toBe(
      '4 tasks (3 recorded before), 56 tokens in 0.0 s on 1 node',
    )
    expect(drawFigures({ tasks: 1, outputTokens: 0, ms: 0, nodes: 0 })).toBe(
      '1 task, 0 tokens in 0.0 s',
    )
  })
})

describe('the failures', () => {
  it('are grouped by step and cause, with the first row and where it was tried', () => {
    const failures = [
      failed('grade', 'loft: no JSON', { nodes: ['barn', 'loft'], path: [1, 0, 2] }),
      failed('grade', 'barn: no JSON', { nodes: ['barn'] }),
      failed('grade', 'too\nlong', { nodes: [], path: [3] }),
    ]
    expect(drawFailures(failures, plain)).toMatchInlineSnapshot(`
      "3 rows failed:
        2× grade: no JSON (item 3 of item 1 of input 2 and others; tried on barn, loft)
        1× grade: too long (input 4)"
    `)
  })

  it('of many kinds are not all shown', () => {
    const failures = Array.from({ length: 30 }, (_, index) =>
      failed('a', `error ${index}`, { nodes: [] }),
    )
    expect(drawFailures(failures, plain)).toContain('… and 20 other kinds')
  })
})
