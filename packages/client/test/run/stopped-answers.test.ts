import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type StepContext } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf, until } from '../waiting.ts'

const Text = z.object({ text: z.string() })

type Run = (input: { readonly text: string }, context: StepContext) => Promise<string>

/** A step whose first try is told about, for it to be stopped then. */
function search(run: Run) {
  const begun = Promise.withResolvers<void>()
  const tries: string[] = []
  const find = step({
    name: 'find',
    input: Text,
    output: z.string(),
    run: (input, context) => {
      tries.push(input.text)
      if (tries.length > 1) return Promise.resolve(`all of ${input.text}`)
      const answer = run(input, context)
      begun.resolve()
      return answer
    },
  })
  return { find, tries, begun: begun.promise }
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('stopped'))
    })
  })
}

/** Fails by itself once it may. */
function gate(name: string, open: Promise<void>) {
  return step({
    name,
    input: Text,
    output: z.string(),
    run: async () => {
      await open
      throw new Error(`${name} broke`)
    },
  })
}

/** Makes do with nothing where it is stopped. */
const lax: Run = async (_, { signal }) => {
  try {
    return await stopped(signal)
  } catch {
    return 'nothing'
  }
}

describe('what a step answers that was told to stop', () => {
  it('[Q6] [X2] is not taken for its answer when the run is resumed', async () => {
    const { find, tries, begun } = search(lax)
    const plan = pipeline('plan', Text.shape).step(find)
    await withClient(async (client) => {
      const run = client.run(plan, { text: 'a' }, { id: 'once' })
      await begun
      await run.cancel()
      expect((await failureOf(run)).code).toBe('CANCELLED')
      expect((await client.resume('once', plan)).output).toBe('all of a')
    })
    expect(tries).toEqual(['a', 'a'])
  })

  it('[F2] is not kept for the next who asks', async () => {
    const { find, begun } = search(lax)
    const plan = pipeline('plan', Text.shape).step(find, { cache: true })
    await withClient(async (client) => {
      const run = client.run(plan, { text: 'a' })
      await begun
      await run.cancel()
      await failureOf(run)
      expect((await client.run(plan, { text: 'a' })).output).toBe('all of a')
    })
  })

  it('[X2] is not recorded where it caught that what it asked was stopped', async () => {
    const asked = step({
      name: 'asked',
      input: Text,
      output: z.string(),
      run: (_, { signal }) => stopped(signal),
    })
    const { find, begun } = search(async (input, { call }) => {
      try {
        return await call(asked, input)
      } catch {
        return 'nothing'
      }
    })
    const plan = pipeline('plan', Text.shape).step(find)
    await withClient(async (client) => {
      const run = client.run(plan, { text: 'a' }, { id: 'asking' })
      await begun
      await run.cancel()
      await failureOf(run)
      expect((await client.resume('asking', plan)).output).toBe('all of a')
    })
  })

  it('[P6] [Q6] is not recorded where a branch beside it failed', async () => {
    const { find, tries, begun } = search(lax)
    let isMended = false
    const bad = step({
      name: 'bad',
      input: Text,
      output: z.string(),
      run: async () => {
        await begun
        if (!isMended) throw new Error('no')
        return 'fine'
      },
    })
    const plan = pipeline('plan', Text.shape).parallel({ find, bad })
    await withClient(async (client) => {
      await failureOf(client.run(plan, { text: 'a' }, { id: 'beside' }))
      isMended = true
      const { output } = await client.resume('beside', plan)
      expect(output).toEqual({ text: 'a', find: 'all of a', bad: 'fine' })
    })
    expect(tries).toEqual(['a', 'a'])
  })

  it('[Q6] is recorded where it never looked: it would have answered the same', async () => {
    const end = Promise.withResolvers<void>()
    const { find, tries, begun } = search(async ({ text }) => {
      await end.promise
      return `all of ${text}`
    })
    const plan = pipeline('plan', Text.shape).step(find)
    await withClient(async (client) => {
      const run = client.run(plan, { text: 'a' }, { id: 'blind' })
      await begun
      const over = run.cancel()
      end.resolve()
      await over
      await failureOf(run)
      expect((await client.resume('blind', plan)).output).toBe('all of a')
    })
    expect(tries).toEqual(['a'])
  })

  it('[F6] is not recorded where its route took it after that', async () => {
    const { find, tries } = search(({ text }) => Promise.resolve(text))
    const plan = pipeline('plan', Text.shape).step(find, { route: 'shelf' })
    let puts = 0
    const shelf = async (_: unknown, { signal }: { readonly signal: AbortSignal }) => {
      puts++
      if (puts > 1) return 'shelf'
      return await stopped(signal).catch(() => 'nowhere')
    }
    await using net = await smallNetwork([], { routes: { shelf } })
    const run = net.client.run(plan, { text: 'a' }, { id: 'put' })
    await until(() => puts === 1)
    await run.cancel()
    await failureOf(run)
    expect((await net.client.resume('put', plan)).output).toBe('all of a')
    expect(tries).toEqual(['a', 'a'])
    expect(puts).toBe(2)
  })
})

describe('what a step fails with that was told to stop', () => {
  it('[P6] is a cause of its own where it did not look', async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const plan = pipeline('plan', Text.shape).parallel({
      one: gate('one', first.promise),
      two: gate('two', second.promise),
    })
    const error = await withClient(async (client) => {
      const run = client.run(plan, { text: 'a' })
      first.resolve()
      setImmediate(second.resolve)
      return await failureOf(run)
    })
    expect(error.result.failures.map((failure) => failure.error.message)).toEqual([
      "step 'one' threw: one broke",
      "step 'two' threw: two broke",
    ])
  })

  it('[P6] is none where another try or its fallback might have made up for it', async () => {
    const first = Promise.withResolvers<void>()
    const second = Promise.withResolvers<void>()
    const plan = pipeline('plan', Text.shape).parallel({
      one: gate('one', first.promise),
      two: (rows) => rows.step(gate('two', second.promise), { fallback: () => 'two' }),
      three: (rows) => rows.step(gate('three', second.promise), { retry: { attempts: 2 } }),
    })
    const error = await withClient(async (client) => {
      const run = client.run(plan, { text: 'a' })
      first.resolve()
      setImmediate(second.resolve)
      return await failureOf(run)
    })
    expect(error.result.failures.map((failure) => failure.step)).toEqual(['parallel.one/one'])
  })
})
