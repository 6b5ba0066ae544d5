/**
 * What one process of `run.ts` does, as its arguments say:
 *
 *     rows N [FILE]          N rows through scatter → step → aggregate({ by }), with its journal in memory or in FILE
 *     record N FILE          N - 1 of N tasks, recorded in FILE; then the process dies
 *     resume N FILE          takes that run up, and ends when the first new task begins
 *
 * The answers are those of a scripted engine, on a node in the same process. It prints JSON.
 */
import {
  createClient,
  createMemoryStore,
  createSqliteStore,
  plans,
  type Client,
} from '../../packages/client/src/index.ts'
import { createNode, createScriptedEngine } from '../../packages/node/src/index.ts'
import { createMemoryNetwork } from '../../packages/protocol/src/index.ts'

/** What a process found out. */
export interface Found {
  /** From the beginning of the run to its end, or to the task that was waited for. */
  readonly ms: number
  readonly cpuMs: number
  /** The largest heap that was seen while it ran, in MB. */
  readonly heapMb: number
}

/** Rows of each input. */
const SCATTERED = 100
const LOOK_MS = 20
const RUN = 'scale'

const workflow = {
  version: 1,
  name: 'answer',
  input: { number: { type: 'integer' } },
  steps: [{ id: 'answer', operator: 'generation', prompt: 'What of {{number}}?' }],
  edges: [],
  returns: 'answer',
}

const scattered = plans.fromJson(
  {
    pipeline: 'scattered',
    input: { number: { type: 'array', items: { type: 'integer' } } },
    steps: [{ scatter: 'number' }, { workflow, as: 'answer' }, { aggregate: true, by: 'answer' }],
  },
  {},
)

const single = plans.fromJson(
  { pipeline: 'single', input: { number: { type: 'integer' } }, steps: [{ workflow }] },
  {},
)

const [task = '', count = '', file] = process.argv.slice(2)
const wanted = Number(count)
const programs: Readonly<Record<string, () => Promise<Found>>> = { rows, record, resume }
const found = await programs[task]?.()
console.log(JSON.stringify(found))
process.exit()

async function rows(): Promise<Found> {
  const client = await open((prompt) => `of group ${numberIn(prompt) % 50}`)
  await client.run(scattered, inputsOf(Math.min(wanted, 2000)))
  return measured(async () => {
    const { output } = await client.run(scattered, inputsOf(wanted))
    if (!Array.isArray(output) || output.flat(2).length !== wanted)
      throw new Error('rows are missing')
  })
}

async function record(): Promise<Found> {
  const client = await open(() => 'an answer')
  const run = client.run(single, endless(), { id: RUN })
  while (run.status().rows < wanted - 1) await pause()
  await pause()
  return { ms: 0, cpuMs: 0, heapMb: 0 }
}

/** All inputs but the last, which never comes. */
async function* endless(): AsyncGenerator<{ number: number }> {
  for (let number = 0; number < wanted - 1; number += 1) yield { number }
  await new Promise(() => {})
}

async function resume(): Promise<Found> {
  const { promise: last, resolve } = Promise.withResolvers<void>()
  const client = await open(() => {
    resolve()
    return 'an answer'
  })
  const inputs = Array.from({ length: wanted }, (_, number) => ({ number }))
  return measured(async () => {
    const run = client.resume(RUN, single, { inputs })
    await Promise.race([last, run])
  })
}

/** A client beside a node whose engine answers so. */
async function open(answer: (prompt: string) => string): Promise<Client> {
  const network = createMemoryNetwork()
  const engine = createScriptedEngine({
    slots: 256,
    answer: ({ messages }) => answer(messages.at(-1)?.content ?? ''),
  })
  await createNode({ transport: network.transport('node'), engines: [engine] })
  const store = file === undefined ? createMemoryStore() : createSqliteStore(file)
  const client = createClient({ transport: network.transport('client'), store })
  await client.ready(10_000)
  return client
}

function* inputsOf(rowCount: number): Generator<{ number: number[] }> {
  for (let from = 0; from < rowCount; from += SCATTERED) {
    yield {
      number: Array.from({ length: Math.min(SCATTERED, rowCount - from) }, (_, i) => from + i),
    }
  }
}

function numberIn(prompt: string): number {
  return Number(prompt.slice('What of '.length, -1))
}

async function measured(work: () => Promise<void>): Promise<Found> {
  globalThis.gc?.()
  let heap = 0
  const timer = setInterval(() => {
    heap = Math.max(heap, process.memoryUsage().heapUsed)
  }, LOOK_MS)
  const start = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  clearInterval(timer)
  return {
    ms: performance.now() - start,
    cpuMs: (user + system) / 1000,
    heapMb: heap / 1e6,
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}
