import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, type RunOptions } from '../../src/index.ts'
import { double, list, numbers, withClient } from '../local-plans.ts'
import type { Deed } from '../scripted-node.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf, until } from '../waiting.ts'
import { execute } from '../workflows.ts'
import { many, mute } from '../writers.ts'

const none = () => false

describe('a run', () => {
  it('[N9] sends cancel to the nodes at once, and rejects with what was done', async () => {
    let taken = 0
    const slow = (): Deed => (++taken > 3 ? 'silence' : { output: 'done' })
    await using net = await smallNetwork([{ answer: slow, slots: 2, credits: 4 }])
    const run = net.client.run(execute, many)
    await until(() => taken === 7)
    await run.cancel()
    const error = await failureOf(run)
    expect(error.code).toBe('CANCELLED')
    expect(error.result.output).toEqual(['done', 'done', 'done'])
    expect(error.result.inputs).toEqual([0, 1, 2])
    expect(error.result.stats).toMatchObject({ done: 3, failed: 0 })
    expect(error.result.stats.cancelled).toBe(error.result.stats.tasks - 3)
    await until(() => net.nodes[0]?.cancelled.length === 4)
    await until(() => net.client.nodes()[0]?.unfinished === 0)
    expect(taken).toBe(7)
  })

  it('is cancelled by a signal, by its deadline, and by the end of the client', async () => {
    await using net = await smallNetwork([{ answer: mute }])
    const controller = new AbortController()
    const signalled = net.client.run(execute, many, { signal: controller.signal })
    controller.abort(new RangeError('enough'))
    expect((await failureOf(signalled)).message).toContain('enough')
    const late = net.client.run(execute, many, { deadline: '30ms' })
    expect((await failureOf(late)).code).toBe('TIMED_OUT')
    const orphaned = net.client.run(execute, many)
    await net.client[Symbol.asyncDispose]()
    expect((await failureOf(orphaned)).code).toBe('CLOSED')
    expect(() => net.client.run(execute, many)).toThrow('the client was closed')
  })

  it('leaves timers, its deadline and its signal their turn while rows come from memory', async () => {
    // More than go through in the time of a turn.
    const items = Array.from({ length: 1_000_000 }, (_, n) => n)
    await withClient(async (client) => {
      for (const run of [
        (options: RunOptions) => client.run(numbers.step(double).filter(none), endless(), options),
        (options: RunOptions) => client.run(numbers.filter(none), endless(), options),
        (options: RunOptions) => client.run(list.step(double).filter(none), { items }, options),
      ]) {
        const controller = new AbortController()
        setTimeout(() => {
          controller.abort(new RangeError('enough'))
        }, 30)
        const options = { signal: controller.signal, deadline: '20s' } as const
        expect(await failureOf(run(options))).toMatchObject({ code: 'CANCELLED' })
        expect(await failureOf(run({ deadline: '30ms' }))).toMatchObject({ code: 'TIMED_OUT' })
      }
    })
  })

  it('gives a task that takes too long back as timed out, and stops it at the node', async () => {
    await using net = await smallNetwork([{ answer: mute }])
    const plan = pipeline('p', { instruction: z.string() }).step(execute, { timeout: '60ms' })
    const error = await failureOf(net.client.run(plan, { instruction: 'x' }))
    expect(error.code).toBe('TIMED_OUT')
    expect(error.message).toContain('node-1 did not finish within 0.1 s')
    await until(() => net.nodes[0]?.cancelled.length === 1)
  })
})

async function* endless() {
  for (let n = 0; ; n++) yield { n }
}
