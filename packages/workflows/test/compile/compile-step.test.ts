import { describe, expect, it } from 'vitest'
import { parseWorkflow } from '../../src/index.ts'
import { drive, fails, prompts, step, workflow } from '../drive.ts'

/** What a document is refused with. */
function refusal(parts: Readonly<Record<string, unknown>>): unknown {
  try {
    return parseWorkflow(workflow({ returns: 'a', ...parts }))
  } catch (error) {
    return error
  }
}

/** What a step draws. */
function draw(parts: object): unknown {
  const document = workflow({
    memory: { xs: ['one'], which: 'xs' },
    steps: [{ id: 'a', operator: 'sample', ...parts }],
    returns: 'a',
  })
  return drive(document, {}, { script: {} }).outcome.output
}

function sample(id: string, prompt: string): object {
  return {
    id,
    operator: 'sample',
    from: { gap: 'xs' },
    prompt,
  }
}

describe('a step', () => {
  it('[D7] is skipped for what it needs and lacks, not for what always has a value', () => {
    const document = workflow({
      steps: [
        step('gap', 'x', { optional: true }),
        step('reads', '{{gap}}'),
        step('takes', '{{g}}', { inputs: { g: { type: 'pop', key: 'gap' } } }),
        step('counts', '{{n}}', { inputs: { n: { type: 'size', key: 'gap' } } }),
        step('joins', '<{{g}}>', { inputs: { g: { type: 'get_all', key: 'gap', join: ',' } } }),
        step('asks', '{{#if gap}}there{{else}}not there{{/if}}'),
        step('hides', '{{gap}}', { inputs: { gap: { type: 'string', value: 'own' } } }),
      ],
      returns: 'asks',
    })
    const script = { gap: [fails('gone')], counts: ['c'], joins: ['j'], asks: ['a'], hides: ['h'] }
    const driven = drive(document, {}, { script })
    expect(prompts(driven)).toEqual(['x', '0', '<>', 'not there', 'own'])
    expect(driven.outcome.skipped.map((entry) => entry.step)).toEqual(['gap', 'reads', 'takes'])
  })

  it('[D4] is named by the error of its id, and what it is inside of by its message', () => {
    expect(refusal({ steps: [step('a', 'x'), step('a', 'y')] })).toMatchObject({
      code: 'INVALID_DOCUMENT',
      step: 'a',
      message: "step 'a': another step has the same id",
    })
    expect(refusal({ steps: [step('a', 'x')], start: 'b' })).toMatchObject({
      code: 'INVALID_DOCUMENT',
      step: undefined,
    })
    const body = { steps: [step('b', '{{y}}')], returns: 'b' }
    expect(
      refusal({ steps: [{ id: 'a', operator: 'parallel', branches: { one: body } }] }),
    ).toMatchObject({
      code: 'INVALID_TEMPLATE',
      step: 'a',
      cause: { cause: { step: 'b' } },
    })
  })

  it('[D8] draws from lists by every way to read them, and shows what it drew under its names', () => {
    expect(draw({ from: { x: { type: 'get_all', key: 'xs' } } })).toBe('one')
    expect(draw({ from: { x: { type: 'named', input: 'which' } } })).toBe('one')
    expect(draw({ from: { x: 'xs' }, prompt: '{{x}} of {{which}}' })).toBe('one of xs')
    expect(draw({ from: {}, prompt: 'nothing drawn' })).toBe('nothing drawn')
    expect(
      refusal({
        memory: { xs: [] },
        steps: [{ id: 'a', operator: 'sample', from: { x: 'xs' }, prompt: '{{x}} {{y}}' }],
      }),
    ).toMatchObject({
      message: "step 'a': {{y}} is neither an input nor written by a step; there are 'xs', 'a'",
    })
  })

  it('[D8] that draws is skipped for a gap its prompt reads, and not for one that it draws under that name', () => {
    const document = workflow({
      memory: { xs: ['one'] },
      steps: [
        step('gap', 'x', { optional: true }),
        step('other', 'x', { optional: true }),
        sample('a', '{{gap}}'),
        sample('b', '{{other}}'),
      ],
      returns: 'a',
    })
    const { outcome } = drive(
      document,
      {},
      { script: { gap: [fails('gone')], other: [fails('gone')] } },
    )
    expect(outcome.output).toBe('one')
    expect(outcome.skipped.map((entry) => entry.step)).toEqual(['gap', 'other', 'b'])
  })
})

describe('the tools of a step', () => {
  const http = { method: 'POST', url: 'https://x/{{id}}' }

  it('[D15] take what their requests name as arguments, in lists, too', () => {
    const tools = [
      'look',
      {
        name: 'send',
        description: 's',
        http: { ...http, body: { to: ['{{who}}', 3, null], text: { a: '{{id}}' } } },
      },
      { name: 'ask', description: 'a' },
    ]
    const document = workflow({
      tools,
      steps: [{ id: 'a', operator: 'function_calling_raw', prompt: 'x' }],
      returns: 'a',
    })
    const { needs } = drive(document, {}, { script: { a: ['{"name": "ask", "arguments": {}}'] } })
    expect(needs[0]).toMatchObject({
      tools: [
        {
          name: 'send',
          description: 's',
          parameters: {
            type: 'object',
            properties: { id: { type: 'string' }, who: { type: 'string' } },
            required: ['id', 'who'],
          },
        },
        { name: 'ask', parameters: { type: 'object', properties: {}, required: [] } },
      ],
    })
    expect(needs[0]).toHaveProperty('nodeTools', ['look'])
  })

  it('[D15] are none of a step that only generates', () => {
    const tools = ['look', { name: 'send', description: 's', http }]
    const { needs } = drive(
      workflow({ tools, steps: [step('a', 'x')], returns: 'a' }),
      {},
      { script: { a: ['A'] } },
    )
    expect(needs[0]).not.toHaveProperty('tools')
    expect(needs[0]).not.toHaveProperty('nodeTools')
  })
})
