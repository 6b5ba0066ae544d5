import { describe, expect, it } from 'vitest'
import { asNumber, compare } from '../../src/interpret/condition.ts'
import { drive, fails, step, workflow, type Script } from '../drive.ts'
import { END, type Embedding, type Need } from '../../src/index.ts'

describe('a comparison', () => {
  it.each([
    ['Equal', 'Yes', 'Yes', true],
    ['Equal', 'Yes', 'yes', false],
    ['Equal', ' Yes\n', 'Yes', true],
    ['Equal', 5, '5', true],
    ['Equal', '5.0', 5, true],
    ['Equal', '5', '5.0', false],
    ['Equal', 'five', 5, false],
    ['Equal', true, 'true', true],
    ['Equal', 'true', true, true],
    ['Equal', ['a'], '["a"]', true],
    ['Equal', null, 'null', true],
    ['Equal', undefined, 'undefined', false],
    ['NotEqual', 'Yes', 'No', true],
    ['NotEqual', 5, 5, false],
    ['NotEqual', 'five', 5, true],
    ['Contains', 'Yes, it is', 'Yes', true],
    ['Contains', 'No', 'Yes', false],
    ['Contains', ['Yes', 'No'], 'Yes', true],
    ['Contains', ['Yes, it is'], 'Yes', false],
    ['Contains', [1, 2], 2, true],
    ['Contains', { Yes: 1 }, 'Yes', true],
    ['Contains', { no: 'Yes' }, 'Yes', false],
    ['Contains', 123, '2', true],
    ['Contains', undefined, 'x', false],
    ['NotContains', 'No', 'Yes', true],
    ['NotContains', ['Yes'], 'Yes', false],
    ['GreaterThan', '10', '9', true],
    ['GreaterThan', 9, 9, false],
    ['LessThan', ' -1.5 ', 0, true],
    ['LessThan', 1, 1, false],
    ['GreaterThanOrEqual', 9, '9', true],
    ['GreaterThanOrEqual', 8, 9, false],
    ['LessThanOrEqual', '1e3', 1000, true],
    ['LessThanOrEqual', 2, 1, false],
  ] as const)('[D7] %s of %j and %j is %s', (...[expression, value, expected, result]) => {
    expect(compare(expression, value, expected)).toBe(result)
  })

  it.each(['GreaterThan', 'LessThan', 'GreaterThanOrEqual', 'LessThanOrEqual'] as const)(
    '[D7] %s of what is no number is an error that shows it',
    (expression) => {
      for (const value of [
        'many',
        '',
        '1,000',
        '7/10',
        '0x10',
        'Infinity',
        null,
        undefined,
        [],
        true,
      ]) {
        expect(() => compare(expression, value, 5)).toThrow(
          expect.objectContaining({ code: 'NOT_A_NUMBER' }),
        )
      }
      expect(() => compare(expression, 'many', 5)).toThrow('"many" is no number')
      expect(() => compare(expression, 5, 'many')).toThrow('"many" is no number')
    },
  )

  it.each([
    ['7', 7],
    [' +7.5 ', 7.5],
    ['.5', 0.5],
    ['5.', 5],
    ['-1e-2', -0.01],
    ['seven', undefined],
    ['7 of 10', undefined],
    [Number.NaN, undefined],
  ])('[D7] reads %j as the number %s', (value, expected) => {
    expect(asNumber(value)).toBe(expected)
  })
})

/** Asks, and goes on to 'yes' or 'no' by the condition. */
function fork(condition: object, more: object = {}): object {
  return workflow({
    input: { limit: { type: 'number' } },
    steps: [step('ask', 'a'), step('yes', 'b'), step('no', 'c')],
    edges: [
      { from: 'ask', to: 'yes', if: condition, else: 'no', ...more },
      { from: 'yes', to: END },
      { from: 'no', to: END },
    ],
    returns: 'ask',
  })
}

const script: Script = { ask: ['12'], yes: ['y'], no: ['n'] }

