import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { plans, step } from '../../src/index.ts'

const size = step({ name: 'size', input: z.any(), output: z.number(), run: () => 1 })
const some = step({ name: 'some', input: z.any(), output: z.any(), run: () => 1 })
const open = step({
  name: 'open',
  input: z.any(),
  output: z.looseObject({ n: z.number() }),
  run: () => ({ n: 1 }),
})
const input = { n: 'number', list: 'string[]', any: 'any' }

function errorsOf(...steps: readonly unknown[]) {
  return plans.fromJson({ pipeline: 'p', input, steps }, { size, some, open }).validate().errors
}

function wired(from: string) {
  const part = { name: 'some', step: 'some', wire: from }
  return { graph: { steps: [part], output: '$some' } }
}

describe('a plan whose verbs want of a row what it has not', () => {
  it.each([
    [
      'a list to scatter',
      ['size', { scatter: true }],
      { step: 'scatter', message: 'the row is no list' },
    ],
    [
      'a column to scatter',
      [{ scatter: 'm' }],
      { step: 'scatter', message: "the row has no column 'm'" },
    ],
    [
      'a column that is a list',
      [{ scatter: 'n' }],
      { step: 'scatter', message: "column 'n' is no list" },
    ],
    [
      'a column to group by',
      [{ scatter: 'list' }, { aggregate: true, by: 'm' }],
      { step: 'aggregate', message: "the row has no column 'm'" },
    ],
    [
      'a row that can gain a column',
      ['size', { step: 'some', as: 'x' }],
      { step: 'some', message: 'only a row with columns can gain one' },
    ],
    [
      'an input of a graph',
      [wired('$input.m')],
      { step: 'graph', message: "the row has no column 'm'" },
    ],
  ])('[F8] is told so before it runs: %s', (_, steps, error) => {
    expect(errorsOf(...steps)).toEqual([error])
  })

  it.each([
    ['a list', [{ scatter: 'list' }]],
    ['what may be a list', [{ scatter: 'any' }]],
    ['groups', [{ scatter: 'list' }, { aggregate: true, by: 'list' }]],
    ['a column of an answer that may have any', ['open', { scatter: 'm' }]],
    ['an answer of any kind', ['some', { scatter: true }]],
    ['a column that was gained', [{ step: 'some', as: 'x' }, { scatter: 'x' }]],
    ['a graph', [wired('$input.n')]],
    ['a graph of what may have any column', ['open', wired('$input.m')]],
  ])('[F8] is not refused for what may be so: %s', (_, steps) => {
    expect(errorsOf(...steps)).toEqual([])
  })
})
