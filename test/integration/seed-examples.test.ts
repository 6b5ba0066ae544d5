import { createMemoryStore, plans } from '@skein/client'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import * as products from '../../examples/seeds/product-analysis.ts'
import * as queues from '../../examples/seeds/queues.ts'
import * as text from '../../examples/seeds/text-processing.ts'
import * as variations from '../../examples/seeds/variations.ts'
import { withClient } from './local-client.ts'

describe('pipelines of workflows', () => {
  const haikus = [
    'write a Japanese-style haiku',
    'compose a three-line poem',
    'craft a traditional tanka',
    'create a nature-inspired haiku',
    'draft a short, 5-7-5 syllable poem',
  ]
  const asked =
    'Rewrite 5 variations of given instruction by making small changes. Instruction: Write a haiku. Output a single Python list for new instructions, and nothing else. New instructions:'

  it('rewrite an instruction in five ways and carry out each', async () => {
    const answers = {
      [asked]: JSON.stringify(haikus),
      ...Object.fromEntries(haikus.map((haiku) => [haiku, `done: ${haiku}`])),
    }
    await withClient(
      async (client) => {
        const { output } = await client.run(variations.basicPipeline, {
          instruction: 'Write a haiku',
        })
        expect(output).toEqual(haikus.map((haiku) => `done: ${haiku}`))
      },
      { answers },
    )
  })

  it('flatten lists in a callback of their own', async () => {
    const answers = {
      'List subtopics of birds as JSON.': '["geese", "cranes"]',
      'List subtopics of boats as JSON.': '["sails"]',
    }
    const output = await withClient(
      async (client) =>
        (await client.run(variations.subtopics, { topics: ['birds', 'boats'] })).output,
      { answers },
    )
    expect(output).toEqual({ subtopics: ['geese', 'cranes', 'sails'] })
  })

  it('broadcast one value and aggregate many', async () => {
    const output = await withClient(
      async (client) => (await client.run(variations.opinions, { instruction: 'Hello' })).output,
      { answers: { Hello: 'Hi' } },
    )
    expect(output).toEqual(['Hi', 'Hi', 'Hi'])
  })
})

describe('two details of a product at the same time', () => {
  const description = 'A light tent that held through the storm'
  const answers = {
    [`Extract features from text: ${description}`]: '["light", "storm-proof"]',
    [`Analyze sentiment of text: ${description}`]: '"positive"',
  }
  const analysis = { features: ['light', 'storm-proof'], sentiment: 'positive' }

  it('become one object, columns, or both', async () => {
    await withClient(
      async (client) => {
        const run = client.run(products.analyzeProduct, { description })
        expect((await run).output).toEqual(analysis)
        const columns = await client.run(products.describeProduct, { description })
        expect(columns.output).toEqual({ description, ...analysis })
        const both = await client.run(products.describeAndAnalyze, { description })
        expect(both.output).toEqual({ description, ...analysis, analysis })
      },
      { answers },
    )
  })

  it('[P8] give the same where they are written in TOML', async () => {
    const plan = await plans.load(
      new URL('../../examples/seeds/product-analysis.toml', import.meta.url).pathname,
    )
    const output = await withClient(
      async (client) => (await client.run(plan, { description })).output,
      { answers },
    )
    expect(output).toEqual(analysis)
  })
})

describe('units of computation', () => {
  it('call each other', async () => {
    await withClient(async (client) => {
      expect((await client.run(queues.double, 21)).output).toBe(42)
      expect((await client.run(queues.quad, 10)).output).toBe(40)
      expect((await client.run(queues.quadAll, { all: [1, 2, 3] })).output).toEqual([4, 8, 12])
    })
  })

  it('are joined by queues', async () => {
    await using store = createMemoryStore()
    store.queue('in').push('a', 1)
    store.queue('in').push('b', 2)
    expect(queues.workOff(store, 'in', 'between')).toBe(2)
    expect(queues.workOff(store, 'between', 'out')).toBe(2)
    expect(store.queue('out').items()).toMatchObject([
      { key: 'a', value: 4 },
      { key: 'b', value: 8 },
    ])
    expect(store.queue('in').size()).toBe(0)
  })

  it('may be people, who take their time', async () => {
    await withClient(async (client) => {
      const run = client.run(queues.reviewed, { letter: 'Dear Sir or Madam' })
      const isWaiting = () => client.tasks.list().length > 0
      await vi.waitUntil(isWaiting, { timeout: 20_000 })
      const [task] = client.tasks.list()
      expect(task?.input).toEqual({ letter: 'Dear Sir or Madam' })
      expect(client.tasks.complete(task?.key ?? '', 'perhaps').state).toBe('misfit')
      client.tasks.complete(task?.key ?? '', true)
      expect((await run).output).toEqual({ letter: 'Dear Sir or Madam', approved: true })
      expect(client.tasks.list()).toEqual([])
    })
  })
})

describe('nodes', () => {
  beforeEach(() => {
    text.sizes.length = 0
  })

  it('follow each other', async () => {
    await withClient(async (client) => {
      expect((await client.run(text.simple, 'Hello World!')).output).toEqual(['hello', 'world!'])
      expect((await client.run(text.advanced, 'Hello World!')).output).toEqual({
        final_result: {
          classification: 'positive',
          confidence: 0.95,
          embeddings: [0.1, 0.2, 0.3],
        },
      })
      expect((await client.run(text.textPipeline, '  Wild Geese ')).output.tokens).toEqual([
        'wild',
        'geese',
      ])
    })
  })

  it('fan out and come together once', async () => {
    await withClient(async (client) => {
      const { output, stats } = await client.run(text.diamond, 'Wild Geese')
      expect(output).toBe('WILD GEESE has 10 letters in 2 words')
      expect(stats.bySteps.map(({ done }) => done)).toEqual([1, 1, 1, 1, 1])
    })
  })

  it('drop what does not pass, and answer concurrent callers together', async () => {
    await withClient(async (client) => {
      const filtered = await client.run(text.filtered, { values: [0, 1, 2, 3, 4] })
      expect(filtered.output).toEqual([0, 20, 40])
      const rows = ['a', 'bb', 'ccc'].map((word) => ({ text: word }))
      expect((await client.run(text.batched, rows)).output).toEqual([1, 2, 3])
      expect(text.sizes).toEqual([3])
    })
  })

  it('fail without taking the others down, and say so', async () => {
    await withClient(async (client) => {
      const { output, failures, stats } = await client.run(text.monitored, [
        { data: 'good' },
        { data: 'bad' },
      ])
      expect(output).toEqual(['processed good'])
      expect(failures).toMatchObject([{ step: 'risky_node', index: 1 }])
      expect(stats.bySteps).toMatchObject([{ step: 'risky_node', done: 1, failed: 1 }])
    })
  })

  it('[B7] work in threads, and never twice on the same', async () => {
    await withClient(async (client) => {
      expect((await client.run(text.optimized, { n: 20 })).output).toBe(6765)
      const again = await client.run(text.optimized, { n: 20 })
      expect(again.output).toBe(6765)
      expect(again.stats.cached).toBe(1)
    })
  })

  it('are grouped with a configuration, and ask models', async () => {
    const answers = { 'Answer briefly: why?': '  Because.  ' }
    await withClient(
      async (client) => {
        expect((await client.run(text.subPipeline({ prefix: '>' }), 'HELLO')).output).toBe(
          '> hello',
        )
        const { output } = await client.run(text.llmPipeline, { question: ' why? ' })
        expect(output).toEqual({ answer: 'Because.' })
      },
      { answers },
    )
  })
})
