import { config, edge, end, reads, returns, task, value, type Case } from './parts.ts'

/** Custom tools, HTTP tools, searches. */

const CALCULATOR = {
  name: 'calculator',
  description: 'Adds two numbers',
  mode: 'custom',
  parameters: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
  },
}

const PRICES = {
  name: 'PriceFeed',
  description: 'Fetches a price from Coinbase',
  mode: 'http_request',
  url: 'https://api.coinbase.com/v2/prices/BTC-USD/spot',
  method: 'GET',
  headers: { accept: 'application/json' },
}

const WEATHER = {
  name: 'weather',
  description: 'The weather of a city',
  mode: 'http_request',
  url: 'https://weather.example/now',
  method: 'POST',
  body: { city: 'string' },
}

function calling(operator: string, tools: readonly unknown[], content: string): Case['document'] {
  return {
    config: { max_steps: 10, max_time: 60, tools: [], custom_tools: tools },
    external_memory: { question: 'What is it?' },
    tasks: [task('call', content, { operator, inputs: [reads('question')] }), end()],
    steps: [edge('call', '_end')],
    return_value: returns(value('read', 'call')),
  }
}

const SUM = { name: 'calculator', arguments: { a: 1, b: 2 } }

export const TOOLS: readonly Case[] = [
  {
    title: 'gives back the call of a custom tool',
    document: calling('function_calling_raw', [CALCULATOR], 'Use tools. {{question}}'),
    answers: {
      call: ['<tool_call>\n{"name": "calculator", "arguments": {"a": 1, "b": 2}}\n</tool_call>'],
    },
    steps: ['call'],
    output: [SUM],
    prompts: ['Use tools. What is it?'],
  },
  {
    title: 'reads two calls as Llama writes them',
    document: calling('function_calling_raw', [CALCULATOR], '{{question}}'),
    answers: {
      call: [
        '<function=calculator>{"a": 1, "b": 2}</function> <function=calculator>{"a": 3, "b": 4}</function>',
      ],
    },
    steps: ['call'],
    output: [SUM, { name: 'calculator', arguments: { a: 3, b: 4 } }],
  },
  {
    title: 'asks again where no call comes',
    document: calling('function_calling_raw', [CALCULATOR], '{{question}}'),
    answers: { call: ['It is 3.', SUM] },
    steps: ['call'],
    output: [SUM],
  },
  {
    title: 'calls a request and answers with what it learnt',
    document: calling('function_calling', [PRICES], '{{question}}'),
    answers: {
      call: [{ name: 'PriceFeed', arguments: {} }, 'Bitcoin costs 97,000 dollars.'],
      PriceFeed: [{ data: { amount: '97000', currency: 'USD' } }],
    },
    steps: ['call'],
    output: 'Bitcoin costs 97,000 dollars.',
    prompts: [
      'What is it?',
      '{"name":"PriceFeed","arguments":{}}',
      '{"data":{"amount":"97000","currency":"USD"}}',
    ],
  },
  {
    title: 'gives the result of a request where the model has nothing to add',
    document: calling('function_calling', [WEATHER, CALCULATOR], '{{question}}'),
    answers: {
      call: ['<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>'],
      weather: [{ sky: 'clear' }],
    },
    steps: ['call'],
    output: { sky: 'clear' },
  },
  {
    title: 'lets the model answer when its request fails',
    document: calling('function_calling', [WEATHER], '{{question}}'),
    answers: {
      call: [{ name: 'weather', arguments: { city: 'Oslo' } }, 'I could not find out.'],
      weather: [{ error: 'the server is down' }],
    },
    steps: ['call'],
    output: 'I could not find out.',
    prompts: [
      'What is it?',
      '{"name":"weather","arguments":{"city":"Oslo"}}',
      '{"error":"the server is down"}',
    ],
  },
  {
    title: 'searches news for a query with quotes in it',
    document: {
      config,
      external_memory: { topic: 'the "grey" goose' },
      tasks: [
        task(
          'find',
          '{"query": "{{topic}}", "search_type": "news", "lang": "de", "n_results": 2}',
          {
            operator: 'search',
            inputs: [reads('topic')],
          },
        ),
        end(),
      ],
      steps: [edge('find', '_end')],
      return_value: returns(value('read', 'find')),
    },
    answers: { find: [[{ title: 'Seen again' }]] },
    steps: ['find'],
    output: [{ title: 'Seen again' }],
    prompts: ['the "grey" goose'],
  },
]
