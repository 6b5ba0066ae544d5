import { describe, expect, it } from 'vitest'
import { drive, prompts, says, step, workflow, type Driven, type Script } from '../drive.ts'

const http = { method: 'GET', url: 'https://x.example' }
const fetch = { name: 'fetch', description: 'Gets', parameters: {}, http }

/** Runs a step that may call tools. */
function run(script: Script[string], more: object = {}, tools: readonly unknown[] = []): Driven {
  const operator = 'function_calling'
  const document = workflow({
    tools: [fetch, ...tools],
    steps: [{ id: 'a', operator, prompt: 'x', ...more }],
    returns: 'a',
  })
  return drive(document, {}, { script: { a: script } })
}

/** What the model is told of its call. */
function told(call: object, tools: readonly unknown[] = []): unknown {
  return prompts(run([JSON.stringify(call), 'ok'], {}, tools))[1]
}

function failure(code: string, message: string): unknown {
  return expect.objectContaining({ code, message, step: 'a' })
}

describe('a call of a tool', () => {
  it('[D12] is told what there is, where it names nothing that is there', () => {
    expect(told({ name: 'get', arguments: {} }, ['search'])).toBe(
      `{"error":"there is no tool 'get'; there are 'fetch', 'search'"}`,
    )
  })

  it('[D12] is told where it cannot be made a request of', () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a model server may parse a call wrongly
    const toolCalls = [{ name: 'fetch', arguments: 7 as never }]
    expect(prompts(run([says('', { toolCalls }), 'ok']))[1]).toBe(
      `{"error":"'fetch' cannot be run here"}`,
    )
  })

  it('[D12] is a failure of the walk, not of the tool, where the answer is of another kind', () => {
    const call = '{"name": "fetch", "arguments": {}}'
    expect(() => run([call, 'no result'])).toThrow(
      expect.objectContaining({
        code: 'BAD_CHECKPOINT',
        message: "an answer of the kind 'completion' came where 'result' was asked for",
      }),
    )
  })

  it('[D12] gives null where the tool gave nothing', () => {
    const driven = run([
      '{"name": "fetch", "arguments": {}}',
      { kind: 'result', value: undefined },
      'ok',
    ])
    expect(prompts(driven)[1]).toBe('null')
  })

  it('[D12] has all its arguments in the query', () => {
    const driven = run([
      '{"name": "fetch", "arguments": {"a": 1, "b": "x y", "c": true}}',
      { kind: 'result', value: 1 },
      'ok',
    ])
    expect(driven.needs[1]).toMatchObject({
      http: { url: 'https://x.example?a=1&b=x%20y&c=true' },
    })
  })

  it('[D12] is read of the text where the model server parsed none', () => {
    const text = '{"name": "fetch", "arguments": {}}'
    const driven = run([says(text, { toolCalls: [] }), { kind: 'result', value: 7 }, 'seven'])
    expect(driven.needs.map(({ kind }) => kind)).toEqual(['completion', 'tool', 'completion'])
  })
})

describe('a model that calls tools', () => {
  const rounds = [0, 1].flatMap((round) => [
    `{"name": "fetch", "arguments": {"n": ${round}}}`,
    { kind: 'result', value: 1 } as const,
  ])

  it('[D12] may answer in its last round', () => {
    expect(run([...rounds, 'done'], { rounds: 3 }).outcome.output).toBe('done')
    expect(() => run([...rounds, 'done'], { rounds: 2 })).toThrow(
      failure('UNUSABLE_ANSWER', "step 'a': it still calls tools after 2 rounds"),
    )
  })

  it('[D12] is asked again for a call that can be read, or for the answer', () => {
    const driven = run(['<tool_call>get it</tool_call>', 'ok'])
    expect(prompts(driven)[1]).toMatch(
      /^That answer cannot be used: .* Answer again, with nothing but the answer$/,
    )
    expect(() => run(['<tool_call>get it</tool_call>'], { retry: 1 })).toThrow(
      /^step 'a': any of 2 answers cannot be used; the last one: a <tool_call> holds no /,
    )
  })
})

describe('the pictures of a question', () => {
  it('[D15] must all be texts', () => {
    const document = workflow({
      memory: { pictures: ['AAA', 7] },
      steps: [step('a', 'x', { images: ['pictures'] })],
      returns: 'a',
    })
    expect(() => drive(document, {}, { script: { a: ['z'] } })).toThrow(
      failure('MISSING_VALUE', "step 'a': its pictures must be base64 texts"),
    )
  })
})
