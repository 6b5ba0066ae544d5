import { plans } from '@skein/client'
import { describe, expect, it } from 'vitest'
import * as training from '../../examples/seeds/training.ts'
import { withClient } from './local-client.ts'

describe('pipelines from data to a model', () => {
  it('extract and transform', async () => {
    await withClient(async (client) => {
      const result = await client.run(training.etl, {})
      expect(result.output).toEqual([2, 4, 6, 8, 10])
      expect(result.id).not.toBe('')
      expect((await client.run(training.dependent, {})).output).toBe(6)
      expect(training.dependent.describe()).toContain('step step_b ← step_a')
    })
  })

  it('train and evaluate, with a context for development and another for production', async () => {
    const stored: unknown[] = []
    const routes = {
      Model: (model: unknown) => {
        stored.push(model)
        return 'models://latest'
      },
    }
    await withClient(
      async (client) => {
        const context = { data_path: './local_data.csv', test_size: 0.2 }
        const run = await client.run(training.training, {}, { context })
        expect(run.output).toEqual({
          from: './local_data.csv',
          model: { slope: 3, intercept: 1 },
          accuracy: 1,
        })
        expect(stored).toEqual([{ slope: 3, intercept: 1 }])
        expect(run.tasks.find(({ step }) => step === 'train')?.artifact).toBe('models://latest')
        const production = { ...context, data_path: 'gs://bucket/data.csv' }
        const other = await client.run(training.training, {}, { context: production })
        expect(other.output.from).toBe('gs://bucket/data.csv')
        // @ts-expect-error a context that is missing does not compile, and does not run
        await expect(Promise.resolve(client.run(training.training, {}))).rejects.toThrow(
          "step 'load_data' needs another context",
        )
      },
      { routes },
    )
  })

  it('are sealed and compared, and run again from a step', async () => {
    const context = { data_path: './local_data.csv', test_size: 0.2 }
    expect(training.training.freeze().verify()).toBe(true)
    expect(plans.diff(training.training, training.training)).toEqual([])
    expect(training.training.validate()).toMatchObject({ ok: true, warnings: [] })
    expect(training.training.describe().split('\n').slice(2)).toEqual([
      '    step load_data',
      '    step split_data ← load_data',
      '    step train ← split_data',
      '    step evaluate ← split_data, train',
    ])
    await withClient(async (client) => {
      const first = await client.run(training.training, {}, { context })
      const again = await client.rerun(first.id, training.training, { from: 'train' })
      expect(again.output).toEqual(first.output)
      expect(again.stats.cached).toBe(2)
    })
  })

  it('check what they are given before it costs anything', async () => {
    await withClient(async (client) => {
      const point = { x: 1, y: 1 }
      const run = client.run(training.validated, { data: [point] })
      await expect(Promise.resolve(run)).rejects.toThrow('Insufficient data')
    })
  })

  it('stand in each other under other names', async () => {
    await withClient(async (client) => {
      const { output } = await client.run(training.parent, { raw_data: [1, null, 4] })
      expect(output).toEqual({ clean_data: [0.25, 1] })
    })
  })

  it('run a step only on a condition', async () => {
    await withClient(async (client) => {
      const good = await client.run(training.conditional, { quality: 0.95 })
      expect(good.output).toEqual({ quality: 0.95, model: 'trained_model' })
      const bad = await client.run(training.conditional, { quality: 0.5 })
      expect(bad.output).toEqual({ quality: 0.5, model: undefined })
    })
  })

  it('go over collections, so many at a time, and some may fail', async () => {
    await withClient(async (client) => {
      const rows = Array.from({ length: 38 }, (_, i) => ({ text: `document ${i}` }))
      const { output, failures } = await client.run(training.documents, [
        ...rows,
        { text: 'flaky' },
        { text: '' },
      ])
      expect(output).toHaveLength(39)
      expect(failures).toMatchObject([{ index: 39, attempts: 3 }])
      expect((await client.run(training.batch, { items: [1, 2, 3] })).output).toEqual([1, 4, 9])
    })
  })

  it('are made while they run', async () => {
    await withClient(async (client) => {
      const { output } = await client.run(training.search, { learning_rates: [0.1, 0.01, 0.5] })
      expect(output).toEqual({ rate: 0.01, loss: 0 })
    })
  })

  it('try again, and have an answer in the end', async () => {
    await withClient(async (client) => {
      const { output } = await client.run(training.patient, { source: 'The weather' })
      expect(output).toContain('The weather as of yesterday')
      expect(training.attempts).toEqual([1, 2, 3])
    })
  })
})
