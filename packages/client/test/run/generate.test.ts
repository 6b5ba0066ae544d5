import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { step } from '../../src/index.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf } from '../waiting.ts'

const text = { input: z.string(), output: z.string() }

/** A step that fails when it is first given a text, and always with `bad`. */
function flaky() {
  const tries: string[] = []
  const work = step({
    name: 'flaky',
    ...text,
    run: (given) => {
      tries.push(given)
      if (given === 'bad' || tries.length === 1) throw new RangeError('a bad moment')
      return given
    },
  })
  return { tries, work }
}

describe('options of generate', () => {
  it.each([{ retries: 1 }, { retry: { attempts: 2 } }])(
    '[D27] [F24] %o: its steps are tried again',
    async (options) => {
      await using net = await smallNetwork([])
      const { tries, work } = flaky()
      expect(await net.client.generate('a', work, options)).toBe('a')
      expect(tries).toEqual(['a', 'a'])
    },
  )

  it('[D27] [F24] cache: its steps give their answers again', async () => {
    await using net = await smallNetwork([{}])
    for (let time = 0; time < 2; time++) await net.client.generate('a', { cache: true })
    expect(net.nodes[0]?.assigned).toHaveLength(1)
  })

  it('[D27] [F24] timeout: its steps have no longer', async () => {
    await using net = await smallNetwork([])
    const waits = step({
      name: 'waits',
      ...text,
      run: async (given, { signal }) => {
        await once(signal, 'abort')
        return given
      },
    })
    const error = await failureOf(net.client.generate('a', waits, { timeout: 5 }))
    expect(error.result.failures[0]?.error.code).toBe('TIMED_OUT')
  })

  it('[D27] [F24] minSuccessRatio and failFast: what fails is dropped, or ends all', async () => {
    await using net = await smallNetwork([])
    const some = { minSuccessRatio: 0.5 }
    expect(await net.client.generate(['first', 'a', 'b'], flaky().work, some)).toEqual(['a', 'b'])
    const options = { ...some, failFast: true }
    const error = await failureOf(net.client.generate(['first', 'a'], flaky().work, options))
    expect(error.message).toContain('a bad moment')
  })

  it('[D27] [F24] concurrency: of all steps together, not of each', async () => {
    await using net = await smallNetwork([])
    let running = 0
    let most = 0
    const counted = (name: string) =>
      step({
        name,
        ...text,
        run: async (given) => {
          most = Math.max(most, (running += 1))
          await new Promise(setImmediate)
          running -= 1
          return given
        },
      })
    const inputs = Array.from({ length: 8 }, (_, n) => `${n}`)
    const works = [counted('one'), counted('other')] as const
    await net.client.generate(inputs, works, { concurrency: 2 })
    expect(most).toBe(2)
  })
})
