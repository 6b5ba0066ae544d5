import { Worker } from 'node:worker_threads'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { step } from '../../src/index.ts'
import { WorkerPool } from '../../src/run/worker-pool.ts'
import { numbers, withClient } from '../local-plans.ts'

const heavy = import.meta.resolve('./heavy-work.ts')

/** Asks a function of the file, of a pool of one thread. */
function scene() {
  const workers = new WorkerPool({ size: 1 })
  const ask = (name: string, input: unknown, signal = new AbortController().signal) =>
    workers.run({ step: 'heavy', file: `${heavy}#${name}`, input, signal }).answer
  return { workers, ask, [Symbol.asyncDispose]: () => workers[Symbol.asyncDispose]() }
}

describe('a pool of threads', () => {
  it('[B7] gives each caller its own answer, whatever else its functions post', async () => {
    await using at = scene()
    const answers = [1, 2, 3, 4].map((n) => at.ask('chatty', n))
    expect(await Promise.all(answers)).toEqual([2, 4, 6, 8])
  })

  it('[B7] loses a thread to what a function has left behind, and nothing else', async () => {
    await using at = scene()
    expect(await at.ask('careless', 1)).toBe(2)
    await vi.waitFor(() => {
      expect(at.workers.threads).toBe(0)
    })
    expect(await at.ask('run', 2)).toBe(4)
  })

  it('[B7] fails a call whose input cannot be copied, and goes on with the others', async () => {
    await using at = scene()
    const inputs = [1, () => {}, 2, Promise.resolve(), 3]
    const outcomes = await Promise.allSettled(inputs.map((input) => at.ask('run', input)))
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(outcomes[1]).toHaveProperty(
      'reason.message',
      expect.stringContaining("the input of step 'heavy' cannot be copied into a thread"),
    )
  })

  it('[B7] ends no thread for a call that is given up before it has one', async () => {
    await using at = scene()
    const first = at.ask('threadOf', 0)
    const { signal, abort } = givenUp()
    const waiting = at.ask('run', 1, signal)
    abort()
    await expect(waiting).rejects.toThrow('enough')
    await expect(at.ask('run', 1, signal)).rejects.toThrow('enough')
    expect(await at.ask('threadOf', 0)).toBe(await first)
  })

  it('[B7] ends with its client', async () => {
    const ended = vi.spyOn(Worker.prototype, 'terminate')
    const work = step({ name: 'w', input: z.number(), output: z.number(), worker: heavy })
    await withClient(async (client) => {
      expect((await client.run(numbers.step(work), { n: 2 })).output).toBe(4)
    })
    expect(ended).toHaveBeenCalledTimes(1)
    ended.mockRestore()
  })
})

function givenUp() {
  const controller = new AbortController()
  const abort = () => {
    controller.abort(new Error('enough'))
  }
  return { signal: controller.signal, abort }
}
