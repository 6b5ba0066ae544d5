import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, pipeline, step } from '../../src/index.ts'
import { clientOn } from '../durable-client.ts'
import { double, numbers, sleep, withClient } from '../local-plans.ts'
import { failureOf, until } from '../waiting.ts'

async function* oneAndTwo() {
  yield { n: 1 }
  await Promise.resolve()
  yield { n: 2 }
}

async function* brokenFile() {
  yield { n: 1 }
  await new Promise((resolve) => setTimeout(resolve, 5))
  throw new RangeError('row 2 of the file is broken')
}

/** Inputs 1 to `count`, of which the next is waited for in vain. */
function silentAfter(count: number) {
  const state = { isWaiting: false, isClosed: false }
  let n = 0
  const never = new Promise<IteratorResult<{ n: number }>>(() => {})
  const reader = {
    next: () => {
      state.isWaiting = n === count
      return state.isWaiting ? never : Promise.resolve({ done: false, value: { n: ++n } })
    },
    return: () => {
      state.isClosed = true
      return Promise.resolve({ done: true as const, value: undefined })
    },
  }
  return { inputs: { [Symbol.asyncIterator]: () => reader }, state }
}

/** What the heap holds when nothing in it is garbage. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}

async function* goodAndBad() {
  yield { text: '1' }
  yield { text: 'no number' }
  await Promise.resolve()
  yield { text: '3' }
}

describe('inputs', () => {
  it('[D24] whose schema throws are failures of their own, however they come', async () => {
    const numeric = z.string().transform((text): unknown => JSON.parse(text))
    const plan = pipeline('numeric', { text: numeric }).map(({ text }) => text)
    await withClient(async (client) => {
      for (const inputs of [goodAndBad(), [{ text: '1' }, { text: 'no number' }, { text: '3' }]]) {
        const error = await failureOf(client.run(plan, inputs))
        expect(error.result.output).toEqual([1, 3])
        expect(error.result.failures).toEqual([
          expect.objectContaining({
            index: 1,
            error: expect.objectContaining({ code: 'INVALID_INPUT' }) as unknown,
          }),
        ])
      }
    })
  })

  it('[D24] are one, a list, or a stream', async () => {
    const plan = numbers.step(double)
    await withClient(async (client) => {
      expect((await client.run(plan, { n: 4 })).output).toBe(8)
      expect((await client.run(plan, [{ n: 1 }, { n: 2 }])).output).toEqual([2, 4])
      expect((await client.run(plan, new Set([{ n: 3 }]))).output).toEqual([6])
      expect((await client.run(plan, oneAndTwo())).output).toEqual([2, 4])
      expect((await client.run(plan, [])).output).toEqual([])
    })
  })

  it('[D24] are read no faster than rows are done', async () => {
    let read = 0
    let done = 0
    let ahead = 0
    async function* stream() {
      for (; read < 500; read++) {
        await Promise.resolve()
        ahead = Math.max(ahead, read - done)
        yield { n: 0 }
      }
    }
    const plan = numbers.step(sleep).tap(() => {
      done++
    })
    await withClient(async (client) => client.run(plan, stream(), { concurrency: 8 }))
    expect(read).toBe(500)
    expect(ahead).toBeLessThanOrEqual(9)
  })

  it('that do not fit are listed with their number, and the others are run', async () => {
    const bad = { n: 1 }
    Object.assign(bad, { n: 'two' })
    await withClient(async (client) => {
      const error = await failureOf(client.run(numbers, [{ n: 1 }, bad, { n: 3 }]))
      expect(error.message).toContain('input number 2')
      expect(error.result.output).toEqual([1, 3])
      expect(error.result.failures).toMatchObject([{ step: 'input', index: 1, input: bad }])
      const single = await failureOf(client.run(numbers, bad))
      expect(single.code).toBe('INVALID_INPUT')
      expect(single.message).toContain("the input of 'numbers': n:")
    })
  })

  it('that end with an error end the run, and what was done is kept', async () => {
    const error = await withClient(async (client) => failureOf(client.run(numbers, brokenFile())))
    expect(error.code).toBe('INVALID_INPUT')
    expect(error.message).toContain('row 2 of the file is broken')
    expect(error.result.output).toEqual([1])
  })

  it('given again end a run that is taken up as they ended the first: with their error', async () => {
    await using client = clientOn(createMemoryStore())
    const refused = {
      code: 'INVALID_INPUT',
      message: 'the inputs ended with an error: row 2 of the file is broken',
    }
    const run = client.run(numbers, brokenFile(), { id: 'r' })
    await expect(run).rejects.toMatchObject(refused)
    const resumed = client.resume('r', numbers, { inputs: brokenFile() })
    await expect(resumed).rejects.toMatchObject(refused)
    const rerun = client.rerun('r', numbers, { inputs: brokenFile() })
    await expect(rerun).rejects.toMatchObject(refused)
  })

  it('given again are closed when the run is cancelled, whatever they wait for', async () => {
    await using client = clientOn(createMemoryStore())
    const begun = client.run(numbers, brokenFile(), { id: 'r' })
    await expect(begun).rejects.toThrow('row 2')
    const { inputs, state } = silentAfter(3)
    const resumed = client.resume('r', numbers, { inputs })
    await until(() => state.isWaiting)
    await resumed.cancel()
    await expect(resumed).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(state.isClosed).toBe(true)
  })

  it('keep the memory flat when their rows are not wanted', async () => {
    const rows = 20_000
    const inUse: number[] = []
    function* many() {
      for (let n = 0; n < rows; n++) {
        if (n % 5000 === 4999) inUse.push(bytesInUse())
        yield { n }
      }
    }
    const fat = step({
      name: 'fat',
      input: z.number(),
      output: z.array(z.number()),
      run: (n) => Array.from({ length: 1000 }, () => n),
    })
    const plan = numbers.step(fat).filter(() => false)
    // What a store in memory keeps of its calls is another matter.
    await using client = clientOn(createMemoryStore({ capacity: 1000 }))
    const result = await client.run(plan, many())
    expect(result.stats.done).toBe(rows)
    // 5,000 rows more are 40 MB more, if they are kept.
    const [first = 0] = inUse
    expect(inUse).toHaveLength(4)
    expect((inUse.at(-1) ?? 0) - first).toBeLessThan(8 * 2 ** 20)
  })
})
