import { describe, expect, it } from 'vitest'
import { bounded, MAX_TEXT_CHARS } from '../src/bounds.ts'
import { drive, says, step, workflow } from './drive.ts'

/** An error with this code, and this in its message. */
function failure(code: string, part: string): unknown {
  const message: unknown = expect.stringContaining(part)
  return expect.objectContaining({ code, message })
}

const TOO_LARGE = failure('STEP_FAILED', 'larger')
const TOO_DEEP = failure('STEP_FAILED', 'nested deeper')

/** A list in a list in a list … */
function nested(levels: number): unknown {
  let value: unknown = []
  for (let level = 1; level < levels; level += 1) value = [value]
  return value
}

/** A value that is in itself twice as often with every level. */
function doubled(times: number): unknown {
  let value: unknown = 'x'.repeat(1000)
  for (let time = 0; time < times; time += 1) value = { a: value, b: value }
  return value
}

/** A step that asks nobody and gives what it draws from a list of one. */
function draw(id: string): object {
  return { id, operator: 'sample', from: { drawn: 'one' } }
}

/** Walks in a circle that asks nobody; `parts` go into it. */
function circle(parts: object, more: object = {}): Record<string, unknown> {
  return workflow({
    memory: { one: ['x'], x: 'x' },
    steps: [{ id: 'grow', ...parts }],
    edges: [{ from: 'grow', to: 'grow' }],
    limits: { maxSteps: 100_000 },
    returns: 'x',
    ...more,
  })
}

describe('a value', () => {
  it.each([
    ['a text', 'x'.repeat(1000)],
    ['a number', 7],
    ['nothing', undefined],
    ['a list as deep as allowed', nested(256)],
    ['an object with the same list twice', { a: [1], b: [1] }],
    ['a member that is absent', { a: undefined }],
  ])('[X6] may be %s', (_, value) => {
    expect(bounded(value)).toBe(value)
  })

  it.each([
    ['nested too deeply', nested(257), TOO_DEEP],
    ['nested without end', nested(100_000), TOO_DEEP],
    ['doubled too often', doubled(40), TOO_LARGE],
    ['too long a text', 'x'.repeat(33 * 1024 * 1024), TOO_LARGE],
    ['a list of too long texts', Array(40).fill('x'.repeat(1024 * 1024)), TOO_LARGE],
    ['an object with too long keys', { ['x'.repeat(33 * 1024 * 1024)]: 1 }, TOO_LARGE],
    [
      'a number of the kind that JSON lacks',
      [1n],
      failure('STEP_FAILED', 'a bigint is no JSON value'),
    ],
    ['a function', () => 1, failure('STEP_FAILED', 'a function is no JSON value')],
    ['a symbol', { a: [Symbol('x')] }, failure('STEP_FAILED', 'a symbol is no JSON value')],
  ])('[X6] is refused: %s', (_, value, refusal) => {
    expect(() => bounded(value)).toThrow(refusal)
  })

  it.each([
    ['a text', 0, (text: string) => text],
    ['a text in a list', 5, (text: string) => [text]],
    ['a text in an object', 9, (text: string) => ({ a: text })],
    ['a text beside others', 23, (text: string) => [null, 7, text]],
  ])('[X6] may be as large as allowed, its marks included, and no larger: %s', (_, marks, make) => {
    const chars = MAX_TEXT_CHARS - marks
    expect(() => bounded(make('x'.repeat(chars)))).not.toThrow()
    expect(() => bounded(make('x'.repeat(chars + 1)))).toThrow(
      failure('STEP_FAILED', 'a value becomes larger than any model can read'),
    )
  })

  it('[X6] is refused when it contains itself', () => {
    const list: unknown[] = [1]
    list.push([list], [list])
    expect(() => bounded(list)).toThrow(TOO_DEEP)
  })

  it('[X6] counts from where it stands: a part that is fine alone is too deep further down', () => {
    const part = nested(200)
    expect(bounded(part)).toBe(part)
    let whole = part
    for (let level = 0; level < 56; level += 1) whole = [whole]
    expect(bounded(whole)).toBe(whole)
    expect(() => bounded([whole])).toThrow(TOO_DEEP)
  })
})

