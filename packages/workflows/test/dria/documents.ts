/** Workflows as people write them for Dria's executor. */

const write = (key: string) => ({ type: 'write', key, value: '__result' })
const push = (key: string) => ({ type: 'push', key, value: '__result' })
const read = (key: string) => ({ type: 'read', key })
const end = {
  id: '__end',
  name: 'end',
  description: 'End of the task',
  messages: [{ role: 'user', content: 'End of the task' }],
  inputs: [],
  operator: 'end',
  outputs: [],
}
const config = { max_steps: 20, max_time: 100, tools: [] }

export const poem = {
  name: 'Simple',
  description: 'A poem',
  config: { max_steps: 5, max_time: 100, max_tokens: 250, tools: ['ALL'] },
  tasks: [
    {
      id: 'A',
      name: 'Poem',
      description: 'Writes a poem.',
      messages: [{ role: 'user', content: 'Please write a poem.' }],
      inputs: [],
      operator: 'generation',
      outputs: [write('poem')],
    },
    end,
  ],
  steps: [{ source: 'A', target: 'end' }],
  return_value: {
    input: read('poem'),
    post_process: [
      { process_type: 'replace', lhs: 'a', rhs: '#' },
      { process_type: 'trim' },
      { process_type: 'append', rhs: '!' },
      { process_type: 'prepend', lhs: '>' },
      { process_type: 'to_upper', lhs: '', rhs: '' },
    ],
  },
}

/** The builder's own output: a query, a search, a judge, and back again. */
export const research = {
  config: { max_steps: 10, max_time: 90, tools: ['ALL'], max_tokens: 750 },
  external_memory: { topic: 'CUDA', seeds: ['a', 'b'] },
  tasks: [
    {
      id: 'query',
      name: 'Task',
      description: 'Task Description',
      messages: [
        { role: 'user', content: 'Write a search query about {{topic}}. Avoid: {{history}}' },
      ],
      inputs: [
        { name: 'topic', value: read('topic'), required: true },
        { name: 'history', value: { type: 'get_all', key: 'history' }, required: false },
      ],
      operator: 'generation',
      outputs: [write('q'), push('history')],
    },
    {
      id: 'search',
      name: 'Task',
      description: 'Task Description',
      messages: [
        {
          role: 'user',
          content: '{"query": "{{q}}", "search_type": "news", "lang": "en", "n_results": 3}',
        },
      ],
      inputs: [{ name: 'q', value: read('q'), required: true }],
      operator: 'search',
      outputs: [write('results')],
    },
    {
      id: 'judge',
      name: 'Task',
      description: 'Task Description',
      messages: [
        { role: 'system', content: 'You judge.' },
        { role: 'user', content: 'Is {results} about {q}? {other} {"a": {"b": 1}}' },
      ],
      inputs: [
        { name: 'results', value: read('results'), required: true },
        { name: 'q', value: read('q'), required: true },
      ],
      operator: 'generation',
      outputs: [write('ok')],
    },
    {
      id: '_end',
      name: 'Task',
      description: 'Task Description',
      messages: [{ role: 'user', content: '' }],
      inputs: [],
      operator: 'end',
      outputs: [],
    },
  ],
  steps: [
    { source: 'query', target: 'search' },
    { source: 'search', target: 'judge', fallback: 'query' },
    {
      source: 'judge',
      target: '_end',
      condition: {
        input: read('ok'),
        expected: 'Yes',
        expression: 'Contains',
        target_if_not: 'query',
      },
    },
  ],
  return_value: { input: [read('q'), read('results')], to_json: true },
}

/** A loop that counts what it pushed. */
export const lines = {
  name: 'Lines',
  config,
  tasks: [
    {
      id: 'A',
      messages: [{ role: 'user', content: 'So far: {poem}. The next line, please.' }],
      inputs: [{ name: 'poem', value: { type: 'get_all', key: 'poem' }, required: false }],
      operator: 'generation',
      outputs: [push('poem')],
    },
    end,
  ],
  steps: [
    {
      source: 'A',
      target: 'end',
      condition: {
        input: { type: 'size', key: 'poem' },
        expression: 'GreaterThan',
        expected: '2',
        target_if_not: 'A',
      },
    },
  ],
  return_value: { input: { type: 'get_all', key: 'poem' }, to_json: true },
}

