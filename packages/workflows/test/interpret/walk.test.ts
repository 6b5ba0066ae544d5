import { describe, expect, it } from 'vitest'
import { END, interpret, parseWorkflow } from '../../src/index.ts'
import { drive, fails, prompts, says, step, workflow } from '../drive.ts'

const is = (input: string, expected: string | number) => ({ input, expression: 'Equal', expected })

function retrying(retry?: number): object {
  return workflow({ steps: [step('a', '1', retry === undefined ? {} : { retry })], returns: 'a' })
}

/** Asks for ever. */
function looping(maxSteps?: number): object {
  return workflow({
    input: { done: { type: 'string' } },
    steps: [step('a', '1', { outputs: [{ type: 'push', key: 'all' }] })],
    edges: [
      { from: 'a', to: END, if: is('done', 'x') },
      { from: 'a', to: 'a' },
    ],
    returns: 'all',
    ...(maxSteps === undefined ? {} : { limits: { maxSteps } }),
  })
}

describe('a workflow', () => {
  it('[D6] goes through its steps in order where nothing else is said', () => {
    const document = workflow({
      steps: [step('a', '1'), step('b', '2'), step('c', '3')],
      returns: 'c',
    })
    const { outcome } = drive(document, {}, { script: { a: ['x'], b: ['y'], c: ['z'] } })
    expect(outcome).toMatchObject({ output: 'z', steps: ['a', 'b', 'c'] })
  })

  it('[D6] follows an unconditional edge', () => {
    const document = workflow({
      steps: [step('a', '1'), step('b', '2'), step('c', '3')],
      edges: [{ from: 'a', to: 'c' }],
      returns: 'c',
    })
    expect(drive(document, {}, { script: { a: ['x'], c: ['z'] } }).outcome.steps).toEqual([
      'a',
      'c',
    ])
  })

  it('[D6] starts where it is told to', () => {
    const document = workflow({
      start: 'b',
      steps: [step('a', '1'), step('b', '2')],
      returns: 'b',
    })
    expect(drive(document, {}, { script: { b: ['x'] } }).outcome.steps).toEqual(['b'])
  })

  it('[D6] takes `to` where the condition holds and `else` where it does not', () => {
    const document = workflow({
      steps: [step('ask', '1'), step('yes', '2'), step('no', '3')],
      edges: [
        { from: 'ask', to: 'yes', if: is('ask', 'Yes'), else: 'no' },
        { from: 'yes', to: END },
      ],
      returns: 'ask',
    })
    const steps = (answer: string) =>
      drive(document, {}, { script: { ask: [answer], yes: ['-'], no: ['-'] } }).outcome.steps
    expect(steps('Yes')).toEqual(['ask', 'yes'])
    expect(steps('No')).toEqual(['ask', 'no'])
  })

  it('[D6] tries the edges of a step in order', () => {
    const document = workflow({
      steps: [step('ask', '1'), step('a', '2'), step('b', '3'), step('c', '4')],
      edges: [
        { from: 'ask', to: 'a', if: is('ask', '1') },
        { from: 'ask', to: 'b', if: is('ask', '2') },
        { from: 'ask', to: 'c' },
        { from: 'ask', to: 'a' },
        ...['a', 'b', 'c'].map((from) => ({ from, to: END })),
      ],
      returns: 'ask',
    })
    const last = (answer: string) =>
      drive(
        document,
        {},
        { script: { ask: [answer], a: ['-'], b: ['-'], c: ['-'] } },
      ).outcome.steps.at(-1)
    expect([last('1'), last('2'), last('3')]).toEqual(['a', 'b', 'c'])
  })

  it('[D6] is an error where no edge can be taken', () => {
    const document = workflow({
      steps: [step('ask', '1'), step('a', '2')],
      edges: [{ from: 'ask', to: 'a', if: is('ask', '1') }],
      returns: 'ask',
    })
    const run = () => drive(document, {}, { script: { ask: ['2'] } })
    expect(run).toThrow(expect.objectContaining({ code: 'NO_WAY_ON', step: 'ask' }))
  })

  it('[D6] loops until a condition lets it out, with its history in the prompt', () => {
    const document = workflow({
      input: { topic: { type: 'string' } },
      steps: [
        step('ask', 'On {{topic}}, not: {{#each history}}{{this}};{{/each}}', {
          outputs: [
            { type: 'write', key: 'query' },
            { type: 'push', key: 'history' },
          ],
        }),
        step('check', 'Is {{query}} good?'),
      ],
      edges: [
        {
          from: 'check',
          to: END,
          if: { input: 'check', expression: 'Contains', expected: 'Yes' },
          else: 'ask',
        },
      ],
      returns: ['query', 'history'],
    })
    const driven = drive(
      document,
      { topic: 'geese' },
      { script: { ask: ['q1', 'q2'], check: ['No', 'Yes.'] } },
    )
    expect(driven.outcome).toMatchObject({
      output: { query: 'q2', history: ['q1', 'q2'] },
      steps: ['ask', 'check', 'ask', 'check'],
    })
    expect(prompts(driven)[2]).toBe('On geese, not: q1;')
  })

  it('[D6] takes the fallback when a step fails', () => {
    const document = workflow({
      steps: [step('a', '1'), step('b', '2'), step('c', '3')],
      edges: [{ from: 'a', to: 'b', fallback: 'c' }],
      returns: 'c',
    })
    const { outcome } = drive(document, {}, { script: { a: [fails('no model')], c: ['z'] } })
    expect(outcome).toMatchObject({ output: 'z', steps: ['a', 'c'] })
  })

  it('[D6] may end by a fallback', () => {
    const document = workflow({
      steps: [step('a', '1'), step('b', '2')],
      edges: [{ from: 'b', to: END, fallback: END }],
      returns: 'a',
    })
    const { outcome } = drive(document, {}, { script: { a: ['x'], b: [fails('no')] } })
    expect(outcome).toMatchObject({ output: 'x', steps: ['a', 'b'] })
  })

  it('[D6] fails where a step fails without a fallback, and names it', () => {
    const document = workflow({ steps: [step('a', '1')], returns: 'a' })
    const run = (retryable: boolean) => () =>
      drive(document, {}, { script: { a: [fails('the model is gone', retryable)] } })
    expect(run(false)).toThrow("step 'a': the model is gone")
    expect(run(false)).toThrow(expect.objectContaining({ step: 'a', retryable: false }))
    expect(run(true)).toThrow(expect.objectContaining({ retryable: true }))
  })

  it('[D15] tries a step again whose failure may pass, as often as it says', () => {
    const busy = fails('busy', true)
    expect(drive(retrying(2), {}, { script: { a: [busy, busy, 'x'] } }).outcome.output).toBe('x')
    expect(() => drive(retrying(1), {}, { script: { a: [busy, busy, 'x'] } })).toThrow('busy')
    expect(() => drive(retrying(), {}, { script: { a: [busy, 'x'] } })).toThrow('busy')
    expect(() => drive(retrying(2), {}, { script: { a: [fails('wrong'), 'x'] } })).toThrow('wrong')
  })

  it('[D3] names the step and the variable that has no value', () => {
    const document = workflow({
      steps: [step('a', '{{b}}'), step('b', '2')],
      returns: 'a',
    })
    expect(() => drive(document, {}, { script: {} })).toThrow("step 'a': {{b}} has no value")
  })
})

