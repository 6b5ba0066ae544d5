import { describe, expect, it } from 'vitest'
import { drive, fails, prompts, says, workflow, type Driven, type Script } from '../drive.ts'

const weather = {
  name: 'weather',
  description: 'The weather in a city',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  http: { method: 'GET', url: 'https://weather.example/{{city}}' },
}

function calling(operator: string, more: object, tools: readonly unknown[]): object {
  return workflow({
    tools,
    steps: [{ id: 'a', operator, prompt: 'Weather?', ...more }],
    returns: 'a',
  })
}

function run(script: Script[string], more: object = {}): Driven {
  return drive(calling('function_calling', more, [weather]), {}, { script: { a: script } })
}

/** The same with tools of the node. */
function runWith(tools: readonly string[], script: Script[string]): Driven {
  return drive(calling('function_calling', {}, tools), {}, { script: { a: script } })
}

/** What the model is told after an answer. */
function told(text: string): string | undefined {
  const need = run([text, 'I give up.']).needs[1]
  return need?.kind === 'completion' ? need.messages.at(-1)?.content : undefined
}

function callOf(city: string): string {
  return `{"name": "weather", "arguments": {"city": "${city}"}}`
}

const call = `<tool_call>${callOf('Oslo')}</tool_call>`
const result = (value: unknown) => ({ kind: 'result', value }) as const

