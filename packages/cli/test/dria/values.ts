import { config, edge, end, reads, returns, task, value, writes, type Case } from './parts.ts'

/** Prompts, schemas, return values, both spellings. */

const PERSON = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
}

const DECK = { inputs: [], operator: 'generation' }

function one(content: string, more: Readonly<Record<string, unknown>> = {}): Case['document'] {
  return {
    config,
    tasks: [task('A', content, more), end()],
    steps: [edge('A', '_end')],
    return_value: returns(value('read', 'A')),
  }
}

export const VALUES: readonly Case[] = [
  {
    title: 'from the time of prompts and of __end, with an edge to a task that is not there',
    document: {
      name: 'Simple',
      description: 'This is a simple workflow',
      config: { max_steps: 5, max_time: 100, tools: [] },
      tasks: [
        {
          id: 'A',
          name: 'Random Poem',
          description: 'Writes a poem about Kapadokya.',
          prompt: 'Please write a poem about Kapadokya.',
          ...DECK,
          outputs: [{ type: 'write', key: 'final_result', value: '__result' }],
        },
        {
          id: '__end',
          name: 'end',
          description: 'End of the task',
          prompt: 'End of the task',
          inputs: [],
          operator: 'end',
          outputs: [],
        },
      ],
      steps: [{ source: 'A', target: 'end' }],
      return_value: { input: { type: 'read', key: 'final_result' } },
    },
    answers: { A: ['Balloons at dawn'] },
    steps: ['A'],
    output: 'Balloons at dawn',
    prompts: ['Please write a poem about Kapadokya.'],
  },
  {
    title: 'with null for everything that is not said',
    document: {
      config: { max_steps: 5, max_time: 100, tools: [], custom_tools: null, max_tokens: null },
      external_memory: null,
      tasks: [{ ...task('A', 'Hello'), schema: null }, end()],
      steps: [{ source: 'A', target: '_end', condition: null, fallback: null }],
      return_value: { input: value('read', 'A'), to_json: null, post_process: null },
    },
    answers: { A: ['Hi'] },
    steps: ['A'],
    output: 'Hi',
  },
  {
    title: 'knows names in one pair of braces and in two, and leaves other braces alone',
    document: {
      config,
      external_memory: { topic: 'geese', style: 'plain' },
      tasks: [
        task(
          'A',
          'On {topic}, {{ style }}: answer {"list": [{topic}], "x": {}} {unknown} {{{topic}}}',
          {
            inputs: [reads('topic'), reads('style')],
          },
        ),
        end(),
      ],
      steps: [edge('A', '_end')],
      return_value: returns(value('read', 'A')),
    },
    answers: { A: ['ok'] },
    steps: ['A'],
    output: 'ok',
    prompts: ['On geese, plain: answer {"list": [geese], "x": {}} {unknown} geese'],
  },
  {
    title: 'whose values hold braces: they come to the model as they are',
    document: {
      config,
      external_memory: { text: 'Say {secret} and {{secret}}', secret: 'swordfish' },
      tasks: [
        task('A', '{{text}} / {{secret}}', { inputs: [reads('text'), reads('secret')] }),
        end(),
      ],
      steps: [edge('A', '_end')],
      return_value: returns(value('read', 'A')),
    },
    answers: { A: ['done'] },
    steps: ['A'],
    output: 'done',
    prompts: ['Say {secret} and {{secret}} / swordfish'],
  },
  {
    title: 'with a history of messages',
    document: one('', {
      messages: [
        { role: 'system', content: 'You are terse.' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Yes?' },
        { role: 'user', content: 'Name a bird.' },
      ],
    }),
    answers: { A: ['Goose'] },
    steps: ['A'],
    output: 'Goose',
    prompts: ['Name a bird.'],
  },
  {
    title: 'with a schema as text, as for OpenAI, and an answer in a fence',
    document: one('Invent a person', {
      schema: JSON.stringify({
        type: 'json_schema',
        json_schema: { name: 'Person', schema: PERSON, strict: true },
      }),
    }),
    answers: { A: ['Sure!\n```json\n{"name": "Ada", "age": 36}\n```'] },
    steps: ['A'],
    output: { name: 'Ada', age: 36 },
  },
  {
    title: 'with a schema as for Gemini, and a first answer that does not fit',
    document: one('Invent a person', {
      schema: JSON.stringify({
        type: 'OBJECT',
        properties: { name: { type: 'STRING' }, age: { type: 'INTEGER' } },
        required: ['name', 'age'],
        propertyOrdering: ['name', 'age'],
      }),
    }),
    answers: { A: ['{"name": "Ada"}', { name: 'Ada', age: 36 }] },
    steps: ['A'],
    output: { name: 'Ada', age: 36 },
  },
  {
    title: 'with a regular expression in base64, as for Ollama',
    document: one('Yes or no?', { schema: Buffer.from('(yes|no)').toString('base64') }),
    answers: { A: ['maybe', 'yes'] },
    steps: ['A'],
    output: 'yes',
  },
  {
    title: 'is given its only input whole',
    document: {
      config,
      tasks: [
        task('A', 'Rewrite: {{text}}', {
          inputs: [{ name: 'text', value: value('input'), required: true }],
        }),
        end(),
      ],
      steps: [edge('A', '_end')],
      return_value: returns(value('read', 'A')),
    },
    input: { input: 'honk honk' },
    answers: { A: ['quack'] },
    steps: ['A'],
    output: 'quack',
    prompts: ['Rewrite: honk honk'],
  },
  {
    title: 'with a text of its own as input, and one as output',
    document: {
      config,
      tasks: [
        task('A', 'In {{language}}', {
          inputs: [{ name: 'language', value: value('string', 'French'), required: true }],
          outputs: [writes('A'), writes('state', 'write', 'done')],
        }),
        end(),
      ],
      steps: [edge('A', '_end')],
      return_value: returns([value('read', 'A'), value('read', 'state')]),
    },
    answers: { A: ['Bonjour'] },
    steps: ['A'],
    output: ['Bonjour', 'done'],
    prompts: ['In French'],
  },
  {
    title: 'draws from a list',
    document: {
      config,
      external_memory: { birds: ['goose'], key: 'birds' },
      tasks: [
        task('draw', 'Bird', {
          operator: 'sample',
          inputs: [{ name: 'birds', value: value('string', 'birds'), required: true }],
          outputs: [writes('drawn')],
        }),
        task('tell', 'About {{drawn}}', { inputs: [reads('drawn')] }),
        end(),
      ],
      steps: [edge('draw', 'tell'), edge('tell', '_end')],
      return_value: returns(value('read', 'tell')),
    },
    answers: { tell: ['It honks'] },
    steps: ['draw', 'tell'],
    output: 'It honks',
    prompts: ['', 'About Bird: goose'],
  },
  {
    title: 'works on its text before it returns it, in the order given',
    document: {
      ...one('Say it'),
      return_value: returns(value('read', 'A'), {
        post_process: [
          { process_type: 'trim' },
          { process_type: 'replace', lhs: 'goose', rhs: 'swan' },
          { process_type: 'to_upper' },
          { process_type: 'append', rhs: '!' },
          { process_type: 'prepend', lhs: '> ' },
        ],
      }),
    },
    answers: { A: ['  a goose, a goose \n'] },
    steps: ['A'],
    output: '> A SWAN, A SWAN!',
  },
  {
    title: 'returns several keys, with JSON in them encoded once',
    document: {
      config,
      tasks: [
        task('list', 'A list', { outputs: [writes('list'), writes('all', 'push')] }),
        task('word', 'A word'),
        end(),
      ],
      steps: [edge('list', 'word'), edge('word', '_end')],
      return_value: returns([value('read', 'list'), value('read', 'word'), value('size', 'all')], {
        to_json: true,
      }),
    },
    answers: { list: [['a', 'b']], word: ['"quoted"'] },
    steps: ['list', 'word'],
    output: [['a', 'b'], '"quoted"', 1],
  },
]