describe('the limit of steps', () => {
  it('[D8] lets a workflow finish on the last step', () => {
    const steps = Array.from({ length: 3 }, (_, index) => step(`s${index}`, 'x'))
    const document = workflow({ steps, returns: 's2', limits: { maxSteps: 3 } })
    const script = { s0: ['a'], s1: ['b'], s2: ['c'] }
    expect(drive(document, {}, { script }).outcome.output).toBe('c')
  })

  it('[D8] ends one that goes beyond, whatever its fallbacks', () => {
    const document = looping(4)
    const run = () => drive(document, { done: '' }, { script: { a: ['x'] } })
    expect(run).toThrow(expect.objectContaining({ code: 'TOO_MANY_STEPS' }))
    expect(run).toThrow("'w' did not come to its end in 4 steps")
  })

  it('[D8] is 50 where nothing is said', () => {
    const walk = interpret(parseWorkflow(looping()), { done: '' })
    let next = walk.next()
    const run = () => {
      for (let count = 0; ; count += 1) {
        expect(count).toBeLessThanOrEqual(50)
        next = walk.next(says('x'))
      }
    }
    expect(run).toThrow('in 50 steps')
    expect(next.done).toBe(false)
  })
})

describe('a circle of steps that never run', () => {
  it.each([
    ['skipped', { input: 'x', expression: 'Equal', expected: 'other' }, {}],
    [
      'failing before they run',
      { input: 'x', expression: 'GreaterThan', expected: 1 },
      { fallback: 'a' },
    ],
  ])('[D8] ends: %s', (_, when, edge) => {
    const circle = workflow({
      input: { x: {} },
      steps: [step('a', 'A', { when }), step('b', 'B', { when })],
      edges: [
        { from: 'a', to: 'b', ...edge },
        { from: 'b', to: 'a', ...edge },
      ],
      returns: 'x',
    })
    expect(() => drive(circle, { x: 'text' }, { script: {} })).toThrow(
      expect.objectContaining({ code: 'TOO_MANY_STEPS' }),
    )
  })

  it('[D8] is not what skipped steps in a row are', () => {
    const when = { input: 'x', expression: 'Equal', expected: 'other' }
    const ids = Array.from({ length: 60 }, (_, index) => `s${index}`)
    const row = workflow({
      input: { x: {} },
      steps: ids.map((id) => step(id, 'A', { when })),
      returns: 'x',
    })
    const { outcome } = drive(row, { x: 'text' }, { script: {} })
    expect(outcome.skipped).toHaveLength(60)
    expect(outcome.output).toBe('text')
  })
})