describe('a step that may call tools', () => {
  it('[D12] tells the model of the tools, runs what it calls, and gives its answer', () => {
    const driven = run([call, result({ degrees: 3 }), 'It is 3 degrees.'])
    const [first, tool, second] = driven.needs
    expect(first).toMatchObject({
      kind: 'completion',
      tools: [{ name: 'weather', description: 'The weather in a city' }],
    })
    expect(tool).toEqual({
      kind: 'tool',
      step: 'a',
      call: { name: 'weather', arguments: { city: 'Oslo' } },
      http: { method: 'GET', url: 'https://weather.example/Oslo' },
    })
    expect(second).toMatchObject({
      attempt: 2,
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: call },
        { role: 'tool', content: '{"degrees":3}' },
      ],
    })
    expect(driven.outcome.output).toBe('It is 3 degrees.')
  })

  it('[D12] takes the calls that a model server parsed', () => {
    const toolCalls = [{ name: 'weather', arguments: { city: 'Bergen' } }]
    const native = says('', { toolCalls, finishReason: 'tool-calls' })
    const driven = run([native, result('rain'), 'Rain.'])
    expect(driven.needs[1]).toMatchObject({ http: { url: 'https://weather.example/Bergen' } })
    expect(driven.outcome.output).toBe('Rain.')
  })

  it('[D12] tells the model what is wrong with a call, so that it can mend it', () => {
    expect(told('{"name": "wether", "arguments": {}}')).toContain(
      "there is no tool 'wether'; there are 'weather'",
    )
    expect(told('{"name": "weather", "arguments": {"town": "Oslo"}}')).toContain(
      "the key 'city' is missing",
    )
  })

  it('[D12] tells the model of a tool that failed', () => {
    const driven = run([call, fails('not allowed by this node'), 'I cannot know.'])
    expect(driven.needs[2]).toMatchObject({
      messages: [{}, {}, { role: 'tool', content: '{"error":"not allowed by this node"}' }],
    })
    expect(driven.outcome.output).toBe('I cannot know.')
  })

  it('[D12] gives what the tool gave when the model only repeats its call', () => {
    const driven = run([call, result('sun'), call])
    expect(driven.outcome.output).toBe('sun')
    expect(driven.needs).toHaveLength(3)
  })

  it.each([
    ['the tool failed', call, fails('500 down'), '500 down'],
    ['there is no such tool', callOf('Oslo').replace('weather', 'sum'), undefined, "no tool 'sum'"],
  ])('[D6] [D12] fails where %s and the model only repeats its call', (...row) => {
    const [, made, failure, message] = row
    const answers = failure === undefined ? [made, made] : [made, failure, made]
    expect(() => run(answers)).toThrow(expect.objectContaining({ code: 'STEP_FAILED' }))
    expect(() => run(answers)).toThrow(message)
  })

  it('[D6] [D12] takes the fallback where a tool failed and the model only repeats its call', () => {
    const document = workflow({
      tools: [weather],
      steps: [
        { id: 'a', operator: 'function_calling', prompt: 'Weather?' },
        { id: 'b', operator: 'generation', prompt: 'Guess.' },
      ],
      edges: [
        { from: 'a', to: '_end', fallback: 'b' },
        { from: 'b', to: '_end' },
      ],
      returns: { value: { type: 'read', key: 'b', required: false } },
    })
    const script = { a: [call, fails('500 down'), call], b: ['rain'] }
    const { outcome } = drive(document, {}, { script })
    expect(outcome.steps).toEqual(['a', 'b'])
    expect(outcome.output).toBe('rain')
  })

  it('[D12] gives what a tool calls an error and gave all the same', () => {
    const given = { error: 'none' }
    expect(run([call, result(given), call]).outcome.output).toEqual(given)
  })

  it('[D12] says at the end of its rounds which call failed', () => {
    const cities = ['a', 'b', 'c'].flatMap((city) => [callOf(city), fails(`${city} is down`)])
    expect(() => run(cities, { rounds: 2 })).toThrow(
      'it still calls tools after 2 rounds; the last call failed: b is down',
    )
  })

  it('[D12] ends when the model calls without end', () => {
    const cities = ['a', 'b', 'c'].flatMap((city) => [callOf(city), result(1)])
    expect(() => run(cities, { rounds: 2 })).toThrow(
      "step 'a': it still calls tools after 2 rounds",
    )
  })

  it('[D12] runs several calls of one answer in order', () => {
    const driven = run([`${call}${call.replace('Oslo', 'Bergen')}`, result(1), result(2), 'ok'])
    expect(driven.needs.map((need) => (need.kind === 'tool' ? need.http?.url : need.kind))).toEqual(
      [
        'completion',
        'https://weather.example/Oslo',
        'https://weather.example/Bergen',
        'completion',
      ],
    )
  })

  it('[D12] asks again for an answer that does not match its schema', () => {
    const driven = run([call, result(3), 'three', '3'], { schema: { type: 'number' } })
    expect(driven.outcome.output).toBe(3)
    expect(driven.needs[0]).not.toHaveProperty('schema')
  })

  it('[D12] asks again where a call cannot be read', () => {
    const driven = run(['<tool_call>weather in Oslo</tool_call>', 'Cold.'])
    expect(prompts(driven)[1]).toContain('a <tool_call> holds no {"name": …')
    expect(driven.outcome.output).toBe('Cold.')
  })

  it('[D13] calls tools of the node only by the names that the document allows', () => {
    const search = '{"name": "search", "arguments": {"q": 1}}'
    const allowed = runWith(['search'], [search, result(1), 'ok'])
    expect(allowed.needs[0]).toMatchObject({ nodeTools: ['search'] })
    expect(allowed.needs[1]).toEqual({
      kind: 'tool',
      step: 'a',
      call: { name: 'search', arguments: { q: 1 } },
    })
    expect(runWith(['ALL'], [search, result(1), 'ok']).needs[1]?.kind).toBe('tool')
    expect(runWith(['other'], [search, 'ok']).needs[1]?.kind).toBe('completion')
  })

  it('[D16] has the calls in the trace', () => {
    const document = calling('function_calling', {}, [weather])
    const { outcome } = drive(document, {}, { script: { a: [call, result(3), 'ok'] }, trace: true })
    expect(outcome.trace.map(({ prompt, answer }) => [prompt, answer])).toEqual([
      ['Weather?', call],
      ['{"name":"weather","arguments":{"city":"Oslo"}}', '3'],
      ['3', 'ok'],
    ])
  })
})

