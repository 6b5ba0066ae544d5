import { describe, expect, it } from 'vitest'
import { drive, prompts, step, workflow } from '../drive.ts'

describe('a search step', () => {
  const document = workflow({
    input: { topic: { type: 'string' } },
    steps: [
      {
        id: 'find',
        operator: 'search',
        query: 'all on "{{topic}}"',
        type: 'news',
        language: 'de',
        count: 3,
        timeoutMs: 400,
      },
      step('sum', '{{find}}'),
    ],
    returns: 'sum',
  })

  it('[D1] asks for a search with its query filled in', () => {
    const { needs } = drive(
      document,
      { topic: 'geese "x"' },
      {
        script: { find: [{ kind: 'result', value: [{ title: 'a' }] }], sum: ['s'] },
      },
    )
    expect(needs[0]).toEqual({
      kind: 'search',
      step: 'find',
      query: 'all on "geese "x""',
      type: 'news',
      language: 'de',
      count: 3,
      timeoutMs: 400,
    })
  })

  it('[D1] gives what was found', () => {
    const driven = drive(
      document,
      { topic: 'x' },
      {
        script: { find: [{ kind: 'result', value: [{ title: 'a' }] }], sum: ['s'] },
        trace: true,
      },
    )
    expect(prompts(driven)).toEqual(['[{"title":"a"}]'])
    expect(driven.outcome.trace[0]).toMatchObject({
      step: 'find',
      prompt: 'all on "x"',
      answer: '[{"title":"a"}]',
      usage: { input: 0, output: 0 },
    })
  })

  it('[D1] asks for five results in English where nothing is said', () => {
    const plain = workflow({
      steps: [{ id: 'find', operator: 'search', query: 'x' }],
      returns: 'find',
    })
    const { needs, outcome } = drive(
      plain,
      {},
      { script: { find: [{ kind: 'result', value: undefined }] } },
    )
    expect(needs[0]).toMatchObject({ type: 'search', language: 'en', count: 5 })
    expect(needs[0]).not.toHaveProperty('timeoutMs')
    expect(outcome.output).toBeNull()
  })
})

function sampling(more: object): object {
  return workflow({
    input: {
      names: { type: 'array' },
      moods: { type: 'array' },
      which: { type: 'string' },
    },
    steps: [{ id: 'pick', operator: 'sample', ...more }],
    returns: 'pick',
  })
}

const input = {
  names: Array.from({ length: 50 }, (_, index) => `n${index}`),
  moods: ['happy'],
  which: 'moods',
}

function pick(more: object, seed?: number): unknown {
  return drive(sampling(more), input, { script: {}, seed }).outcome.output
}

describe('a sample step', () => {
  it('[D1] draws an item, the same for the same seed', () => {
    const drawn = [1, 2, 3, 4].map((seed) => pick({ from: { name: 'names' } }, seed))
    expect(drawn).toEqual([1, 2, 3, 4].map((seed) => pick({ from: { name: 'names' } }, seed)))
    expect(new Set(drawn).size).toBeGreaterThan(1)
    expect(drawn.every((name) => input.names.includes(String(name)))).toBe(true)
  })

  it('[D1] draws by the input where there is no seed', () => {
    expect(pick({ from: { name: 'names' } })).toBe(pick({ from: { name: 'names' } }))
  })

  it('[D1] draws every item about as often', () => {
    const counts = new Map<unknown, number>()
    for (let seed = 0; seed < 5000; seed += 1) {
      const name = pick({ from: { name: 'names' } }, seed)
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    expect(counts.size).toBe(50)
    expect(Math.min(...counts.values())).toBeGreaterThan(50)
    expect(Math.max(...counts.values())).toBeLessThan(200)
  })

  it('[D1] draws from several lists', () => {
    const drawn = pick({ from: { name: 'names', mood: 'moods' } }, 1)
    expect(drawn).toMatchObject({ mood: 'happy' })
    expect(JSON.stringify(drawn)).toMatch(/^\{"name":"n\d+","mood":"happy"\}$/)
  })

  it('[D1] fills a prompt with what it drew and with memory', () => {
    expect(pick({ from: { mood: 'moods' }, prompt: 'A {{mood}} {{which}}' })).toBe('A happy moods')
  })

  it('[D1] [D14] draws from the list whose key is a value', () => {
    const from = { value: { type: 'named', input: 'which' } }
    expect(pick({ from, prompt: '{{which}}: {{value}}' })).toBe('moods: happy')
  })

  it('[D1] is an error where there is nothing to draw from', () => {
    expect(() => pick({ from: { name: 'which' } })).toThrow(
      "step 'pick': there is nothing to draw 'name' from",
    )
    expect(() =>
      drive(sampling({ from: { name: 'names' } }), { ...input, names: [] }, { script: {} }),
    ).toThrow("nothing to draw 'name' from")
  })

  it('[D1] draws anew each time it is visited', () => {
    const document = workflow({
      input: { names: { type: 'array' } },
      steps: [
        {
          id: 'pick',
          operator: 'sample',
          from: { name: 'names' },
          outputs: [{ type: 'push', key: 'all' }],
        },
      ],
      edges: [
        {
          from: 'pick',
          to: '_end',
          if: { input: { type: 'size', key: 'all' }, expression: 'Equal', expected: 20 },
          else: 'pick',
        },
      ],
      returns: 'all',
    })
    const { outcome } = drive(document, { names: input.names }, { script: {}, seed: 1 })
    expect(new Set(Array.isArray(outcome.output) ? outcome.output : []).size).toBeGreaterThan(10)
  })
})