describe('a condition of an edge', () => {
  it('[D7] is taken from memory when the step has run', () => {
    const condition = { input: 'ask', expression: 'GreaterThan', expected: 10 }
    const { outcome } = drive(fork(condition), { limit: 1 }, { script })
    expect(outcome.steps).toEqual(['ask', 'yes'])
  })

  it('[D7] is an error of its step where the answer is no number', () => {
    const condition = { input: 'ask', expression: 'GreaterThan', expected: 10 }
    const run = () => drive(fork(condition), { limit: 1 }, { script: { ...script, ask: ['many'] } })
    expect(run).toThrow(`step 'ask': "many" is no number`)
  })

  it('[D6] [D7] takes the fallback where the answer is no number', () => {
    const condition = { input: 'ask', expression: 'GreaterThan', expected: 10 }
    const document = fork(condition, { fallback: 'no' })
    const { outcome } = drive(document, { limit: 1 }, { script: { ...script, ask: ['many'] } })
    expect(outcome.steps).toEqual(['ask', 'no'])
  })

  it.each([
    [{ type: 'size', key: 'ask' }, 'Equal', 0],
    [{ type: 'string', value: 'abc' }, 'Contains', 'b'],
    [{ type: 'input' }, 'Contains', 'limit'],
    [{ type: 'read', key: 'limit' }, 'LessThan', 2],
  ] as const)('[D2] [D7] reads %j', (input, expression, expected) => {
    const { outcome } = drive(fork({ input, expression, expected }), { limit: 1 }, { script })
    expect(outcome.steps).toEqual(['ask', 'yes'])
  })

  it.each([
    ['Contains', '"limit":1', true],
    ['Contains', 'limit', true],
    ['NotContains', '1}', false],
    ['Equal', '{"limit":1}', true],
  ] as const)('[D7] %s %j compares the text of an object where it says so', (...row) => {
    const [expression, expected, holds] = row
    const condition = { input: { type: 'input' }, expression, expected, text: true }
    const { outcome } = drive(fork(condition), { limit: 1 }, { script })
    expect(outcome.steps).toEqual(['ask', holds ? 'yes' : 'no'])
  })

  it('[D7] compares an empty text where nothing need be there', () => {
    const input = { type: 'peek', key: 'ask', index: 5, required: false }
    const condition = { input, expression: 'NotContains', expected: '1', text: true }
    expect(drive(fork(condition), { limit: 1 }, { script }).outcome.steps).toEqual(['ask', 'yes'])
  })

  it('[D7] says which value of a list is not there', () => {
    const condition = { input: { type: 'peek', key: 'ask', index: 5 }, expression: 'Equal' }
    const run = () => drive(fork({ ...condition, expected: '1' }), { limit: 1 }, { script })
    expect(run).toThrow(
      "a condition reads the value 5 of 'ask', counted from 0, which is not there",
    )
  })

  it('[D7] names the key that has no value', () => {
    const document = workflow({
      steps: [step('a', 'x'), step('b', 'y')],
      edges: [{ from: 'a', to: 'b', if: { input: 'b', expression: 'Equal', expected: '1' } }],
      returns: 'a',
    })
    expect(() => drive(document, {}, { script: { a: ['1'] } })).toThrow(
      "step 'a': a condition reads 'b', which has no value",
    )
  })
})

/** Inserts each answer, and asks again until one is like an earlier one. */
function collector(expected: string | number): object {
  return workflow({
    steps: [
      step('fact', 'a fact', {
        outputs: [
          { type: 'write', key: 'fact' },
          { type: 'push', key: 'all' },
        ],
      }),
      step('store', 'thanks', { outputs: [{ type: 'insert', value: 'geese fly' }] }),
    ],
    edges: [
      { from: 'fact', to: END, if: { input: 'fact', expression: 'HaveSimilar', expected } },
      { from: 'fact', to: 'store' },
      { from: 'store', to: 'fact' },
    ],
    returns: 'all',
  })
}

/** Vectors that are alike where texts begin alike. */
function embed(need: Extract<Need, { kind: 'embed' }>): Embedding {
  const vectors = need.texts.map((text) => (text.startsWith('geese') ? [1, 0] : [0, 1]))
  return { kind: 'embedding', vectors, model: 'e' }
}

function collect(expected: string | number, facts: readonly string[]) {
  const vectors: Embedding[] = []
  const driven = drive(
    collector(expected),
    {},
    {
      script: { store: ['ok'], fact: [...facts] },
      embed: (need) => {
        const answer = embed(need)
        vectors.push(answer)
        return answer
      },
    },
  )
  return { ...driven, asked: vectors.length }
}

describe('HaveSimilar', () => {
  it('[D7] does not hold while nothing was inserted, and asks for no vectors', () => {
    const { outcome, asked } = collect('geese sleep', ['swans swim', 'swans sing'])
    expect(outcome.output).toEqual(['swans swim', 'swans sing'])
    expect(asked).toBe(1)
  })

  it('[D7] looks the expected text up among what was inserted', () => {
    expect(collect('geese sleep', ['a', 'b', 'c']).outcome.output).toEqual(['a', 'b'])
  })

  it('[D7] with a number looks the value itself up', () => {
    const { outcome } = collect(0.9, ['swans swim', 'swans sing', 'geese sleep', 'x'])
    expect(outcome.output).toEqual(['swans swim', 'swans sing', 'geese sleep'])
  })

  it('[D7] is an error of its step where the model has no vectors', () => {
    const document = collector(0.9)
    const run = () =>
      drive(
        document,
        {},
        { script: { store: ['ok'], fact: ['a'] }, embed: () => fails('no embedding model') },
      )
    expect(run).toThrow("step 'fact': no embedding model")
  })

  it('[D7] is an error of its step where vectors are missing or do not fit', () => {
    for (const vectors of [[[1, 0]], [[1, 0], [1]]]) {
      const run = () =>
        drive(
          collector(0.9),
          {},
          {
            script: { store: ['ok'], fact: ['a'] },
            embed: () => ({ kind: 'embedding', vectors, model: 'e' }),
          },
        )
      expect(run).toThrow("step 'fact': the embedding model")
    }
  })
})
