import { describe, expect, it } from 'vitest'
import { GetAll, Peek, Pop, Read, Size, Text, WholeInput, type Input } from '../../src/index.ts'
import { Memory } from '../../src/interpret/memory.ts'
import { drive, prompts, step, workflow } from '../drive.ts'

describe('memory', () => {
  it('[D2] reads what was written last', () => {
    const memory = new Memory({ a: 1 })
    memory.write('a', 2)
    expect(memory.read('a')).toBe(2)
    expect(memory.read('b')).toBeUndefined()
  })

  it('[D2] pops what was pushed last, first', () => {
    const memory = new Memory({})
    memory.push('a', 1)
    memory.push('a', 2)
    expect([memory.pop('a'), memory.pop('a'), memory.pop('a')]).toEqual([2, 1, undefined])
  })

  it('[D2] peeks by index from the first, and leaves the value there', () => {
    const memory = new Memory({})
    memory.push('a', 'x')
    memory.push('a', 'y')
    expect([memory.peek('a', 0), memory.peek('a', 1), memory.peek('a', 2)]).toEqual([
      'x',
      'y',
      undefined,
    ])
    expect(memory.size('a')).toBe(2)
  })

  it('[D2] gives all that was pushed, the first one first', () => {
    const memory = new Memory({})
    memory.push('a', 'x')
    memory.push('a', 'y')
    expect(memory.all('a')).toEqual(['x', 'y'])
    expect(memory.read('a')).toEqual(['x', 'y'])
  })

  it('[D2] pushes onto a list that was given or written', () => {
    const memory = new Memory({ a: ['x'] })
    memory.push('a', 'y')
    expect(memory.read('a')).toEqual(['x', 'y'])
    expect(memory.pop('a')).toBe('y')
  })

  it('[D2] does not change the list that was given', () => {
    const given = ['x', 'y']
    const memory = new Memory({ a: given })
    memory.pop('a')
    memory.push('a', 'z')
    expect(given).toEqual(['x', 'y'])
  })

  it('[D2] gives lists that do not change afterwards', () => {
    const memory = new Memory({})
    memory.push('a', 'x')
    const before = memory.read('a')
    memory.push('a', 'y')
    expect(before).toEqual(['x'])
  })

  it('[D2] keeps a written value and a pushed list of the same key apart', () => {
    const memory = new Memory({})
    memory.push('a', 'x')
    memory.write('a', 'text')
    expect([memory.read('a'), memory.all('a')]).toEqual(['text', ['x']])
  })

  it('[P2] of a branch begins with all, and changes nothing of the other', () => {
    const memory = new Memory({ a: 1 }, { c: 3 })
    memory.push('s', 'x')
    memory.insert('t')
    memory.leave('gone', { origin: 'o', reason: 'r' })
    const branch = memory.branch({ item: 7 })
    branch.push('s', 'y')
    branch.write('a', 2)
    branch.insert('u')
    expect([branch.read('a'), branch.read('c'), branch.read('item')]).toEqual([2, 3, 7])
    expect(branch.absence('gone')).toEqual({ origin: 'o', reason: 'r' })
    expect([memory.read('a'), memory.all('s'), memory.inserted, memory.read('item')]).toEqual([
      1,
      ['x'],
      ['t'],
      undefined,
    ])
    expect(branch.inserted).toEqual(['t', 'u'])
    expect(branch.take(WholeInput())).toEqual({ a: 1 })
  })

  it('[D14] holds what the document gives before the inputs come', () => {
    const memory = new Memory({ a: 'input' }, { a: 'before', b: 'before' })
    expect([memory.read('a'), memory.read('b')]).toEqual(['input', 'before'])
  })
})

/** Pushes "one", "two", then asks with an input of its own. */
function reading(input: Input): object {
  return workflow({
    input: { topic: { type: 'string' } },
    steps: [
      step('first', 'a', { outputs: [{ type: 'push', key: 'history' }] }),
      step('second', 'b', { outputs: [{ type: 'push', key: 'history' }] }),
      step('ask', '[{{x}}]', { inputs: { x: input } }),
    ],
    returns: 'ask',
  })
}

const script = { first: ['one'], second: ['two'], ask: ['ok'] }

/** The same on memory that holds nothing under the key. */
function onEmpty(input: Input): object {
  return workflow({
    steps: [
      step('ask', '[{{x}}]', { inputs: { x: input } }),
      step('later', 'b', { outputs: [{ type: 'push', key: 'history' }] }),
    ],
    returns: 'ask',
  })
}