/** Draws a value for each variable, then writes a review with all of them. */
export const personas = {
  name: 'Personas',
  config,
  external_memory: { random_vars: ['age', 'gender'], age: ['32'], gender: ['Female'] },
  tasks: [
    {
      id: 'A',
      name: 'PickVar',
      description: '',
      messages: [{ role: 'user', content: '{random_var}' }],
      inputs: [{ name: 'random_var', value: { type: 'pop', key: 'random_vars' }, required: true }],
      operator: 'sample',
      outputs: [push('persona')],
    },
    {
      id: 'B',
      name: 'Review',
      description: '',
      messages: [{ role: 'user', content: '<persona>{persona}</persona>' }],
      inputs: [{ name: 'persona', value: { type: 'get_all', key: 'persona' }, required: true }],
      operator: 'generation',
      outputs: [write('review')],
    },
    end,
  ],
  steps: [
    {
      source: 'A',
      target: 'B',
      condition: {
        input: { type: 'size', key: 'random_vars' },
        expression: 'Equal',
        expected: '0',
        target_if_not: 'A',
      },
    },
    { source: 'B', target: '__end', fallback: 'A' },
  ],
  return_value: { input: read('review') },
}

/** Inserts facts; its search has a plain prompt; what it returns as text is a list. */
export const facts = {
  name: 'Facts',
  config,
  tasks: [
    {
      id: 'A',
      messages: [{ role: 'user', content: 'A fact, not: {history}' }],
      inputs: [{ name: 'history', value: { type: 'get_all', key: 'history' }, required: false }],
      operator: 'generation',
      outputs: [{ type: 'insert', key: '', value: '__result' }, push('history')],
    },
    {
      id: 'B',
      messages: [{ role: 'user', content: 'What is known?' }],
      inputs: [],
      operator: 'search',
      outputs: [write('final')],
    },
    end,
  ],
  steps: [
    {
      source: 'A',
      target: 'B',
      condition: {
        input: { type: 'size', key: 'history' },
        expression: 'GreaterThanOrEqual',
        expected: '2',
        target_if_not: 'A',
      },
    },
    { source: 'B', target: '__end' },
  ],
  return_value: { input: { type: 'get_all', key: 'history' } },
}

export const custom = {
  config: {
    ...config,
    tools: ['stock'],
    custom_tools: [
      {
        name: 'calculator',
        description: 'Sums integers',
        mode: 'custom',
        parameters: {
          type: 'object',
          properties: { lhs: { type: 'integer', description: 'Left' } },
          required: [],
        },
      },
      {
        name: 'prices',
        description: 'Prices',
        mode: 'http_request',
        url: 'https://api.example/v1',
        method: 'get',
        headers: { 'X-Key': '{k}' },
      },
      {
        name: 'order',
        description: 'Orders',
        mode: 'http_request',
        url: 'https://api.example/orders',
        method: 'POST',
        body: { item: 'x', count: '1' },
      },
    ],
  },
  tasks: [
    {
      id: 'sum',
      messages: [{ role: 'user', content: 'What is 1 + 2?' }],
      operator: 'function_calling_raw',
      outputs: [write('call')],
    },
    { id: 'buy', prompt: 'Buy one.', operator: 'function_calling', outputs: [write('bought')] },
    end,
  ],
  steps: [
    { source: 'sum', target: 'buy' },
    { source: 'buy', target: '_end' },
  ],
  return_value: { input: [read('call'), read('bought')] },
}

/** One user input, literals, a peek, and a key that nobody writes. */
export const inputs = {
  config,
  external_memory: { topic: ['first', 'second'], meta: { lang: 'en' } },
  tasks: [
    {
      id: 'A',
      messages: [{ role: 'user', content: '{q}|{t}|{s}|{n}|{m}|{none}' }],
      inputs: [
        { name: 'q', value: { type: 'input', key: '' }, required: true },
        { name: 't', value: { type: 'peek', key: 'topic', index: 1 }, required: true },
        { name: 's', value: { type: 'string', key: 'literal {q}' }, required: true },
        { name: 'n', value: { type: 'size', key: 'topic' }, required: true },
        { name: 'm', value: read('meta'), required: true },
        { name: 'none', value: read('nobody'), required: false },
      ],
      operator: 'generation',
      outputs: [write('x'), { type: 'write', key: 'state', value: 'asked' }],
    },
    {
      id: 'B',
      messages: [{ role: 'user', content: 'again' }],
      operator: 'generation',
      outputs: [write('y')],
    },
  ],
  steps: [{ source: 'A', target: 'B' }],
  return_value: { input: read('population') },
}
