import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type StepContext } from '../../src/index.ts'
import { onFile } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

function durable(run: (n: number, context: StepContext) => Promise<unknown>) {
  return step({ name: 'body', input: z.number(), output: z.unknown(), run })
}

describe('the metrics of a step', () => {
  it('[F22] are noted; by them runs are compared and the best is found', async () => {
    await using folder = await temporaryFolder()
    await onFile(folder.file('runs.db'), async (client) => {
      const train = durable((n, context) => {
        // The last counts, however many there were.
        for (let epoch = 1; epoch <= 11; epoch++) context.metric('loss', epoch)
        context.metric('loss', 2 / n)
        return Promise.resolve(n)
      })
      for (const n of [1, 4, 2]) await client.run(train, n, { id: `run-${n}`, project: 'p' })
      await client.run(train, 100, { id: 'elsewhere', project: 'other' })
      expect(client.runs.compare(['run-1', 'run-4'])).toEqual([
        { run: 'run-1', metrics: { loss: 2 } },
        { run: 'run-4', metrics: { loss: 0.5 } },
      ])
      const best = await client.runs.best('loss', { project: 'p', lowest: true })
      expect(best).toMatchObject({ run: { id: 'run-4' }, value: 0.5 })
      expect(await client.runs.best('loss', { project: 'p' })).toMatchObject({ value: 2 })
      const ofAll = await client.runs.best('loss', { lowest: true })
      expect(ofAll).toMatchObject({ run: { id: 'elsewhere' }, value: 0.02 })
      expect(await client.runs.best('gain', { project: 'p' })).toBeUndefined()
      await client.rerun('run-4', train, { id: 'again' })
      expect(client.runs.metrics('again')).toEqual({ loss: 0.5 })
    })
  })

  it('[F22] are those of its last try, also where an earlier one noted more', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const tries = { count: 0, isUp: false }
    const train = durable((n, { metric }) => {
      if (++tries.count === 1) for (const loss of [9, 8]) metric('loss', loss)
      if (!tries.isUp) throw new RangeError('not yet')
      metric('loss', 1)
      return Promise.resolve(n)
    })
    await onFile(file, async (client) => {
      await expect(client.run(train, 1, { id: 'resumed' })).rejects.toThrow('not yet')
      expect(client.runs.metrics('resumed')).toEqual({ loss: 8 })
    })
    tries.isUp = true
    await onFile(file, async (client) => {
      await client.resume('resumed', train)
      expect(client.runs.metrics('resumed')).toEqual({ loss: 1 })
      Object.assign(tries, { count: 0, isUp: false })
      const heals = { retry: { attempts: 2, filter: () => (tries.isUp = true) } }
      await client.run(
        pipeline('p', { n: z.number() })
          .map(({ n }) => n)
          .step(train, heals),
        { n: 1 },
        { id: 'tried' },
      )
      expect(client.runs.metrics('tried')).toEqual({ loss: 1 })
    })
  })
})
