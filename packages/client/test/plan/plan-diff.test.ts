import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, plans, step } from '../../src/index.ts'
import { PlanBuilder } from '../../src/plan/plan-builder.ts'

describe('the difference of two plans that look alike', () => {
  const shape = { n: z.number() }
  const id = step({ name: 'id', input: z.number(), output: z.number(), run: (n) => n })

  function when(test: (n: number) => boolean) {
    return graph('g', { input: z.number() }, (g, input) => g.when(input, test, id, input))
  }

  function piped(sub: unknown) {
    return PlanBuilder.start('p', shape).pipe(sub)
  }

  function told(value: unknown) {
    return pipeline('p', shape).withContext({ value })
  }

  function wide(value: unknown) {
    return pipeline('p', shape).broadcast([value], { as: 'v' })
  }

  it('[F14] is the test of a step in a graph', () => {
    const [one, other] = [when((n) => n > 1), when((n) => n > 2)]
    expect(plans.diff(one, other)).toEqual([{ kind: 'change', step: 'graph', what: ['when'] }])
    expect(plans.diff(one, one)).toEqual([])
  })

  it.each<[string, unknown]>([
    ['input', pipeline('q', { n: z.int() }).map(Object)],
    ['context', pipeline('q', shape).map(Object).withContext({ rate: 1 })],
    ['version', pipeline('q', shape, { version: '2' }).map(Object)],
  ])('[F14] is the %s of a pipeline that rows are piped through', (_, sub) => {
    const before = piped(pipeline('q', shape).map(Object))
    expect(before.freeze().hash).not.toBe(piped(sub).freeze().hash)
    expect(plans.diff(before, piped(sub))).toEqual([
      { kind: 'change', step: 'pipe', what: ['pipe'] },
    ])
    expect(plans.diff(piped(sub), piped(sub))).toEqual([])
  })

  it.each<[unknown, unknown]>([
    [1n, 2n],
    [1n, 1],
    [new Map([[1, 2]]), new Map([[1, 3]])],
    [/a/, /b/],
    [new Date(0), new Date(0).toISOString()],
  ])('[F14] is a value of the context: %o and %o', (one, other) => {
    expect(plans.diff(told(one), told(other))).toEqual([
      { kind: 'change', step: '', what: ['context'] },
    ])
    expect(plans.diff(told(one), told(one))).toEqual([])
    expect(plans.diff(wide(one), wide(other))).toEqual([
      { kind: 'change', step: 'broadcast', what: ['broadcast'] },
    ])
  })
})
