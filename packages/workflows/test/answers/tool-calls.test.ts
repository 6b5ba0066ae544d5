import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseToolCalls } from '../../src/answers/tool-calls.ts'

const f = (args: unknown, name = 'f') => ({ name, arguments: args })

describe('the calls in an answer', () => {
  it.each([
    ['Nous', '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>', [f({ a: 1 })]],
    [
      'Nous over lines',
      '<tool_call>\n{"arguments": {"a": 1},\n "name": "f"}\n</tool_call>',
      [f({ a: 1 })],
    ],
    [
      'Nous, several',
      '<tool_call>{"name":"f","arguments":{}}</tool_call>\n<tool_call>{"name":"g","arguments":{"b":[1]}}</tool_call>',
      [f({}), f({ b: [1] }, 'g')],
    ],
    [
      'Nous in prose',
      'Let me see. <tool_call>{"name":"f","arguments":{}}</tool_call> Wait.',
      [f({})],
    ],
    ['Nous without its end', '<tool_call>{"name":"f","arguments":{"a":"x"}}', [f({ a: 'x' })]],
    [
      'Nous with a nested object',
      '<tool_call>{"name":"f","arguments":{"a":{"b":{"c":"</tool_call>"}}}}</tool_call>',
      [f({ a: { b: { c: '</tool_call>' } } })],
    ],
    [
      'Nous with a brace too few',
      '<tool_call>{"name":"f","arguments":{"a":1}</tool_call>',
      [f({ a: 1 })],
    ],
    [
      'Nous in Python',
      "<tool_call>{'name': 'f', 'arguments': {'a': True}}</tool_call>",
      [f({ a: true })],
    ],
    [
      'Nous with arguments as text',
      '<tool_call>{"name":"f","arguments":"{\\"a\\":1}"}</tool_call>',
      [f({ a: 1 })],
    ],
    [
      'Nous with parameters',
      '<tool_call>{"name":"f","parameters":{"a":1}}</tool_call>',
      [f({ a: 1 })],
    ],
    ['Nous in a fence', '```\n<tool_call>{"name":"f","arguments":{}}</tool_call>\n```', [f({})]],
    [
      'Nous after thinking',
      '<think><tool_call>{"name":"x","arguments":{}}</tool_call></think><tool_call>{"name":"f","arguments":{}}</tool_call>',
      [f({})],
    ],
    ['Llama', '<function=f>{"a": 1}</function>', [f({ a: 1 })]],
    ['Llama with doubled braces', '<function=f>{{"a": 1}}</function>', [f({ a: 1 })]],
    [
      'Llama with doubled braces all through',
      '<function=f>{{"a": {{"b": 1}}}}</function>',
      [f({ a: { b: 1 } })],
    ],
    [
      'Llama with a nested object',
      '<function=f>{"a": {"b": {"c": 1}}}</function>',
      [f({ a: { b: { c: 1 } } })],
    ],
    [
      'Llama, several',
      '<function=f>{}</function><function=g>{"b":2}</function>',
      [f({}), f({ b: 2 }, 'g')],
    ],
    ['Llama without arguments', '<function=f></function>', [f({})]],
    ['Llama without its end', '<function=f>{"a": 1}', [f({ a: 1 })]],
    [
      'Llama with a name of many parts',
      '<function=web.search-2>{}</function>',
      [f({}, 'web.search-2')],
    ],
    ['OpenAI', '{"name": "f", "arguments": {"a": 1}}', [f({ a: 1 })]],
    [
      'OpenAI in prose',
      'I call {"name": "f", "arguments": {"a": {"b": 1}}} now.',
      [f({ a: { b: 1 } })],
    ],
    ['OpenAI in a fence', '```json\n{"name": "f", "arguments": {}}\n```', [f({})]],
    [
      'OpenAI as a list',
      '[{"name":"f","arguments":{}},{"name":"g","arguments":{"b":2}}]',
      [f({}), f({ b: 2 }, 'g')],
    ],
    [
      'OpenAI one after the other',
      '{"name":"f","arguments":{}}\n\n{"name":"g","arguments":{}}',
      [f({}), f({}, 'g')],
    ],
    [
      'OpenAI under function',
      '{"type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"}}',
      [f({ a: 1 })],
    ],
    [
      'OpenAI under tool_calls',
      '{"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]}',
      [f({})],
    ],
    ['OpenAI as lines', 'Function: f\nArguments: {"a": 1}', [f({ a: 1 })]],
    [
      'OpenAI as lines, several',
      'Function: f\nArguments: {"a": 1}\nFunction: g\nArguments: {}',
      [f({ a: 1 }), f({}, 'g')],
    ],
    ['no call', 'It is 3 degrees.', []],
    ['an object that is no call', '{"name": "Ada", "age": 36}', []],
    ['a list that is no call', '["a", "b"]', []],
    ['arguments that are no object', '{"name": "f", "arguments": [1]}', []],
    ['a name that is empty', '{"name": "", "arguments": {}}', []],
    ['nothing', '', []],
    ['thinking without end', '<think><function=f>{}</function>', []],
  ] as const)('[D12] are read: %s', (...[, text, calls]) => {
    expect(parseToolCalls(text)).toEqual({ ok: true, calls })
  })

  it.each([
    ['<tool_call>weather, please</tool_call>', 'a <tool_call> holds no'],
    ['<tool_call>{"arguments": {}}</tool_call>', 'a <tool_call> holds no'],
    ['<tool_call></tool_call>', 'a <tool_call> holds no'],
    [
      '<tool_call>{"name":"f","arguments":{}}</tool_call><tool_call>?</tool_call>',
      'a <tool_call> holds no',
    ],
    ['<function=f>Oslo</function>', 'the arguments of <function=f> are no JSON object'],
    ['<function=f>[1]</function>', 'the arguments of <function=f> are no JSON object'],
    ['Function: f\nArguments: none', "the arguments of 'f' are no JSON object"],
  ])('[D12] are refused with the reason where they are broken: %s', (text, reason) => {
    const found = parseToolCalls(text)
    expect(found.ok ? found.calls : found.reason).toContain(reason)
  })

  it('[D12] are what was written, in each of the three formats', () => {
    const name = fc.stringMatching(/^[a-z_]{1,12}$/)
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[<>{}]/.test(value))
    const args = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,8}$/),
      fc.oneof(text, fc.integer(), fc.boolean()),
    )
    const call = fc.record({ name, arguments: args })
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 4 }), (calls) => {
        const nous = calls
          .map((one) => `<tool_call>\n${JSON.stringify(one)}\n</tool_call>`)
          .join('\n')
        const llama = calls
          .map((one) => `<function=${one.name}>${JSON.stringify(one.arguments)}</function>`)
          .join(' ')
        for (const written of [nous, llama, JSON.stringify(calls)]) {
          const found = parseToolCalls(written)
          expect(JSON.stringify(found)).toBe(JSON.stringify({ ok: true, calls }))
        }
      }),
    )
  })

  it('[D12] never crash their reader', () => {
    const piece = fc.constantFrom(
      ...'<tool_call> </tool_call> <function=f> </function> {"name":"f","arguments":{}} { } [ ] " Function: Arguments: f , <think> {{ }}'.split(
        ' ',
      ),
      '\n',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(parseToolCalls(pieces.join(''))).toHaveProperty('ok')
      }),
      { numRuns: 2000 },
    )
  })
})
