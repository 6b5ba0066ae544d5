import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, pipeline, step, type Run } from '../../src/index.ts'
import { clientOn } from '../durable-client.ts'
import { failureOf, until } from '../waiting.ts'

/** A step that waits until it may go on, and fails as often as it is told to. */
function scene({ failures = Infinity } = {}) {
  const gate = Promise.withResolvers<undefined>()
  let tries = 0
  const ask = step({
    name: 'ask',
    input: z.number(),
    output: z.number(),
    run: async (n) => {
      const number = ++tries
      await gate.promise
      if (number <= failures) throw new RangeError(`failure ${number}`)
      return n
    },
  })
  const start = pipeline('p', { n: z.number() }).map(({ n }) => n)
  const open = () => {
    gate.resolve(undefined)
  }
  return { ask, start, open, tries: () => tries }
}

const same = [{ n: 1 }, { n: 1 }, { n: 1 }]

/** Whether all three rows of the run are in its step. */
function isAtAll(run: Run<unknown, unknown>): boolean {
  return run.status().bySteps.some(({ running }) => running === same.length)
}

describe('those who wait for a cached answer', () => {
  it('[F2] fail with the call that they waited for, and who comes later tries anew', async () => {
    await using client = clientOn(createMemoryStore())
    const { ask, start, open, tries } = scene({ failures: 2 })
    const plan = start.step(ask, { cache: true, retries: 1 })
    open()
    const { message, result } = await failureOf(client.run(plan, same))
    expect(message).toContain("3 of 3 rows failed in 'ask'")
    const failure = { attempts: 2, error: { message: "step 'ask' threw: failure 2" } }
    expect(result.failures).toMatchObject([failure, failure, failure])
    expect(tries()).toBe(2)
    expect((await client.run(plan, same)).output).toEqual([1, 1, 1])
    expect(tries()).toBe(3)
  })

  it('[F2] [F20] have what their own fallbacks make up for it', async () => {
    await using client = clientOn(createMemoryStore())
    const { ask, start, open, tries } = scene()
    const told: string[] = []
    const plan = start.step(ask, {
      cache: true,
      fallback: ({ message }) => told.push(message),
    })
    open()
    const { output } = await client.run(plan, same)
    expect(new Set(output)).toEqual(new Set([1, 2, 3]))
    expect(told).toEqual(Array.from({ length: 3 }, () => "step 'ask' threw: failure 1"))
    expect(tries()).toBe(1)
  })

  it('[F2] go on, one of them for all, where the one that asks is cancelled', async () => {
    await using client = clientOn(createMemoryStore())
    const { ask, start, open, tries } = scene({ failures: 1 })
    const plan = start.step(ask, { cache: true })
    const first = client.run(plan, { n: 1 })
    await until(() => tries() === 1)
    const others = client.run(plan, same)
    await until(() => isAtAll(others))
    const cancelled = first.cancel()
    open()
    await cancelled
    expect((await others).output).toEqual([1, 1, 1])
    expect(tries()).toBe(2)
  })

  it('[F2] go on where the one that asks is cancelled before its last try', async () => {
    await using client = clientOn(createMemoryStore())
    const { ask, start, open, tries } = scene({ failures: 1 })
    const plan = start.step(ask, { cache: true, retry: { attempts: 2, delay: '1h' } })
    open()
    const first = client.run(plan, { n: 1 })
    await until(() => tries() === 1)
    const others = client.run(plan, same)
    await until(() => isAtAll(others))
    await first.cancel()
    expect((await others).output).toEqual([1, 1, 1])
    expect(tries()).toBe(2)
  })

  it('[F2] try for themselves what they would try otherwise', async () => {
    await using client = clientOn(createMemoryStore())
    const { ask, start, open, tries } = scene({ failures: 1 })
    const hasty = client.run(start.step(ask, { cache: true }), { n: 1 })
    await until(() => tries() === 1)
    const steady = client.run(start.step(ask, { cache: true, retries: 1 }), same)
    await until(() => isAtAll(steady))
    open()
    await failureOf(hasty)
    expect((await steady).output).toEqual([1, 1, 1])
    expect(tries()).toBe(2)
  })
})
