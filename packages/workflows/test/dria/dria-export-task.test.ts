import { describe, expect, it } from 'vitest'
import { parseWorkflow, toDria, WorkflowError } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'

const read = (key: string) => ({ type: 'read', key })
const named = (input: string) => ({ type: 'named', input })
const body = { steps: [step('a', 'x')], returns: 'a' }

/** The task that a step becomes. */
function taskOf(one: object, more: Readonly<Record<string, unknown>> = {}): unknown {
  const steps = [{ id: 'a', operator: 'generation', ...one }]
  const { tasks } = toDria(parseWorkflow(workflow({ steps, returns: 'a', ...more })))
  return Array.isArray(tasks) ? tasks[0] : undefined
}

function refusal(reason: string): WorkflowError {
  const message = `step 'a': cannot be written as one of Dria's workflows: ${reason}`
  return new WorkflowError('INVALID_DOCUMENT', message, { step: 'a' })
}

describe("a step written as one of Dria's tasks", () => {
  it('[D11] [D14] has its whole conversation in messages, and an input for each name once', () => {
    const conversation = {
      title: 'T',
      description: 'D',
      system: 'You know {{b}}.',
      messages: [
        { role: 'user', content: '{{own}} and {{b}}' },
        { role: 'assistant', content: '{{! hm }}Yes {{"{{"}}' },
      ],
      prompt: '{{b}} {{list}}?',
      inputs: { own: { type: 'pop', key: 'list' }, bare: 'b' },
      schema: { type: 'object' },
    }
    const memory = { b: 'b', list: ['x'] }
    expect(taskOf(conversation, { memory })).toEqual({
      id: 'a',
      name: 'T',
      description: 'D',
      messages: [
        { role: 'system', content: 'You know {b}.' },
        { role: 'user', content: '{own} and {b}' },
        { role: 'assistant', content: 'Yes {{' },
        { role: 'user', content: '{b} {list}?' },
      ],
      inputs: [
        { name: 'own', value: { type: 'pop', key: 'list' }, required: true },
        { name: 'bare', value: read('b'), required: true },
        { name: 'b', value: read('b'), required: true },
        { name: 'list', value: { type: 'get_all', key: 'list' }, required: true },
      ],
      operator: 'generation',
      outputs: [{ type: 'write', key: 'a', value: '__result' }],
      schema: '{"type":"object"}',
    })
  })

  it.each([
    ['b', read('b'), true],
    [{ type: 'read', key: 'b', required: false }, read('b'), false],
    [{ type: 'read', key: 'input' }, { type: 'input', key: '' }, true],
    [{ type: 'pop', key: 'b' }, { type: 'pop', key: 'b' }, true],
    [{ type: 'pop', key: 'input' }, { type: 'pop', key: 'input' }, true],
    [{ type: 'peek', key: 'b', index: 2 }, { type: 'peek', index: 2, key: 'b' }, true],
    [{ type: 'get_all', key: 'b', join: ' \n' }, { type: 'get_all', key: 'b' }, true],
    [{ type: 'get_all', key: 'b', after: ' \n' }, { type: 'get_all', key: 'b' }, true],
    [{ type: 'size', key: 'b', required: false }, { type: 'size', key: 'b' }, false],
    [{ type: 'string', value: '{b}' }, { type: 'string', key: '{b}' }, true],
  ])('[D2] [D14] reads as it did: %j', (input, value, required) => {
    const more = { memory: { b: ['x'] }, input: { input: {} } }
    expect(taskOf({ prompt: 'x', inputs: { n: input } }, more)).toMatchObject({
      inputs: [{ name: 'n', value, required }],
    })
  })

  it('[D2] [D14] writes as it did', () => {
    const outputs = [
      { type: 'write', key: 'a' },
      { type: 'push', key: 'b', value: 'said' },
      { type: 'insert' },
    ]
    expect(taskOf({ prompt: 'x', outputs })).toMatchObject({
      outputs: [
        { type: 'write', key: 'a', value: '__result' },
        { type: 'push', key: 'b', value: 'said' },
        { type: 'insert', key: '', value: '__result' },
      ],
    })
  })

  it.each([
    [{}, { search_type: 'search', lang: 'en', n_results: 5 }],
    [
      { type: 'scholar', language: 'de', count: 9 },
      { search_type: 'scholar', lang: 'de', n_results: 9 },
    ],
  ])('[D14] searches for the same: %j', (said, asked) => {
    const search = { operator: 'search', query: 'On {{b}}', ...said }
    expect(taskOf(search, { memory: { b: 'x' } })).toEqual({
      id: 'a',
      name: 'a',
      description: '',
      messages: [{ role: 'user', content: JSON.stringify({ query: 'On {b}', ...asked }) }],
      inputs: [{ name: 'b', value: read('b'), required: true }],
      operator: 'search',
      outputs: [{ type: 'write', key: 'a', value: '__result' }],
    })
  })

  const sample = {
    operator: 'sample',
    from: { x: named('own'), 'y z': named('b') },
    inputs: { own: { type: 'string', value: 'b' } },
    prompt: 'Of {{own}} {x}: {{x}}: {{[y z]}}',
  }

  it('[D1] [D14] draws from the lists that its inputs name', () => {
    expect(taskOf(sample, { memory: { b: 'b' } })).toEqual({
      id: 'a',
      name: 'a',
      description: '',
      messages: [{ role: 'user', content: 'Of {own} {x}' }],
      inputs: [
        { name: 'own', value: { type: 'string', key: 'b' }, required: true },
        { name: 'b', value: read('b'), required: true },
      ],
      operator: 'sample',
      outputs: [{ type: 'write', key: 'a', value: '__result' }],
    })
  })

  it.each([
    ['without a prompt', { prompt: undefined }],
    ['with the items elsewhere', { prompt: '{{x}} and {{[y z]}}' }],
    ['with an item before the end', { prompt: '{{x}}: {{x}}: {{[y z]}}' }],
    ['with the items as text', { prompt: 'Of: {x}: {y z}' }],
    ['with a name that is no list', { prompt: '{{c}}: {{x}}: {{[y z]}}' }],
    ['with such a name beside one that is', { prompt: '{{own}} {{c}}: {{x}}: {{[y z]}}' }],
    [
      'in another order after the first',
      {
        from: { x: named('own'), 'y z': named('b'), z: named('too') },
        inputs: { own: 'own', too: 'own' },
        prompt: ': {{x}}: {{[y z]}}: {{z}}',
      },
    ],
    ['in another order', { from: { x: named('b'), 'y z': named('own') } }],
    ['twice from one list', { from: { x: named('own'), 'y z': named('own') } }],
    ['from a list itself', { from: { x: 'own', 'y z': named('b') } }],
    [
      'from a list in another way',
      { from: { x: { type: 'named', input: read('own') }, 'y z': named('b') } },
    ],
    ['beside an input', { from: { x: named('own') }, prompt: ': {{x}}', inputs: { b: 'b' } }],
    ['with an item of the name', { from: { own: named('own') }, prompt: '{{own}}: {{own}}' }],
  ])('[D1] [D14] draws in no other way: %s', (_, parts) => {
    const { prompt, ...other } = { ...sample, ...parts }
    const task = prompt === undefined ? other : { prompt, ...other }
    expect(() => taskOf(task, { memory: { b: 'b', c: 'c', own: 'own' } })).toThrow(
      refusal('it draws from the lists that its inputs name, and adds the items to the prompt'),
    )
  })

  it.each([
    ['blocks', '{{#if b}}x{{/if}}'],
    ['paths', '{{b.c}}'],
  ])('[D3] [D14] is refused where a prompt has %s', (_, prompt) => {
    const reason = 'its prompts have names only, no blocks and no paths'
    for (const one of [
      { prompt },
      { operator: 'search', query: prompt },
      { ...sample, prompt: `${prompt}: {{x}}: {{[y z]}}` },
    ]) {
      expect(() => taskOf(one, { memory: { b: 'b' } })).toThrow(refusal(reason))
    }
  })

  it.each([
    [{ models: ['m'] }, "a step of its own has no 'models'"],
    [{ sampling: {} }, "a step of its own has no 'sampling'"],
    [{ images: ['b'] }, "a step of its own has no 'images'"],
    [{ maxTokens: 1 }, "a step of its own has no 'maxTokens'"],
    [{ retry: 0 }, "a step of its own has no 'retry'"],
    [{ timeoutMs: 1 }, "a step of its own has no 'timeoutMs'"],
    [{ optional: true }, 'it may be skipped'],
    [{ when: { input: 'b', expression: 'Equal', expected: 'x' } }, 'it may be skipped'],
    [
      { inputs: { b: { type: 'get_all', key: 'b', join: ', ' } } },
      'its lists become one text with a space and a line break after each value',
    ],
    [{ inputs: { all: { type: 'input' } } }, 'its input is one text, not all inputs together'],
    [
      { operator: 'map', over: 'b', as: 'i', body, prompt: undefined },
      "it has no steps of the kind 'map'",
    ],
    [
      { operator: 'parallel', branches: { a: body }, prompt: undefined },
      "it has no steps of the kind 'parallel'",
    ],
  ])('[D14] is refused where a step has more than theirs: %#', (parts, reason) => {
    const { prompt, ...one } = { prompt: 'x', ...parts }
    const task = prompt === undefined ? one : { prompt, ...one }
    expect(() => taskOf(task, { memory: { b: ['b'] } })).toThrow(refusal(reason))
  })
})
