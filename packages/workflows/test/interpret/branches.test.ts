import { describe, expect, it } from 'vitest'
import { interpret, parseWorkflow, type Answer } from '../../src/index.ts'
import { drive, fails, says, step, workflow } from '../drive.ts'

const both = workflow({
  input: { text: { type: 'string' } },
  steps: [
    {
      id: 'both',
      operator: 'parallel',
      branches: {
        features: { steps: [step('f', 'Features of {{text}}')], returns: 'f' },
        mood: {
          steps: [step('m', 'Mood of {{text}}', { outputs: [{ type: 'write', key: 'text' }] })],
          returns: 'text',
        },
      },
    },
    step('join', '{{features}} and {{mood}} of {{text}}'),
  ],
  returns: ['features', 'mood', 'join'],
})

/** Begins a workflow; gives what it asks for first and a way to answer. */
function begin(document: object, input: Record<string, unknown>) {
  const walk = interpret(parseWorkflow(document), input)
  const send = (answer: Answer) => walk.next(answer).value
  return { first: walk.next().value, send }
}

const branch = (name: string, text: string): Answer => ({
  kind: 'branch',
  branch: name,
  answer: says(text),
})

describe('branches', () => {
  it('[D15] [P1] are asked for at once', () => {
    const { first } = begin(both, { text: 'x' })
    expect(first).toMatchObject({
      kind: 'parallel',
      step: 'both',
      start: [
        { branch: 'features', need: { kind: 'completion', step: 'f' } },
        { branch: 'mood', need: { kind: 'completion', step: 'm' } },
      ],
      stop: [],
    })
  })

  it('[D15] are answered in any order', () => {
    const { send } = begin(both, { text: 'x' })
    expect(send(branch('mood', 'good'))).toEqual({
      kind: 'parallel',
      step: 'both',
      start: [],
      stop: [],
    })
    expect(send(branch('features', 'red'))).toMatchObject({
      kind: 'completion',
      messages: [{ content: 'red and good of x' }],
    })
  })

  it('[D15] [P2] see what was there before, and nothing of each other', () => {
    const { outcome } = drive(
      both,
      { text: 'x' },
      { script: { f: ['red'], m: ['good'], join: ['j'] } },
    )
    expect(outcome.output).toEqual({ features: 'red', mood: 'good', join: 'j' })
    expect(outcome.steps).toEqual(['both', 'f', 'm', 'join'])
  })

  it('[D15] [P3] are one object where the step says where to', () => {
    const document = workflow({
      steps: [
        {
          id: 'both',
          operator: 'parallel',
          branches: {
            a: { steps: [step('x', '1')], returns: 'x' },
            b: { steps: [step('y', '2')], returns: 'y' },
          },
          outputs: [{ type: 'write', key: 'combined' }],
        },
      ],
      returns: 'combined',
    })
    expect(drive(document, {}, { script: { x: ['1'], y: ['2'] } }).outcome.output).toEqual({
      a: '1',
      b: '2',
    })
  })

  it('[D6] [D15] that fail fail their step, which names them; the others are stopped', () => {
    const script = { f: ['red'], m: [fails('no mood')] }
    expect(() => drive(both, { text: 'x' }, { script })).toThrow("step 'm': no mood")
    const saved = workflow({
      steps: [
        {
          id: 'outer',
          operator: 'parallel',
          branches: {
            slow: { steps: [step('s', '0')], returns: 's' },
            saved: {
              steps: [
                {
                  id: 'inner',
                  operator: 'parallel',
                  branches: {
                    a: { steps: [step('x', '1')], returns: 'x' },
                    b: { steps: [step('y', '2')], returns: 'y' },
                  },
                },
                step('rescue', '3'),
              ],
              edges: [{ from: 'inner', to: '_end', fallback: 'rescue' }],
              returns: 'rescue',
            },
          },
        },
      ],
      returns: ['slow', 'saved'],
    })
    const { first, send } = begin(saved, {})
    expect(first).toMatchObject({
      start: [{ branch: 'slow' }, { branch: 'saved/a' }, { branch: 'saved/b' }],
    })
    const failed = { kind: 'branch', branch: 'saved/b', answer: fails('no') } as const
    expect(send(failed)).toMatchObject({
      start: [{ branch: 'saved', need: { step: 'rescue' } }],
      stop: ['saved/a'],
    })
    send(branch('saved', 'ok'))
    expect(send(branch('slow', 'late'))).toMatchObject({ output: { slow: 'late', saved: 'ok' } })
  })

  it('[D15] that a failed step left under way are stopped before they are begun again', () => {
    const again = workflow({
      steps: [
        {
          id: 'both',
          operator: 'parallel',
          retry: 1,
          branches: {
            a: { steps: [step('x', '1')], returns: 'x' },
            b: { steps: [step('y', '2')], returns: 'y' },
          },
        },
      ],
      returns: ['a', 'b'],
    })
    const { send } = begin(again, {})
    const failed = { kind: 'branch', branch: 'a', answer: fails('no', true) } as const
    expect(send(failed)).toMatchObject({
      start: [{ branch: 'a' }, { branch: 'b' }],
      stop: ['b'],
    })
    expect(send(branch('a', 'one'))).toMatchObject({ start: [], stop: [] })
    expect(send(branch('b', 'two'))).toMatchObject({ output: { a: 'one', b: 'two' } })
  })

  it('[D8] [D15] count together against the limit of steps', () => {
    const limited = { ...both, limits: { maxSteps: 3 } }
    const run = () => drive(limited, { text: 'x' }, { script: { f: ['a'], m: ['b'], join: ['c'] } })
    expect(run).toThrow(expect.objectContaining({ code: 'TOO_MANY_STEPS' }))
  })

  it('[D15] that are skipped leave their values absent', () => {
    const document = {
      ...both,
      steps: [
        {
          id: 'both',
          operator: 'parallel',
          when: { input: 'text', expression: 'Equal', expected: 'yes' },
          branches: { features: { steps: [step('f', '1')], returns: 'f' } },
        },
        step('join', '{{features}}'),
        step('last', '{{text}}'),
      ],
      returns: 'last',
    }
    const { outcome } = drive(document, { text: 'no' }, { script: { last: ['end'] } })
    expect(outcome.steps).toEqual(['last'])
    expect(outcome.skipped.map((entry) => [entry.step, entry.origin])).toEqual([
      ['both', 'both'],
      ['join', 'both'],
    ])
  })
})

