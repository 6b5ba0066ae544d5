import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type StepContext } from '../../src/index.ts'
import { onFile } from '../durable-client.ts'
import { double } from '../local-plans.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

const number = z.number()
const triple = step({ name: 'triple', input: number, output: number, run: (n) => n * 3 })

/** A plan that puts up with every failure of its one step. */
function stubborn(run: (n: number, context: StepContext) => Promise<unknown>) {
  const retry = { attempts: 3, filter: () => true }
  const body = step({ name: 'body', input: number, output: z.unknown(), run })
  return pipeline('p', { n: number })
    .map(({ n }) => n)
    .step(body, { retry, fallback: () => 'made up' })
}

describe('a durable step that is resumed', () => {
  it('[Q6] is neither tried again nor made up for when it asks something else', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await onFile(file, async (client) => {
      const first = client.run(
        stubborn(async (n, context) => {
          await context.call(double, n)
          // Still at it when the client closes.
          await context.sleep('1h')
        }),
        { n: 1 },
        { id: 'r' },
      )
      for await (const event of first) if (event.type === 'task' && event.state === 'done') break
    })
    let tries = 0
    await onFile(file, async (client) => {
      const other = stubborn((n, context) => {
        tries++
        return context.call(triple, n)
      })
      await expect(client.resume('r', other)).rejects.toMatchObject({ code: 'NONDETERMINISM' })
    })
    expect(tries).toBe(1)
  })
})
