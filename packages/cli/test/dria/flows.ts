import { config, edge, end, reads, returns, task, value, when, writes, type Case } from './parts.ts'

/** Loops, fallbacks, conditions. */

const RESULTS = [{ title: 'CUDA C++ Guide', link: 'https://docs.nvidia.com', snippet: 'Kernels.' }]

const SEARCH = '{"query": "{{q}}", "search_type": "search", "lang": "en", "n_results": 3}'

export const FLOWS: readonly Case[] = [
  {
    title: 'searches, judges, and asks again with the history of its queries',
    document: {
      config: { max_steps: 10, max_time: 90, tools: ['ALL'], max_tokens: 750 },
      external_memory: { topic: 'CUDA' },
      tasks: [
        task('query', 'Write a search query about {{topic}}. Avoid: {{history}}', {
          inputs: [reads('topic'), reads('history', 'get_all', false)],
          outputs: [writes('q'), writes('history', 'push')],
        }),
        task('search', SEARCH, {
          inputs: [reads('q')],
          operator: 'search',
          outputs: [writes('results')],
        }),
        task('judge', 'Do these results help? {{results}}', {
          inputs: [reads('results')],
          outputs: [writes('ok')],
        }),
        end(),
      ],
      steps: [
        edge('query', 'search'),
        edge('search', 'judge', { fallback: 'query' }),
        edge('judge', '_end', when(value('read', 'ok'), 'Contains', ['Yes', 'query'])),
      ],
      return_value: returns([value('read', 'q'), value('read', 'results')], { to_json: true }),
    },
    answers: {
      query: ['CUDA kernels', 'CUDA memory'],
      search: [[], RESULTS],
      judge: ['No.', 'Yes, they do.'],
    },
    steps: ['query', 'search', 'judge', 'query', 'search', 'judge'],
    output: ['CUDA memory', RESULTS],
    prompts: [
      'Write a search query about CUDA. Avoid: ',
      'CUDA kernels',
      'Do these results help? []',
      'Write a search query about CUDA. Avoid: CUDA kernels \n',
      'CUDA memory',
      `Do these results help? ${JSON.stringify(RESULTS)}`,
    ],
  },
  {
    title: 'takes its fallback when the search fails, and goes on from there',
    document: {
      config,
      external_memory: { topic: 'geese' },
      tasks: [
        task('query', 'A query about {{topic}}', {
          inputs: [reads('topic')],
          outputs: [writes('q')],
        }),
        task('search', SEARCH, {
          inputs: [reads('q')],
          operator: 'search',
          outputs: [writes('r')],
        }),
        end(),
      ],
      steps: [edge('query', 'search'), edge('search', '_end', { fallback: 'query' })],
      return_value: returns(value('read', 'q')),
    },
    answers: { query: ['wild geese', 'grey geese'], search: [{ error: 'quota' }, []] },
    steps: ['query', 'search', 'query', 'search'],
    output: 'grey geese',
  },
  {
    title: 'pushes until there are three, and returns them as a list',
    document: {
      config,
      external_memory: { topic: 'geese' },
      tasks: [
        task('idea', 'An idea about {{topic}} unlike {{ideas}}', {
          inputs: [reads('topic'), reads('ideas', 'get_all', false)],
          outputs: [writes('ideas', 'push')],
        }),
        end(),
      ],
      steps: [
        edge('idea', '_end', when(value('size', 'ideas'), 'GreaterThanOrEqual', ['3', 'idea'])),
      ],
      return_value: returns(value('get_all', 'ideas'), { to_json: true }),
    },
    answers: { idea: ['nests', 'wings', 'maps'] },
    steps: ['idea', 'idea', 'idea'],
    output: ['nests', 'wings', 'maps'],
    prompts: [
      'An idea about geese unlike ',
      'An idea about geese unlike nests \n',
      'An idea about geese unlike nests \nwings \n',
    ],
  },
  {
    title: 'pops seeds, the last one first, until none is left',
    document: {
      config,
      external_memory: { seeds: ['red', 'green', 'blue'] },
      tasks: [
        task('paint', 'Paint it {{seed}}', {
          inputs: [{ name: 'seed', value: value('pop', 'seeds'), required: true }],
          outputs: [writes('pictures', 'push')],
        }),
        end(),
      ],
      steps: [edge('paint', '_end', when(value('size', 'seeds'), 'Equal', ['0', 'paint']))],
      return_value: returns(value('get_all', 'pictures')),
    },
    answers: { paint: ['one', 'two', 'three'] },
    steps: ['paint', 'paint', 'paint'],
    output: 'one \ntwo \nthree \n',
    prompts: ['Paint it blue', 'Paint it green', 'Paint it red'],
  },
  {
    title: 'peeks at the first of a list, counted from 0',
    document: {
      config,
      external_memory: { seeds: ['red', 'green'] },
      tasks: [
        task('A', 'Seed: {{seed}}', {
          inputs: [{ name: 'seed', value: value('peek', 'seeds', { index: 1 }), required: true }],
          outputs: [writes('out')],
        }),
        end('__end'),
      ],
      steps: [edge('A', '__end')],
      return_value: returns(value('read', 'out')),
    },
    answers: { A: ['leaf'] },
    steps: ['A'],
    output: 'leaf',
    prompts: ['Seed: green'],
  },
  {
    title: 'compares a score with a number, and improves until it is high enough',
    document: {
      config,
      external_memory: { instruction: 'Sort a list' },
      tasks: [
        task('evolve', 'Make it harder: {{instruction}}', {
          inputs: [reads('instruction')],
          outputs: [writes('instruction')],
        }),
        task('score', 'Score from 1 to 10: {{instruction}}', { inputs: [reads('instruction')] }),
        end(),
      ],
      steps: [
        edge('evolve', 'score'),
        edge('score', '_end', when(value('read', 'score'), 'GreaterThan', ['7', 'evolve'])),
      ],
      return_value: returns(value('read', 'instruction')),
    },
    answers: { evolve: ['Sort two lists', 'Sort a stream'], score: ['4', ' 8\n'] },
    steps: ['evolve', 'score', 'evolve', 'score'],
    output: 'Sort a stream',
    prompts: [
      'Make it harder: Sort a list',
      'Score from 1 to 10: Sort two lists',
      'Make it harder: Sort two lists',
      'Score from 1 to 10: Sort a stream',
    ],
  },
  {
    title: 'takes the fallback of a step whose score is no number',
    document: {
      config,
      tasks: [
        task('score', 'Score it'),
        task('excuse', 'Say sorry', { outputs: [writes('score')] }),
        end(),
      ],
      steps: [
        edge('score', '_end', {
          ...when(value('read', 'score'), 'LessThan', ['5', 'score']),
          fallback: 'excuse',
        }),
        edge('excuse', '_end'),
      ],
      return_value: returns(value('read', 'score')),
    },
    answers: { score: ['I would say seven'], excuse: ['Sorry'] },
    steps: ['score', 'excuse'],
    output: 'Sorry',
  },
  {
    title: 'branches on NotContains and NotEqual',
    document: {
      config,
      external_memory: { text: 'honk' },
      tasks: [
        task('language', 'Language of {{text}}?', { inputs: [reads('text')] }),
        task('translate', 'Translate {{text}}', {
          inputs: [reads('text')],
          outputs: [writes('text')],
        }),
        task('mood', 'Mood of {{text}}?', { inputs: [reads('text')] }),
        task('cheer', 'Cheer up: {{text}}', { inputs: [reads('text')], outputs: [writes('mood')] }),
        end(),
      ],
      steps: [
        edge(
          'language',
          'translate',
          when(value('read', 'language'), 'NotContains', ['English', 'mood']),
        ),
        edge('translate', 'mood'),
        edge('mood', '_end', when(value('read', 'mood'), 'NotEqual', ['sad', 'cheer'])),
        edge('cheer', '_end'),
      ],
      return_value: returns(value('read', 'mood')),
    },
    answers: { language: ['Goose'], translate: ['Hello'], mood: ['sad'], cheer: ['glad'] },
    steps: ['language', 'translate', 'mood', 'cheer'],
    output: 'glad',
  },
  {
    title: 'asks again for what is like something that it stored',
    document: {
      config,
      external_memory: { topic: 'geese' },
      tasks: [
        task('store', 'A fact about {{topic}}', {
          inputs: [reads('topic')],
          outputs: [writes('facts', 'insert')],
        }),
        task('fact', 'Another fact about {{topic}}', { inputs: [reads('topic')] }),
        end(),
      ],
      steps: [
        edge('store', 'fact'),
        edge('fact', 'fact', when(value('read', 'fact'), 'HaveSimilar', ['', '_end'])),
      ],
      return_value: returns(value('read', 'fact')),
    },
    answers: {
      store: ['Geese fly south in winter'],
      fact: ['geese fly south in winter.', 'Goslings walk at once'],
    },
    steps: ['store', 'fact', 'fact'],
    output: 'Goslings walk at once',
  },
  {
    title: 'comes to its end on the very last step that it may take',
    document: {
      config: { ...config, max_steps: 2 },
      tasks: [task('A', 'First'), task('B', 'Second: {{A}}', { inputs: [reads('A')] }), end()],
      steps: [edge('A', 'B'), edge('B', '_end')],
      return_value: returns(value('read', 'B')),
    },
    answers: { A: ['1'], B: ['2'] },
    steps: ['A', 'B'],
    output: '2',
  },
  {
    title: 'starts at the source of its first edge, whatever the order of its tasks',
    document: {
      config,
      tasks: [end('__end'), task('B', 'Then {A}', { inputs: [reads('A')] }), task('A', 'First')],
      steps: [edge('A', 'B'), edge('B', '__end')],
      return_value: returns(value('read', 'B')),
    },
    answers: { A: ['one'], B: ['two'] },
    steps: ['A', 'B'],
    output: 'two',
    prompts: ['First', 'Then one'],
  },
]
