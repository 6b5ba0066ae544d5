import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'

/** Bytes in use, once what nobody needs is gone. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
  return process.memoryUsage().heapUsed
}

const ROWS = 10_000

describe('rows', () => {
  it('[P10] share what they hold: 10,000 of them over a record of 10 MB cost less than 20 MB', async () => {
    const record = {
      lines: Array.from({ length: 100 }, (_, i) =>
        String.fromCharCode(65 + (i % 26)).repeat(100_000),
      ),
    }
    const first = step({
      name: 'first',
      input: z.object({ record: z.custom<typeof record>(), item: z.number() }),
      output: z.number(),
      run: ({ item }) => item,
    })
    const plan = pipeline('shared', { record: z.custom<typeof record>() })
      .broadcast(
        Array.from({ length: ROWS }, (_, i) => i),
        { as: 'item' },
      )
      .step(first, { as: 'first' })
    await withClient(async (client) => {
      const before = heapUsed()
      const { output } = await client.run(plan, { record })
      expect(output).toHaveLength(ROWS)
      expect(output.every((row) => row.record === record)).toBe(true)
      expect(heapUsed() - before).toBeLessThan(20_000_000)
    })
  })

  it('[B1] cost less than 50 µs in a step that answers at once', async () => {
    const next = step({ name: 'next', input: z.number(), output: z.number(), run: (n) => n + 1 })
    const plan = pipeline('quick', { n: z.number() })
      .map(({ n }) => n)
      .step(next)
    const rows = Array.from({ length: ROWS }, (_, n) => ({ n }))
    await withClient(async (client) => {
      let best = Infinity
      // The best of several: other programs of the machine can only make it look slower.
      for (let round = 0; round < 8; round++) {
        const startedAt = performance.now()
        const { output } = await client.run(plan, rows)
        best = Math.min(best, performance.now() - startedAt)
        expect(output.at(-1)).toBe(ROWS)
      }
      expect((best * 1000) / ROWS).toBeLessThan(50)
    })
  })
})
