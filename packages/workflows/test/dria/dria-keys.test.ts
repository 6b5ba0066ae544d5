import { describe, expect, it } from 'vitest'
import { checkWorkflow, fromDria, toDria } from '../../src/index.ts'
import { drive, prompts } from '../drive.ts'

interface Reads {
  readonly type: string
  readonly key: string
  readonly index?: number
}

/** A task that reads what it names and says it, and stores the answer. */
function task(
  id: string,
  inputs: Readonly<Record<string, Reads>>,
  outputs: readonly (readonly [type: string, key: string])[],
): object {
  return {
    id,
    operator: 'generation',
    messages: [
      {
        role: 'user',
        content:
          Object.keys(inputs)
            .map((name) => `{${name}}`)
            .join(' ') || id,
      },
    ],
    inputs: Object.entries(inputs).map(([name, value]) => ({ name, value, required: false })),
    outputs: outputs.map(([type, key]) => ({ type, key })),
  }
}

function workflow(tasks: readonly object[], returned: unknown, memory?: object): object {
  const ids = tasks.map((entry) => ('id' in entry ? String(entry.id) : ''))
  return {
    config: { max_steps: 20, max_time: 60 },
    ...(memory === undefined ? {} : { external_memory: memory }),
    tasks,
    steps: ids.map((source, index) => ({ source, target: ids[index + 1] ?? '_end' })),
    return_value: { input: returned },
  }
}

const text = { type: 'read', key: 'x' }
const list = { type: 'get_all', key: 'x' }

