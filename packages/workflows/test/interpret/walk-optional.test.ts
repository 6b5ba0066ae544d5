import { describe, expect, it } from 'vitest'
import { END } from '../../src/index.ts'
import { drive, fails, prompts, step, workflow } from '../drive.ts'

const is = (input: string, expected: string | number) => ({ input, expression: 'Equal', expected })

describe('an optional step', () => {
  const document = workflow({
    steps: [
      step('find', '1', { optional: true }),
      step('use', 'Use {{find}}'),
      step('more', 'More on {{use}}'),
      step('accept', '{{#if find}}With {{find}}{{else}}Without{{/if}}'),
      step('default', '[{{f}}]', { inputs: { f: { type: 'read', key: 'find', required: false } } }),
    ],
    returns: ['find', 'use', 'accept', 'default'],
  })
  const rest = { use: ['u'], more: ['m'], accept: ['a'], default: ['d'] }

  it('[P11] that runs changes nothing', () => {
    const { outcome } = drive(document, {}, { script: { ...rest, find: ['f'] } })
    expect(outcome.steps).toEqual(['find', 'use', 'more', 'accept', 'default'])
    expect(outcome.skipped).toEqual([])
  })

  it('[P11] that fails leaves a gap: steps that need it are skipped with the origin named, others run', () => {
    const driven = drive(document, {}, { script: { ...rest, find: [fails('nothing found')] } })
    expect(driven.outcome.steps).toEqual(['find', 'accept', 'default'])
    expect(driven.outcome.skipped).toEqual(
      ['find', 'use', 'more'].map((id) => ({ step: id, origin: 'find', reason: 'nothing found' })),
    )
    expect(prompts(driven).slice(1)).toEqual(['Without', '[]'])
    expect(driven.outcome.output).toEqual({
      find: undefined,
      use: undefined,
      accept: 'a',
      default: 'd',
    })
  })

  it('[P11] that fails later takes its earlier value away', () => {
    const loop = workflow({
      input: { done: { type: 'string' } },
      steps: [
        step('find', '1', { optional: true }),
        step('use', '{{find}}', { outputs: [{ type: 'push', key: 'all' }] }),
        step('again', '2'),
      ],
      edges: [{ from: 'again', to: END, if: is('again', 'stop'), else: 'find' }],
      returns: 'all',
    })
    const { outcome } = drive(
      loop,
      { done: '' },
      {
        script: { find: ['f', fails('gone'), 'g'], use: ['u1', 'u2'], again: ['go', 'go', 'stop'] },
      },
    )
    expect(outcome.output).toEqual(['u1', 'u2'])
    expect(outcome.skipped.map(({ step: id }) => id)).toEqual(['find', 'use'])
  })

  it('[P11] with a fallback takes it', () => {
    const both = workflow({
      steps: [step('a', '1', { optional: true }), step('b', '2'), step('c', '3')],
      edges: [{ from: 'a', to: 'b', fallback: 'c' }],
      returns: 'c',
    })
    const { outcome } = drive(both, {}, { script: { a: [fails('no')], c: ['z'] } })
    expect(outcome).toMatchObject({ steps: ['a', 'c'], skipped: [] })
  })
})

describe('a step with a condition of its own', () => {
  const document = workflow({
    input: { kind: { type: 'string' } },
    steps: [
      step('poem', 'a poem', { when: is('kind', 'poem') }),
      step('praise', 'praise {{poem}}'),
      step('after', 'b', { when: is('poem', 'x') }),
      step('last', 'c'),
    ],
    returns: 'last',
  })
  const script = { poem: ['x'], praise: ['y'], after: ['z'], last: ['end'] }

  it('[P11] runs when it holds', () => {
    expect(drive(document, { kind: 'poem' }, { script }).outcome.steps).toEqual([
      'poem',
      'praise',
      'after',
      'last',
    ])
  })

  it('[P11] is skipped when it does not, with what needs it', () => {
    const { outcome } = drive(document, { kind: 'story' }, { script })
    expect(outcome.steps).toEqual(['last'])
    expect(outcome.skipped).toEqual(
      ['poem', 'praise', 'after'].map((id) => ({
        step: id,
        origin: 'poem',
        reason: 'its condition does not hold',
      })),
    )
  })

  it('[P11] is an error of the step where the condition cannot be told', () => {
    const compare = workflow({
      input: { kind: { type: 'string' } },
      steps: [step('a', '1', { when: { input: 'kind', expression: 'LessThan', expected: 5 } })],
      returns: 'a',
    })
    expect(() => drive(compare, { kind: 'x' }, { script })).toThrow(`step 'a': "x" is no number`)
  })
})