/** The request that a call with these arguments makes. */
function requestOf(http: object, given: object, parameters?: object): unknown {
  const tool = {
    name: 't',
    description: 'd',
    http,
    ...(parameters === undefined ? {} : { parameters }),
  }
  const text = JSON.stringify({ name: 't', arguments: given })
  const { needs } = drive(
    calling('function_calling', {}, [tool]),
    {},
    {
      script: { a: [text, result(1), 'ok'] },
    },
  )
  return needs[1]?.kind === 'tool' ? needs[1].http : needs[1]
}

const any = { type: 'object' }

describe('the request of a tool', () => {
  it('[D12] has the arguments in its address, so that they cannot change it', () => {
    const http = { method: 'GET', url: 'https://x.example/{{path}}?q={{q}}' }
    expect(requestOf(http, { path: '../a b', q: 'x&y=1#z' })).toEqual({
      method: 'GET',
      url: 'https://x.example/..%2Fa%20b?q=x%26y%3D1%23z',
    })
  })

  it('[D12] has other arguments in the query where it has no body', () => {
    const http = { method: 'GET', url: 'https://x.example/{{a}}' }
    expect(requestOf(http, { a: 1, 'b c': ['d'] }, any)).toMatchObject({
      url: 'https://x.example/1?b%20c=%5B%22d%22%5D',
    })
    const more = { method: 'DELETE', url: 'https://x.example/?k=1' }
    expect(requestOf(more, { a: 1 }, any)).toMatchObject({ url: 'https://x.example/?k=1&a=1' })
  })

  it('[D12] has the arguments as its body where it says nothing', () => {
    const http = { method: 'POST', url: 'https://x.example' }
    expect(requestOf(http, { a: [1], b: 'x' }, any)).toEqual({ ...http, body: { a: [1], b: 'x' } })
  })

  it('[D12] has the arguments where its body names them, whole ones with their type', () => {
    const http = {
      method: 'PUT',
      url: 'https://x.example',
      headers: { 'X-Name': 'n={{name}}' },
      body: { list: '{{items}}', text: 'for {{name}}', deep: [{ name: '{{ name }}' }], fixed: 7 },
    }
    expect(requestOf(http, { items: [1, 2], name: 'a\r\nb' }, any)).toEqual({
      method: 'PUT',
      url: 'https://x.example',
      headers: { 'X-Name': 'n=a b' },
      body: { list: [1, 2], text: 'for a\r\nb', deep: [{ name: 'a\r\nb' }], fixed: 7 },
    })
  })

  it('[D12] asks for the arguments that its texts name, where no parameters are given', () => {
    const http = { method: 'POST', url: 'https://x.example/{{a}}', body: { b: '{{b}}' } }
    const tool = { name: 't', description: 'd', http }
    const { needs } = drive(calling('function_calling', {}, [tool]), {}, { script: { a: ['ok'] } })
    expect(needs[0]).toMatchObject({
      tools: [
        {
          parameters: {
            type: 'object',
            properties: { a: { type: 'string' }, b: { type: 'string' } },
            required: ['a', 'b'],
          },
        },
      ],
    })
  })
})

describe('a step that returns calls', () => {
  const sum = { name: 'sum', description: 'Adds', parameters: { type: 'object' } }
  const document = calling('function_calling_raw', {}, [sum])

  it('[D12] gives what the model would call, and runs nothing', () => {
    const script = { a: ['{"name": "sum", "arguments": {"a": 1}}'] }
    const { outcome, needs } = drive(document, {}, { script })
    expect(outcome.output).toEqual([{ name: 'sum', arguments: { a: 1 } }])
    expect(needs).toHaveLength(1)
  })

  it('[D12] asks again where the model calls nothing', () => {
    const script = { a: ['It is 2.', '<function=sum>{"a": 1}</function>'] }
    const driven = drive(document, {}, { script })
    expect(prompts(driven)[1]).toContain('it calls no tool. Answer again, with nothing but calls')
    expect(driven.outcome.output).toEqual([{ name: 'sum', arguments: { a: 1 } }])
  })
})