describe("a key of Dria's that is written and pushed", () => {
  const both = [
    task('a', {}, [
      ['write', 'x'],
      ['push', 'x'],
    ]),
    task('b', {}, [
      ['push', 'x'],
      ['write', 'x'],
    ]),
    task(
      'c',
      { text, list, size: { type: 'size', key: 'x' }, first: { type: 'peek', key: 'x', index: 0 } },
      [['write', 'c']],
    ),
    task('d', { last: { type: 'pop', key: 'x' }, text }, [['write', 'd']]),
  ]

  it('[D14] has its text and its list, as in their executor', () => {
    const driven = drive(
      fromDria(workflow(both, [text, list])),
      {},
      {
        script: { a: ['one'], b: ['two'], c: ['C'], d: ['D'] },
      },
    )
    expect(prompts(driven).slice(2)).toEqual(['two one \ntwo \n 2 one', 'two two'])
    expect(driven.outcome.output).toEqual(['two', 'one \n'])
  })

  it('[D14] keeps its name for the text, and gives the list another that is free', () => {
    const { steps, returns } = fromDria(workflow(both, [text, list]))
    expect(steps[0]?.outputs).toEqual([
      { type: 'write', key: 'x' },
      { type: 'push', key: 'x as list' },
    ])
    expect(returns).toMatchObject({ values: [{ key: 'x' }, { key: 'x as list' }] })
    const taken = fromDria(workflow([...both, task('e', {}, [['write', 'x as list']])], text))
    expect(taken.steps[0]?.outputs?.[1]?.key).toBe('x as list again')
  })

  it('[D14] keeps its name for the list where memory gives that', () => {
    const document = fromDria(
      workflow(
        [task('a', { list }, [['write', 'x']]), task('b', { text, list }, [['write', 'b']])],
        text,
        {
          x: ['one', 'two'],
          y: 'unread',
        },
      ),
    )
    expect(Object.keys(document.input)).toEqual(['x', 'y'])
    const driven = drive(document, { x: ['three'] }, { script: { a: ['A'], b: ['B'] } })
    expect(prompts(driven)).toEqual(['three \n', 'A three \n'])
    expect(driven.outcome.output).toBe('A')
  })

  it('[D14] keeps its name for the text where memory gives that', () => {
    const document = fromDria(
      workflow([task('a', { text }, [['push', 'x']])], list, { x: 'first' }),
    )
    expect(Object.keys(document.input)).toEqual(['x'])
    const driven = drive(document, {}, { script: { a: ['A'] } })
    expect(prompts(driven)).toEqual(['first'])
    expect(driven.outcome.output).toBe('A \n')
  })

  it('[D14] can be drawn from by its name', () => {
    const draw = {
      id: 'draw',
      operator: 'sample',
      messages: [{ role: 'user', content: 'drawn' }],
      inputs: [{ name: 'from', value: { type: 'string', key: 'x' }, required: true }],
      outputs: [{ type: 'write', key: 'drawn' }],
    }
    const first = task('a', {}, [
      ['push', 'x'],
      ['write', 'x'],
    ])
    const document = fromDria(workflow([first, draw], { type: 'read', key: 'drawn' }))
    expect(document.steps[0]?.outputs?.map(({ key }) => key)).toEqual(['x', 'x as text'])
    expect(drive(document, {}, { script: { a: ['A'] } }).outcome.output).toBe('drawn: A')
  })

  it('[D14] is looked at by conditions as what they say', () => {
    const document = {
      ...workflow(both, list),
      steps: [
        {
          source: 'a',
          target: 'b',
          condition: {
            input: { type: 'size', key: 'x' },
            expected: 1,
            expression: 'Equal',
            target_if_not: '_end',
          },
        },
        { source: 'b', target: '_end' },
      ],
    }
    expect(fromDria(document).edges?.[0]?.if?.input).toMatchObject({
      type: 'size',
      key: 'x as list',
    })
    expect(checkWorkflow(document).filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it('[D14] is left alone where it is only one of the two', () => {
    const lists = [
      task('a', { text: list }, [
        ['push', 'x'],
        ['insert', 'x'],
      ]),
      task('b', { text }, [['push', 'x']]),
    ]
    expect(fromDria(workflow(lists, list)).steps.flatMap(({ outputs = [] }) => outputs)).toEqual([
      { type: 'push', key: 'x' },
      { type: 'insert', key: 'x' },
      { type: 'push', key: 'x' },
    ])
  })
})

describe("a return value of Dria's", () => {
  const pushed = [
    task('a', {}, [
      ['push', 'x'],
      ['write', 'y'],
    ]),
    task('b', {}, [['push', 'x']]),
  ]

  function output(returned: object): unknown {
    const document = fromDria({ ...workflow(pushed, ''), return_value: returned })
    return drive(document, {}, { script: { a: ['{"n": 1}'], b: ['two'] } }).outcome.output
  }

  it('[D9] [D14] of several keys with JSON has a list for a list, with its JSON as values', () => {
    const input = [{ type: 'read', key: 'y' }, list]
    expect(output({ input, to_json: true })).toEqual([{ n: 1 }, [{ n: 1 }, 'two']])
    expect(output({ input, to_json: false })).toEqual([{ n: 1 }, '{"n": 1} \ntwo \n'])
    expect(
      output({ input: [list, list], to_json: true, post_process: [{ process_type: 'to_upper' }] }),
    ).toBe('[[{"N":1},"TWO"],[{"N":1},"TWO"]]')
  })

  it('[D9] [D14] of several keys is one text where more is done to it', () => {
    const lines = [{ process_type: 'replace', lhs: ' \n', rhs: ',' }, { process_type: 'trim_end' }]
    const input = [{ type: 'read', key: 'y' }, { type: 'read', key: 'nowhere' }, list]
    expect(output({ input, post_process: lines })).toBe('{"n": 1},,{"n": 1},two,,')
    expect(output({ input: list, post_process: lines })).toBe('{"n": 1},two,')
    expect(output({ input: [list], post_process: [] })).toEqual(['{"n": 1} \ntwo \n'])
  })

  it('[D9] [D14] that nothing wrote is an empty text where more is done to it', () => {
    const input = { type: 'read', key: 'nowhere' }
    const post_process = [{ process_type: 'append', rhs: '!' }]
    expect(output({ input, post_process })).toBe('!')
    expect(output({ input: { type: 'get_all', key: 'nowhere' }, post_process })).toBe('!')
    expect(output({ input })).toBeUndefined()
  })

  it.each([
    { input: [{ type: 'read', key: 'y' }, list, { type: 'size', key: 'x' }] },
    { input: [{ type: 'read', key: 'y' }, list], post_process: [{ process_type: 'trim' }] },
    { input: list, post_process: [{ process_type: 'trim' }] },
    { input: [list], to_json: true },
    { input: list },
  ])('[D9] [D14] stays the same where it is written back: %j', (returned) => {
    const document = fromDria({ ...workflow(pushed, ''), return_value: returned })
    expect(fromDria(toDria(document)).returns).toEqual(document.returns)
  })

  it('[D9] [D14] of one list with JSON is the list, without it one text', () => {
    expect(output({ input: list, to_json: true })).toEqual([{ n: 1 }, 'two'])
    expect(output({ input: list })).toBe('{"n": 1} \ntwo \n')
  })
})
