import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { external, pipeline, step } from '../../src/index.ts'
import { onFile } from '../durable-client.ts'
import { withClient } from '../local-plans.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

const n = z.number()
const input = z.object({ n })
const start = pipeline('plan', { n })

const broken = step({
  name: 'broken',
  input,
  output: z.string(),
  run: (): string => {
    throw new RangeError('no')
  },
})
const one = start.step(broken, { fallback: () => 'one' })
const two = start.step(broken, { fallback: () => 'two' })

const asked = (onTimeout: () => string, timeout = 1) =>
  external({ name: 'asked', input, output: z.string(), timeout, onTimeout })

describe('an answer that was made up', () => {
  it('[F15] counts when the run is done again, unless its fallback was edited', async () => {
    await withClient(async (client) => {
      await client.run(one, { n: 1 }, { id: 'first' })
      const same = await client.rerun('first', one)
      expect([same.output, same.stats.cached]).toEqual(['one', 1])
      const edited = await client.rerun('first', two)
      expect([edited.output, edited.stats.cached]).toEqual(['two', 0])
      const again = await client.rerun(edited.id, one)
      expect([again.output, again.stats.cached]).toEqual(['one', 0])
    })
  })

  it('[F15] is known as one by whoever opens the file later', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await onFile(file, async (client) => client.run(one, { n: 1 }, { id: 'first' }))
    await onFile(file, async (client) => {
      const { output, stats } = await client.resume('first', one)
      expect([output, stats.cached]).toEqual(['one', 1])
      expect(await client.rerun('first', two)).toMatchObject({ output: 'two' })
    })
  })

  it('[F14] [F15] of a step that nobody answered is another when what makes it up was edited', async () => {
    const first = start.step(asked(() => 'nobody'))
    const second = start.step(asked(() => 'no one'))
    const later = start.step(asked(() => 'nobody', 2))
    const seals = [first, second, later].map((plan) => plan.freeze().hash)
    expect(new Set(seals).size).toBe(3)
    await withClient(async (client) => {
      await client.run(first, { n: 1 }, { id: 'first' })
      expect(await client.rerun('first', first)).toMatchObject({ output: 'nobody' })
      expect(await client.rerun('first', second)).toMatchObject({ output: 'no one' })
    })
  })

  it('[F2] of a step that nobody answered is not kept for the next who asks', async () => {
    let times = 0
    const plan = start.step(
      asked(() => `nobody, ${++times}`),
      { cache: true },
    )
    await withClient(async (client) => {
      expect(await client.run(plan, { n: 1 })).toMatchObject({ output: 'nobody, 1' })
      expect(await client.run(plan, { n: 1 })).toMatchObject({ output: 'nobody, 2' })
    })
  })
})
