import { describe, expect, it } from 'vitest'
import type { PostProcess, Returns } from '../../src/index.ts'
import { drive, step, workflow } from '../drive.ts'

function returning(returns: Returns, text = '  Geese Fly  '): unknown {
  const document = workflow({
    input: { n: { type: 'number' }, list: { type: 'array' } },
    steps: [
      step('a', 'x', {
        outputs: [
          { type: 'write', key: 'text' },
          { type: 'push', key: 'stack' },
        ],
      }),
      step('b', 'y', { schema: { type: 'object' } }),
    ],
    returns,
  })
  const script = { a: [text], b: ['{"k": ["v", {"w": 1}]}'] }
  return drive(document, { n: 7, list: ['p', 'q'] }, { script }).outcome.output
}

/** Returns what a step would write that is never reached. */
function missing(returns: Returns): unknown {
  const document = workflow({
    steps: [step('a', 'x'), step('b', 'y')],
    edges: [{ from: 'a', to: '_end' }],
    returns,
  })
  return drive(document, {}, { script: { a: ['1'] } }).outcome.output
}

const value = { k: ['v', { w: 1 }] }

describe('the return value', () => {
  it('[D9] is the value of one key, as it is', () => {
    expect(returning('text')).toBe('  Geese Fly  ')
    expect(returning('b')).toEqual(value)
    expect(returning('n')).toBe(7)
  })

  it('[D9] is an object of several keys', () => {
    expect(returning(['n', 'b'])).toEqual({ n: 7, b: value })
    expect(returning(['n'])).toEqual({ n: 7 })
  })

  it('[D9] is under other names, or a list, where it says so', () => {
    expect(
      returning({ values: { number: 'n', last: { type: 'peek', key: 'list', index: 1 } } }),
    ).toEqual({
      number: 7,
      last: 'q',
    })
    expect(returning({ values: ['n', { type: 'get_all', key: 'stack' }] })).toEqual([
      7,
      ['  Geese Fly  '],
    ])
  })

  it('[D9] is one text of several values where it says what stands after each', () => {
    expect(returning({ values: ['n', 'b', 'list'], after: ';' })).toBe(
      '7;{"k":["v",{"w":1}]};["p","q"];',
    )
    expect(
      missing({ values: ['a', { type: 'read', key: 'b', required: false }], after: ';' }),
    ).toBe('1;;')
    expect(returning({ value: 'n', after: ';', process: [{ type: 'append', text: '!' }] })).toBe(
      '7;!',
    )
  })

  it('[D9] is JSON text, with what is JSON text already not encoded twice', () => {
    expect(returning({ value: 'b', json: true })).toBe('{"k":["v",{"w":1}]}')
    expect(returning({ value: 'text', json: true }, '["a"]')).toBe('["a"]')
    expect(returning({ values: { text: 'text', n: 'n' }, json: true }, ' {"a": [1]}')).toBe(
      '{"text":{"a":[1]},"n":7}',
    )
    expect(returning({ value: { type: 'get_all', key: 'stack' }, json: true }, '{"a":1}')).toBe(
      '[{"a":1}]',
    )
  })

  it('[D9] is JSON of a text that is none', () => {
    expect(returning({ value: 'text', json: true }, 'a "b"')).toBe('"a \\"b\\""')
    expect(returning({ value: 'text', json: true }, '[not JSON')).toBe('"[not JSON"')
    expect(returning({ value: 'text', json: true }, '123')).toBe('"123"')
  })

  it.each<[PostProcess, string]>([
    [{ type: 'replace', find: 'e', with: '$&' }, '  G$&$&s$& Fly  '],
    [{ type: 'append', text: '!' }, '  Geese Fly  !'],
    [{ type: 'prepend', text: '>' }, '>  Geese Fly  '],
    [{ type: 'trim' }, 'Geese Fly'],
    [{ type: 'trim_start' }, 'Geese Fly  '],
    [{ type: 'trim_end' }, '  Geese Fly'],
    [{ type: 'to_lower' }, '  geese fly  '],
    [{ type: 'to_upper' }, '  GEESE FLY  '],
  ])('[D9] is processed by %j', (process, expected) => {
    expect(returning({ value: 'text', process: [process] })).toBe(expected)
  })

  it('[D9] is processed in the order given', () => {
    const process: PostProcess[] = [
      { type: 'trim' },
      { type: 'append', text: ' south' },
      { type: 'to_upper' },
      { type: 'replace', find: 'SOUTH', with: 'north' },
    ]
    expect(returning({ value: 'text', process })).toBe('GEESE FLY north')
    expect(returning({ value: 'text', process: process.toReversed() })).toBe('GEESE FLY   south')
  })

  it('[D9] is processed as JSON text where it is none', () => {
    expect(returning({ values: ['n', 'list'], process: [{ type: 'append', text: '.' }] })).toBe(
      '[7,["p","q"]].',
    )
    expect(returning({ value: 'b', json: true, process: [{ type: 'to_upper' }] })).toBe(
      '{"K":["V",{"W":1}]}',
    )
  })

  it('[D9] is an error where it was never written, and absent where it need not be', () => {
    expect(() => missing('b')).toThrow("the return value 'b' was never written")
    expect(missing({ value: { type: 'read', key: 'b', required: false } })).toBeUndefined()
  })
})

describe('a return value that becomes too large', () => {
  it('[D9] [X6] names the place where it does', () => {
    const grow: PostProcess = { type: 'replace', find: 'a', with: 'a'.repeat(1000) }
    expect(() => returning({ value: 'text', process: [grow, grow, grow, grow] }, 'a')).toThrow(
      'returns.process[2]: a value becomes larger than any model can read',
    )
  })
})
