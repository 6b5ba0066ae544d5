import { describe, expect, it } from 'vitest'
import { END, type Need } from '../../src/index.ts'
import { drive, step, workflow } from '../drive.ts'

type Asked = Extract<Need, { kind: 'embed' }>

/** Inserts what the first step says, and goes on to the second where it is not alike. */
function looking(condition: object): Record<string, unknown> {
  return workflow({
    input: { topic: {} },
    optionalInputs: ['topic'],
    steps: [
      step('say', 'say it', { outputs: [{ type: 'insert' }, { type: 'write', key: 'said' }] }),
      step('other', 'say otherwise'),
    ],
    edges: [
      { from: 'say', to: END, if: { input: 'said', expression: 'HaveSimilar', ...condition } },
      { from: 'say', to: 'other' },
      { from: 'other', to: END },
    ],
    returns: 'said',
  })
}

/** Runs it with these vectors for what is looked up and what was inserted. */
function run(condition: object, vectors: readonly (readonly number[])[], said = 'geese fly') {
  const asked: Asked[] = []
  const { outcome } = drive(
    looking(condition),
    {},
    {
      script: { say: [said], other: ['x'] },
      embed: (need) => {
        asked.push(need)
        return { kind: 'embedding', vectors, model: 'e' }
      },
    },
  )
  return { steps: outcome.steps, asked }
}

describe('a condition on what is similar', () => {
  it('[D7] asks for the vectors of what it looks for and of every piece, in the name of its step', () => {
    const said = `${'a'.repeat(200)} ${'b'.repeat(200)}`
    const { asked } = run({ expected: 'geese' }, [[1], [1], [1]], said)
    expect(asked).toEqual([
      { kind: 'embed', step: 'say', texts: ['geese', 'a'.repeat(200), 'b'.repeat(200)] },
    ])
  })

  it.each([
    ['the value itself for a number', { expected: 0.5 }, 'geese fly'],
    ['the value itself for an empty text', { expected: '' }, 'geese fly'],
    ['the value itself for a truth value', { expected: true }, 'geese fly'],
    ['the text for a text', { expected: 'swans' }, 'swans'],
    ['the JSON of what is no text', { input: { type: 'input' }, expected: 0.5 }, '{}'],
    [
      'nothing where an input may be absent',
      { input: { type: 'read', key: 'topic', required: false }, expected: 0.5 },
      '',
    ],
  ])('[D7] looks up %s', (_, condition, text) => {
    expect(
      run(condition, [
        [1, 0],
        [1, 0],
      ]).asked[0]?.texts[0],
    ).toBe(text)
  })

  it('[D7] holds from the number on, or from 0.95 where none is given', () => {
    const near = [
      [1, 0],
      [0.95, Math.sqrt(1 - 0.95 ** 2)],
    ]
    const far = [
      [1, 0],
      [0.94, Math.sqrt(1 - 0.94 ** 2)],
    ]
    expect(run({ expected: 'x' }, near).steps).toEqual(['say'])
    expect(run({ expected: 'x' }, far).steps).toEqual(['say', 'other'])
    expect(run({ expected: 0.94 }, far).steps).toEqual(['say'])
    expect(
      run({ expected: 1 }, [
        [1, 0],
        [1, 0],
      ]).steps,
    ).toEqual(['say'])
    expect(run({ expected: 0.96 }, near).steps).toEqual(['say', 'other'])
  })

  it('[D7] holds where one piece of several is alike', () => {
    const said = `${'a'.repeat(200)} ${'b'.repeat(200)}`
    expect(
      run(
        { expected: 'x' },
        [
          [1, 0],
          [0, 1],
          [1, 0],
        ],
        said,
      ).steps,
    ).toEqual(['say'])
  })

  it.each([
    ['none at all', []],
    ['one too few', [[1, 0]]],
    [
      'one too many',
      [
        [1, 0],
        [1, 0],
        [1, 0],
      ],
    ],
  ])('[D7] cannot be told of %s', (_, vectors) => {
    const failure = {
      code: 'STEP_FAILED',
      message: "step 'say': the embedding model did not give one vector per text",
    }
    expect(() => run({ expected: 'x' }, vectors)).toThrow(expect.objectContaining(failure))
  })
})

/** Asks once more unless what it reads is there and not "x". */
function asking(input: unknown): Record<string, unknown> {
  return workflow({
    input: { topic: {} },
    optionalInputs: ['topic'],
    steps: [step('a', 'x'), step('b', 'y')],
    edges: [
      { from: 'a', to: END, if: { input, expression: 'NotEqual', expected: 'x' } },
      { from: 'a', to: 'b' },
    ],
    returns: 'a',
  })
}

function steps(input: unknown): readonly string[] {
  return drive(asking(input), {}, { script: { a: ['1'], b: ['2'] } }).outcome.steps
}

describe('a condition on a key without a value', () => {
  it('[D7] is an error of its step', () => {
    const failure = {
      code: 'MISSING_VALUE',
      message: "step 'a': a condition reads 'topic', which has no value",
    }
    for (const input of [
      'topic',
      { type: 'read', key: 'topic' },
      { type: 'pop', key: 'topic', required: true },
    ]) {
      expect(() => steps(input)).toThrow(expect.objectContaining(failure))
    }
  })

  it('[D7] compares nothing where the value may be absent', () => {
    expect(steps({ type: 'read', key: 'topic', required: false })).toEqual(['a'])
  })
})
