/**
 * What one task costs the client: 10,000 rows of 1 KB through a pipeline, with stub nodes in this process.
 * The stubs and the bytes between them are measured by themselves and taken off.
 *
 *     node --conditions=@skein/source packages/client/bench/hot-path.ts
 */
import process, { cpuUsage, stdout } from 'node:process'
import {
  createMemoryNetwork,
  openSession,
  type Channel,
  type MessageOf,
  type Session,
} from '@skein/protocol'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'
import { createClient, createMemoryStore, pipeline } from '../../src/index.ts'
import { Kernel } from '../../src/run/kernel.ts'
import { Cancellation } from '../../src/cancellation.ts'
import { policyOf } from '../../src/plan/policy.ts'
import { systemClock } from '@skein/protocol'

const ROWS = 10_000
const NODES = 4
const TEXT = 'a thousand characters of text '.repeat(33)

const ask = new WorkflowBuilder('ask', { prompt: z.string() })
  .generativeStep({ id: 'answer', prompt: '{{prompt}}' })
  .setReturnValue('answer')
  .build()

type Network = ReturnType<typeof createMemoryNetwork>

function stub(network: Network, name: string): string {
  const transport = network.transport(name)
  transport.accept((channel) => {
    void serve(channel, name)
  })
  return transport.addresses[0] ?? ''
}

async function serve(channel: Channel, name: string): Promise<void> {
  const session: Session = await openSession(channel, {
    hello: { role: 'node', name, agent: 'stub' },
    handlers: {
      closed: () => {},
      message: (message) => {
        if (message.type === 'assign') session.send(finishOf(message))
      },
    },
  })
  session.send({
    type: 'offer',
    draining: false,
    models: [{ name: 'm', contextLength: 4096, slots: 64, credits: 128, capabilities: ['chat'] }],
  })
}

function finishOf({ task, attempt }: MessageOf<'assign'>): MessageOf<'finish'> {
  return {
    type: 'finish',
    task,
    attempt,
    output: TEXT,
    model: 'm',
    usage: { input: 200, output: 212 },
    timing: { queueMs: 0, loadMs: 0, promptMs: 0.1, generateMs: 0.2 },
    steps: ['answer'],
  }
}

async function measure(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.()
  const before = cpuUsage()
  await work()
  const { user, system } = cpuUsage(before)
  return (user + system) / ROWS
}

/** The same messages with nothing of ours around them but the session. */
async function bare(network: Network, addresses: readonly string[]): Promise<() => Promise<void>> {
  const transport = network.transport(`bare-${Math.random()}`)
  let left = 0
  let done = Promise.withResolvers<undefined>()
  let next = 0
  const sessions: Session[] = []
  const send = (session: Session): void => {
    if (next >= ROWS) return
    const task = `mwqcidkrqjj51/${next++}/ask`
    session.send({
      type: 'assign',
      task,
      attempt: 1,
      workflow: ask.id,
      input: { prompt: TEXT },
      models: ['m'],
      seed: 1,
      timeLeftMs: 600_000,
    })
  }
  for (const address of addresses) {
    const channel = await transport.dial(address, { signal: new AbortController().signal })
    const session: Session = await openSession(channel, {
      hello: { role: 'client', name: 'bare', agent: 'bare' },
      handlers: {
        closed: () => {},
        message: (message) => {
          if (message.type !== 'finish') return
          session.send({ type: 'acknowledge', task: message.task, attempt: message.attempt })
          if (--left === 0) done.resolve(undefined)
          send(session)
        },
      },
    })
    sessions.push(session)
  }
  return async () => {
    left = ROWS
    next = 0
    done = Promise.withResolvers()
    for (const session of sessions) for (let i = 0; i < 128; i++) send(session)
    await done.promise
  }
}

async function kernelCost(): Promise<number> {
  const journal = await createMemoryStore().open('run')
  const kernel = new Kernel({ journal, clock: systemClock, random: Math.random })
  const policy = policyOf({}, 'bench')
  const cancellation = new Cancellation()
  const origin = { node: 'local', peer: '', model: '', tokens: { input: 0, output: 0 }, ms: 0 }
  const execute = () => Promise.resolve({ ok: true as const, output: TEXT, origin })
  const input = Object.freeze({ prompt: TEXT })
  return measure(async () => {
    for (let i = 0; i < ROWS; i++) {
      const key = `${i}/ask`
      await kernel.call({
        key,
        definition: 'x',
        input,
        policy,
        cancellation,
        execute,
        fallback: undefined,
      })
    }
  })
}

const network = createMemoryNetwork()
const addresses = Array.from({ length: NODES }, (_, i) => stub(network, `stub-${i}`))
const client = createClient({ transport: network.transport('client'), addresses })
await client.ready()
const plan = pipeline('bench', { prompt: z.string() }).step(ask)
const inputs = Array.from({ length: ROWS }, (_, i) => ({ prompt: `${i} ${TEXT}` }))
const run = async (): Promise<void> => {
  const { stats } = await client.run(plan, inputs)
  if (stats.done !== ROWS) throw new RangeError(`only ${stats.done} rows were done`)
}
const bareRun = await bare(network, addresses)
const figures: { whole: number; bare: number; kernel: number }[] = []
for (let round = 0; round < 6; round++) {
  figures.push({
    whole: await measure(run),
    bare: await measure(bareRun),
    kernel: await kernelCost(),
  })
}
const median = (pick: (figure: (typeof figures)[number]) => number): string =>
  (
    figures
      .slice(1)
      .map(pick)
      .toSorted((a, b) => a - b)[2] ?? 0
  ).toFixed(1)
stdout.write(`µs of CPU per task, medians of ${figures.length - 1} rounds after one to warm up
  client, bytes and stub nodes  ${median(({ whole }) => whole)}
  bytes and stub nodes alone    ${median(({ bare: alone }) => alone)}
  client without its bytes      ${median(({ whole, bare: alone }) => whole - alone)}
  a kernel call, in memory      ${median(({ kernel }) => kernel)}
`)
await client[Symbol.asyncDispose]()
process.exit()
