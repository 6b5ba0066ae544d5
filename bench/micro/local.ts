/** A task's whole way in one process, without a network: client, session, node and an engine that answers at once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  createClient,
  createMemoryStore,
  createSqliteStore,
  type Client,
  type Store,
} from '../../packages/client/src/index.ts'
import { createNode, type Engine, type GenerateEvent } from '../../packages/node/src/index.ts'
import { createMemoryNetwork } from '../../packages/protocol/src/index.ts'
import { parseWorkflow, workflowFrom } from '../../packages/workflows/src/index.ts'
import { makeTasks, reply } from '../harness/tasks.ts'
import type { Case } from './measure.ts'

const SLOTS = 64

/** Runs under way at once: as many callers wait for one each. */
const CALLERS = 16

const [task] = makeTasks({ scenario: 'noop', workers: 1, scale: 0.0001 })
if (task === undefined) throw new Error('no task')
const prompt = JSON.stringify(task)
const answer = JSON.stringify(reply(task, 0))

const workflow = workflowFrom(
  parseWorkflow({
    version: 1,
    name: 'bench',
    input: { task: { type: 'string' } },
    steps: [{ id: 'answer', operator: 'generation', prompt: '{{task}}' }],
    edges: [],
    returns: 'answer',
  }),
)

const engine: Engine = {
  id: 'bench',
  kind: 'scripted',
  probe: async () => ({ reachable: true, server: 'bench', problems: [] }),
  models: async () => [
    { name: 'bench', contextLength: 8192, slots: SLOTS, remote: false, capabilities: ['chat'] },
  ],
  generate,
  [Symbol.asyncDispose]: async () => undefined,
}

async function* generate(): AsyncGenerator<GenerateEvent> {
  yield { type: 'text', text: answer }
  yield {
    type: 'finish',
    reason: 'stop',
    usage: { input: 200, output: 212 },
    timing: { queueMs: 0, loadMs: 0, promptMs: 0, generateMs: 0 },
  }
}

const network = createMemoryNetwork()
const transport = network.transport('node')
await createNode({ transport, engines: [engine] })
const folder = mkdtempSync(path.join(tmpdir(), 'skein-bench-'))
process.once('exit', () => {
  rmSync(folder, { recursive: true, force: true })
})
const inMemory = await connect(createMemoryStore())
const onDisk = await connect(createSqliteStore(path.join(folder, 'runs.db')))

async function connect(store: Store): Promise<Client> {
  const client = createClient({
    transport: network.transport(),
    addresses: transport.addresses,
    store,
  })
  await client.ready()
  return client
}

async function runAll(client: Client, times: number): Promise<void> {
  const inputs = Array.from({ length: times }, () => ({ task: prompt }))
  for await (const _ of client.run(workflow, inputs).rows());
}

/** A run of its own for each. */
async function runEach(client: Client, times: number): Promise<void> {
  let left = times
  const caller = async () => {
    while (left-- > 0) await client.run(workflow, { task: prompt })
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
}

export const cases: readonly Case[] = [
  { name: 'one task of a run', run: (times) => runAll(inMemory, times) },
  { name: 'one task of a run, on disk', run: (times) => runAll(onDisk, times) },
  { name: 'one run of one task, of 16 at once', run: (times) => runEach(inMemory, times) },
  { name: 'one run of one task, of 16 at once, on disk', run: (times) => runEach(onDisk, times) },
]
