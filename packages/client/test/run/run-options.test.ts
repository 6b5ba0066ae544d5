import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type Client, type Pipeline, type ResumeOptions } from '../../src/index.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf } from '../waiting.ts'
import { execute } from '../workflows.ts'
import { writer } from '../writers.ts'

type Texts = Pipeline<{ readonly text: string }, string>
type Input = { readonly text: string }

/** A way to have the plan run on these inputs. */
type Way = (
  client: Client,
  plan: Texts,
  inputs: readonly Input[],
) => Promise<(options: ResumeOptions<Input>) => PromiseLike<{ readonly output: unknown }>>

/** A run that has ended before anything of it was done. */
async function nothingDone(client: Client, plan: Texts, inputs: readonly Input[]): Promise<string> {
  const { result } = await failureOf(client.run(plan, inputs, { signal: AbortSignal.abort() }))
  return result.id
}

const WAYS: readonly [string, Way][] = [
  [
    'run',
    (client, plan, inputs) => Promise.resolve((options) => client.run(plan, inputs, options)),
  ],
  [
    'resume',
    async (client, plan, inputs) => {
      const id = await nothingDone(client, plan, inputs)
      return (options) => client.resume(id, plan, options)
    },
  ],
  [
    'rerun',
    async (client, plan, inputs) => {
      const id = await nothingDone(client, plan, inputs)
      return (options) => client.rerun(id, plan, options)
    },
  ],
]

const text = { input: z.string(), output: z.string() }
const start = pipeline('p', { text: z.string() }).map((row) => row.text)
const waits = step({
  name: 'waits',
  ...text,
  run: async (given, { signal }) => {
    await once(signal, 'abort')
    return given
  },
})
const inputs = Array.from({ length: 6 }, (_, n) => ({ text: `${n}` }))

describe.each(WAYS)('options of %s', (_, way) => {
  it('[F24] concurrency: so many rows are in steps at the same time, and no more', async () => {
    await using net = await smallNetwork([])
    let running = 0
    let most = 0
    const counted = step({
      name: 'counted',
      ...text,
      run: async (given) => {
        most = Math.max(most, (running += 1))
        await new Promise(setImmediate)
        running -= 1
        return given
      },
    })
    const go = await way(net.client, start.step(counted), inputs)
    expect((await go({ concurrency: 2 })).output).toHaveLength(6)
    expect(most).toBe(2)
  })

  it('[F24] signal: it cancels the run', async () => {
    await using net = await smallNetwork([])
    const go = await way(net.client, start.step(waits), inputs)
    const controller = new AbortController()
    const failed = failureOf(go({ signal: controller.signal }))
    controller.abort(new RangeError('enough'))
    expect(await failed).toMatchObject({ code: 'CANCELLED', message: 'cancelled: enough' })
  })

  it('[F24] deadline: the run is cancelled after that time', async () => {
    await using net = await smallNetwork([])
    const go = await way(net.client, start.step(waits), inputs)
    expect(await failureOf(go({ deadline: 5 }))).toMatchObject({ code: 'TIMED_OUT' })
  })

  it.each([true, '1h'] as const)(
    '[F24] waitForNodes: %s: it outlives a run that does not wait',
    async (waitForNodes) => {
      await using net = await smallNetwork([{ models: ['a'], answer: writer }], { graceMs: 10 })
      const plan = start.step(execute, { models: ['c'] })
      const go = await way(net.client, plan, [{ text: 'x' }])
      const patient = go({ waitForNodes })
      await failureOf(net.client.run(plan, { text: 'y' }))
      net.nodes[0]?.offer({ models: ['a', 'c'] })
      expect((await patient).output).toEqual(['did x'])
    },
  )

  it('[F24] trace: each task comes with what its steps asked', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    const go = await way(net.client, start.step(execute), [{ text: 'x' }])
    expect(await go({ trace: true })).toMatchObject({ tasks: [{ trace: [{ step: 'answer' }] }] })
  })
})
