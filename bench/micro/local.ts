/** A task's whole way in one process, without a network: client, session, node and an engine that answers at once. */
import { createClient } from '../../packages/client/src/index.ts'
import { createNode, type Engine, type GenerateEvent } from '../../packages/node/src/index.ts'
import { createMemoryNetwork } from '../../packages/protocol/src/index.ts'
import { parseWorkflow, workflowFrom } from '../../packages/workflows/src/index.ts'
import { makeTasks, reply } from '../harness/tasks.ts'
import type { Case } from './measure.ts'

const SLOTS = 64

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
const client = createClient({
  transport: network.transport('client'),
  addresses: transport.addresses,
})
await client.ready()

export const cases: readonly Case[] = [
  {
    name: 'one task of a run',
    async run(times) {
      const inputs = Array.from({ length: times }, () => ({ task: prompt }))
      for await (const _ of client.run(workflow, inputs).rows());
    },
  },
]
