import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, graph, pipeline, step } from '../../src/index.ts'
import type { CachedAnswer } from '../../src/store/cache.ts'
import { clientOn } from '../durable-client.ts'
import { withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const trap = {
  enumerable: true,
  get: () => {
    throw new RangeError('do not touch')
  },
}

/** Looks at what it holds when it is asked for that: rows of a class are not looked through beforehand. */
class Lazy {
  declare readonly size: number
  readonly items: readonly object[]

  constructor(items: readonly object[]) {
    this.items = items
  }
}

function withTrap(): Lazy {
  return Object.defineProperty(new Lazy([{ a: 1 }]), 'size', trap)
}

function withTrapInside(): Lazy {
  return new Lazy([{ a: 1 }, Object.defineProperty({}, 'a', trap), { a: 3 }])
}

const anything = step({
  name: 'any',
  input: z.any(),
  output: z.any(),
  run: (value: unknown) => value,
})
const start = pipeline('start', { n: z.number() }).step(anything)
const inputs = [{ n: 1 }, { n: 2 }]

/** A store whose cached answers somebody has changed by hand. */
function brokenStore() {
  const store = createMemoryStore()
  const origin = { node: 'n', peer: 'p', model: 'm', tokens: undefined, ms: 1 }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it does not hold what its type says
  const answer = { step: 'any', output: 1, origin } as unknown as CachedAnswer
  vi.spyOn(store.cache, 'get').mockReturnValue(answer)
  return store
}

describe('a run comes to its end', () => {
  it.each([{}, { concurrency: 1 }])(
    '[F19] where what came of a call cannot be told: %o',
    async (options) => {
      await using client = clientOn(brokenStore())
      const plan = pipeline('p', { n: z.number() }).step(anything, { cache: true, ...options })
      const whole = pipeline('whole', { n: z.number() }).step(plan, { retries: 1 })
      const { message, result } = await failureOf(client.run(plan, inputs))
      expect(message).toContain("2 of 2 rows failed in 'any'")
      expect(message).toContain("what came of step 'any' cannot be told: ")
      expect(result.stats).toMatchObject({ tasks: 2, done: 0, failed: 2 })
      expect((await failureOf(client.run(whole, inputs))).message).toContain('cannot be told: ')
    },
  )

  it('[F19] where a row cannot be looked at that becomes several: it fails, alone', async () => {
    const made = start.map(({ n }) => (n === 1 ? withTrap() : new Lazy([{ a: 2 }])))
    await withClient(async (client) => {
      const plans = [made.scatter('items'), made.broadcast(['x'], { as: 'tag' })]
      for (const plan of plans) {
        const { result } = await failureOf(client.run(plan, inputs))
        expect(result.failures).toMatchObject([{ index: 0, error: { message: 'do not touch' } }])
        expect(result.inputs).toEqual([1])
      }
    })
  })

  it('[F19] where a row is lost on its way: with what it was lost to', async () => {
    const plan = start.map(withTrapInside).scatter('items')
    const whole = pipeline('whole', { n: z.number() }).step(plan, { retries: 1 })
    await withClient(async (client) => {
      for (const given of [plan, whole]) {
        const { message } = await failureOf(client.run(given, inputs))
        expect(message).toContain('a row cannot go on: do not touch')
      }
    })
  })

  it('[F19] where what a graph was given cannot be handed on', async () => {
    const input = z.custom<Lazy>()
    const inner = graph('g', { input }, (g, row) => g(anything, g(anything, row.size)))
    const plan = start.map(withTrap).step(inner)
    const whole = pipeline('whole', { n: z.number() }).step(plan, { retries: 1 })
    await withClient(async (client) => {
      const { message } = await failureOf(client.run(whole, inputs))
      expect(message).toContain("2 of 2 rows failed in 'start'")
      expect(message).toContain('do not touch')
    })
  })
})