describe('an input of a step', () => {
  it.each([
    ['a key', 'topic', '[geese]'],
    ['read', Read('topic'), '[geese]'],
    ['read of a pushed key', Read('history'), '[["one","two"]]'],
    ['pop', Pop('history'), '[two]'],
    ['peek', Peek('history', 0), '[one]'],
    ['get_all', GetAll('history'), '[["one","two"]]'],
    ['get_all as one text', { type: 'get_all', key: 'history', join: ' \n' }, '[one \ntwo]'],
    ['get_all as lines', { type: 'get_all', key: 'history', after: ';' }, '[one;two;]'],
    ['get_all as both', { type: 'get_all', key: 'history', join: ' ', after: ';' }, '[one; two;]'],
    ['size', Size('history'), '[2]'],
    ['a text', Text('{{topic}}'), '[{{topic}}]'],
    ['the whole input', WholeInput(), '[{"topic":"geese"}]'],
  ] as const)('[D2] is %s', (...[, input, prompt]) => {
    expect(prompts(drive(reading(input), { topic: 'geese' }, { script })).at(-1)).toBe(prompt)
  })

  it.each([
    ['get_all', GetAll('history'), '[[]]'],
    ['get_all as one text', { type: 'get_all', key: 'history', join: ', ' }, '[]'],
    ['get_all as lines', { type: 'get_all', key: 'history', after: ';' }, '[]'],
    ['size', Size('history'), '[0]'],
    ['pop that is not required', { type: 'pop', key: 'history', required: false }, '[]'],
    [
      'peek that is not required',
      { type: 'peek', key: 'history', index: 3, required: false },
      '[]',
    ],
    ['read that is not required', { type: 'read', key: 'history', required: false }, '[]'],
  ] as const)('[D2] has a value on empty memory: %s', (...[, input, prompt]) => {
    const driven = drive(onEmpty(input), {}, { script: { ask: ['ok'], later: ['x'] } })
    expect(prompts(driven)[0]).toBe(prompt)
  })

  it.each([
    ['pop', Pop('history')],
    ['peek', Peek('history', 0)],
    ['read', Read('history')],
    ['a key', 'history'],
  ] as const)('[D2] is an error on empty memory that names it: %s', (...[, input]) => {
    const run = () => drive(onEmpty(input), {}, { script: { ask: ['ok'], later: ['x'] } })
    expect(run).toThrow("step 'ask': its input 'x' has no value")
  })

  it('[D2] is popped once a visit, however often the model is asked', () => {
    const document = workflow({
      input: { items: { type: 'array' } },
      steps: [
        step('ask', '{{item}}', {
          inputs: { item: Pop('items') },
          schema: { type: 'number' },
          outputs: [{ type: 'push', key: 'sums' }],
        }),
      ],
      edges: [
        {
          from: 'ask',
          to: '_end',
          if: { input: Size('items'), expression: 'Equal', expected: 0 },
          else: 'ask',
        },
      ],
      returns: 'sums',
    })
    const driven = drive(document, { items: ['a', 'b'] }, { script: { ask: ['no', '1', '2'] } })
    expect(driven.outcome.output).toEqual([1, 2])
    expect(driven.outcome.steps).toEqual(['ask', 'ask'])
  })
})

describe('an output of a step', () => {
  it('[D2] writes, pushes and inserts the result, or a text of its own', () => {
    const document = workflow({
      steps: [
        step('ask', 'a', {
          outputs: [
            { type: 'write', key: 'last' },
            { type: 'push', key: 'all' },
            { type: 'write', key: 'state', value: 'asked' },
            { type: 'insert' },
          ],
        }),
      ],
      returns: ['last', 'all', 'state'],
    })
    const { outcome } = drive(document, {}, { script: { ask: ['x'] } })
    expect(outcome.output).toEqual({ last: 'x', all: ['x'], state: 'asked' })
  })

  it('[D2] is the key of the step where nothing is said', () => {
    const document = workflow({ steps: [step('ask', 'a')], returns: 'ask' })
    expect(drive(document, {}, { script: { ask: ['x'] } }).outcome.output).toBe('x')
  })

  it('[D2] may be none at all', () => {
    const document = workflow({
      steps: [step('a', 'x', { outputs: [] }), step('b', 'y')],
      returns: 'b',
    })
    expect(drive(document, {}, { script: { a: ['1'], b: ['2'] } }).outcome.output).toBe('2')
  })
})