describe('a workflow that asks nobody', () => {
  it.each([
    [
      'doubles a value',
      circle({
        operator: 'parallel',
        branches: {
          a: { steps: [draw('d')], returns: 'x' },
          b: { steps: [draw('d')], returns: 'x' },
        },
        outputs: [{ type: 'write', key: 'x' }],
      }),
      TOO_LARGE,
    ],
    [
      'nests a value',
      circle({
        operator: 'map',
        over: 'one',
        as: 'i',
        body: { steps: [draw('d')], returns: 'x' },
        outputs: [{ type: 'write', key: 'x' }],
      }),
      TOO_DEEP,
    ],
    [
      'doubles a text',
      circle({
        operator: 'sample',
        from: { d: 'one' },
        prompt: '{{x}}{{x}}',
        outputs: [{ type: 'write', key: 'x' }],
      }),
      failure('STEP_FAILED', 'longer'),
    ],
    [
      'inserts a long text over and over',
      circle(
        { operator: 'sample', from: { d: 'one' }, prompt: '{{x}}', outputs: [{ type: 'insert' }] },
        { memory: { one: ['x'], x: 'x'.repeat(100_000) } },
      ),
      TOO_LARGE,
    ],
    [
      'makes one text of many',
      circle(
        {
          operator: 'sample',
          from: { d: 'one' },
          inputs: { all: { type: 'get_all', key: 'x', join: 'x'.repeat(100_000) } },
          outputs: [{ type: 'push', key: 'x' }],
        },
        { memory: { one: ['x'], x: [] } },
      ),
      TOO_LARGE,
    ],
    [
      'replaces a text by a longer one over and over',
      workflow({
        memory: { one: ['x'] },
        steps: [draw('d')],
        returns: {
          value: 'd',
          process: Array.from({ length: 9 }, () => ({
            type: 'replace',
            find: 'x',
            with: 'x'.repeat(1000),
          })),
        },
      }),
      TOO_LARGE,
    ],
    [
      'returns a long value many times',
      workflow({
        memory: { one: ['x'.repeat(1_000_000)] },
        steps: [draw('d')],
        returns: { values: Array(50).fill('d'), json: true },
      }),
      TOO_LARGE,
    ],
  ])('[X6] fails where it %s without end', (_, document, expected) => {
    expect(() => drive(document, {}, { script: {} })).toThrow(expected)
  })

  it('[D15] walks many branches beside a large memory', () => {
    const keys = Array.from({ length: 5000 }, (_, index) => [`k${index}`, index])
    const items = Array.from({ length: 5000 }, (_, index) => index)
    const document = workflow({
      memory: { ...Object.fromEntries(keys), items, one: ['x'] },
      steps: [
        {
          id: 'all',
          operator: 'map',
          over: 'items',
          as: 'i',
          body: { steps: [draw('d')], returns: 'i' },
        },
      ],
      limits: { maxSteps: 10_000 },
      returns: 'all',
    })
    expect(drive(document, {}, { script: {} }).outcome.output).toEqual(items)
  })
})

describe('a value from outside', () => {
  const reading = workflow({
    input: { x: {} },
    steps: [step('a', 'Say {{x}}')],
    returns: { value: 'a', json: true },
  })

  it.each([
    ['nested without end', nested(100_000), 'nested deeper'],
    ['of the kind that JSON lacks', 1n, 'bigint'],
  ])('[X6] is refused as input: %s', (_, x, reason) => {
    const expected = failure('INVALID_INPUT', reason)
    expect(() => drive(reading, { x }, { script: {} })).toThrow(expected)
  })

  it('[X6] is refused where a check takes too long for it, as an input that does not fit', () => {
    const document = workflow({
      input: {
        x: {
          anyOf: [
            {
              type: 'array',
              items: { anyOf: Array.from({ length: 20 }, () => ({ type: 'number' })) },
            },
          ],
        },
      },
      steps: [step('a', 'hi')],
      returns: 'a',
    })
    const expected = failure('INVALID_INPUT', 'takes too long')
    const x = Array.from({ length: 20_000 }, () => 1)
    expect(() => drive(document, { x }, { script: {} })).toThrow(expected)
  })

  it('[X6] is a failure of its tool or search when it is nested without end', () => {
    const searching = workflow({
      steps: [{ id: 's', operator: 'search', query: 'geese' }],
      returns: 's',
    })
    const value = nested(100_000)
    expect(() => drive(searching, {}, { script: { s: [{ kind: 'result', value }] } })).toThrow(
      TOO_DEEP,
    )
    const calling = workflow({
      tools: ['find'],
      steps: [step('a', 'hi', { operator: 'function_calling' })],
      returns: 'a',
    })
    const toolCalls = [{ name: 'find', arguments: { deep: nested(100_000) } }]
    const script = { a: [says('', { toolCalls }), says('done')] }
    expect(() => drive(calling, {}, { script })).toThrow(TOO_DEEP)
  })

  it('[D9] stays text where it is JSON that is nested without end', () => {
    const text = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(drive(reading, { x: 1 }, { script: { a: [text] } }).outcome.output).toBe(
      JSON.stringify(text),
    )
  })
})
