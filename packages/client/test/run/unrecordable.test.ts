import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createMemoryStore,
  createSqliteStore,
  pipeline,
  step,
  type StepContext,
} from '../../src/index.ts'
import { clientOn } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { failureOf } from '../waiting.ts'

const odd = { pattern: [1, 2, /a/], deep: { 'b c': [] } }
const circle: Record<string, unknown> = { list: [] }
circle['list'] = [1, circle]

const giving = (name: string, run: (context: StepContext) => unknown) =>
  step({ name, input: z.unknown(), output: z.unknown(), run: (_, context) => run(context) })
const rows = pipeline('rows', { n: z.number() })
const one = giving('one', () => 1)

describe('what cannot be recorded', () => {
  it.each([
    [
      'an answer',
      rows.step(giving('odd', () => odd)),
      /the answer to 0\/odd .*, at pattern\[2\]: only/,
    ],
    [
      'a circle',
      rows.step(giving('round', () => circle)),
      /the answer to 0\/round .*, at list\[1\]: /,
    ],
    [
      'a row',
      rows.map(() => ({ 'b c': odd })),
      /the row of input number 1: a RegExp .*, at \["b c"\]\.pattern\[2\]: /,
    ],
    [
      'a row of several',
      rows.broadcast([1, odd], { as: 'x' }),
      /the row of item 2 of input number 1: a RegExp .*, at x\.pattern\[2\]: /,
    ],
    [
      'a row with a function',
      rows.map(() => ({ run: () => 1 })),
      /the row of input number 1: a function cannot be recorded, at run: /,
    ],
    [
      'an input of a step with a cache',
      rows.map(() => odd).step(one, { cache: true }),
      /the input of step 'one': .*, at pattern\[2\]: /,
    ],
    [
      'what a step asks',
      rows.step(giving('asks', async ({ call }) => call(one, odd))),
      /what step 'asks' asks 'one': .*, at pattern\[2\]: /,
    ],
    [
      'an input of a step',
      rows.map(() => odd).step(one),
      /the answer to 0\/one could not be recorded: .*, at pattern\[2\]: /,
    ],
  ])('[F16] [Q10] is told with its place and whose it is: %s', async (_, plan, message) => {
    await using folder = await temporaryFolder()
    const stores = [createSqliteStore(folder.file('runs.db')), createMemoryStore()]
    const errors: unknown[] = []
    for (const store of stores) {
      await using client = clientOn(store)
      const error = await failureOf(client.run(plan, { n: 1 }))
      expect(error.code).toBe('STORE_FAILED')
      expect(error.message).toMatch(message)
      errors.push(error.message)
    }
    expect(errors[1]).toBe(errors[0])
  })
})