function mapping(more: object = {}): object {
  return workflow({
    input: { items: {} },
    steps: [
      {
        id: 'all',
        operator: 'map',
        over: 'items',
        as: 'item',
        indexAs: 'n',
        body: {
          steps: [step('one', '{{n}}: {{item.name}}'), step('two', '{{one}}')],
          returns: 'two',
        },
        ...more,
      },
    ],
    returns: 'all',
  })
}

const items = ['a', 'b', 'c', 'd'].map((name) => ({ name }))

describe('a map', () => {
  it('[D15] runs its body for each item, and gives the values in the order of the items', () => {
    const { first, send } = begin(mapping(), { items: items.slice(0, 2) })
    expect(first).toMatchObject({
      start: [
        { branch: '0', need: { messages: [{ content: '0: a' }] } },
        { branch: '1', need: { messages: [{ content: '1: b' }] } },
      ],
    })
    send(branch('1', 'B'))
    send(branch('1', 'B2'))
    send(branch('0', 'A'))
    expect(send(branch('0', 'A2'))).toMatchObject({ output: ['A2', 'B2'] })
  })

  it('[F18] [D15] has no more items under way than it says, and always as many', () => {
    const { first, send } = begin(mapping({ concurrency: 2 }), { items })
    expect(first).toMatchObject({ start: [{ branch: '0' }, { branch: '1' }] })
    send(branch('1', 'x'))
    expect(send(branch('1', 'y'))).toMatchObject({ start: [{ branch: '2' }] })
    send(branch('0', 'x'))
    expect(send(branch('0', 'y'))).toMatchObject({ start: [{ branch: '3' }] })
  })

  it('[D15] of an empty list is an empty list, and asks for nothing', () => {
    const { outcome, needs } = drive(mapping(), { items: [] }, { script: {} })
    expect(outcome.output).toEqual([])
    expect(needs).toEqual([])
  })

  it('[D15] of what is no list is an error of its step', () => {
    expect(() => drive(mapping(), { items: 'text' }, { script: {} })).toThrow(
      "step 'all': what it should map over is no list",
    )
  })

  it('[D15] of nothing is an error that names it', () => {
    const document = workflow({
      steps: [
        {
          id: 'all',
          operator: 'map',
          over: { type: 'pop', key: 'later' },
          as: 'i',
          body: { steps: [step('one', '{{i}}')], returns: 'one' },
        },
        step('later', 'x', { outputs: [{ type: 'push', key: 'later' }] }),
      ],
      returns: 'all',
    })
    expect(() => drive(document, {}, { script: {} })).toThrow("step 'all': 'later' has no value")
  })

  it('[D15] is asked for with the item in the error of a step inside', () => {
    const script = { one: ['x', fails('no')], two: ['y'] }
    expect(() => drive(mapping(), { items }, { script })).toThrow(
      expect.objectContaining({
        message: `step 'all', item 2 of ${items.length}: step 'one': no`,
        code: 'STEP_FAILED',
        step: 'one',
        retryable: false,
      }),
    )
  })

  it('[D15] names its item once where no step inside is to blame', () => {
    const process = [{ type: 'replace', find: 'a', with: 'a'.repeat(1000) }]
    const grown = Array.from({ length: 4 }, () => process).flat()
    const document = workflow({
      input: { items: {} },
      steps: [
        {
          id: 'all',
          operator: 'map',
          over: 'items',
          as: 'i',
          body: { steps: [step('one', '{{i}}')], returns: { value: 'one', process: grown } },
        },
      ],
      returns: 'all',
    })
    expect(() => drive(document, { items: ['x', 'y'] }, { script: { one: ['b', 'a'] } })).toThrow(
      "step 'all': item 2 of 2: returns.process[2]: a value becomes larger than any model can read",
    )
  })
})
