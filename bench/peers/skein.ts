/** The whole way of a task: client → session → node → engine, over libp2p, in a closed network of its own. */
import { createClient, createMemoryStore, type Store } from '../../packages/client/src/index.ts'
import {
  createNode,
  type Engine,
  type GenerateEvent,
  type GenerateRequest,
} from '../../packages/node/src/index.ts'
import { parseWorkflow, workflowFrom } from '../../packages/workflows/src/index.ts'
import type {
  Coordinator,
  CoordinatorContext,
  Execute,
  Peer,
  Result,
  Task,
  Worker,
  WorkerContext,
} from '../harness/peer.ts'
import { createNetwork, openTransport } from './connect/skein.ts'

const MODEL = 'llama3.2:3b'

/** The first line of the prompt is for the engine, which reads nothing else of a task but its prompt. */
const workflow = workflowFrom(
  parseWorkflow({
    version: 1,
    name: 'bench',
    input: {
      id: { type: 'string' },
      n: { type: 'integer' },
      ms: { type: 'number' },
      prompt: { type: 'string' },
    },
    steps: [{ id: 'answer', operator: 'generation', prompt: '{{id}} {{n}} {{ms}}\n{{prompt}}' }],
    edges: [],
    returns: 'answer',
  }),
)

export const peer: Peer = skeinWith(() => createMemoryStore())

/** Skein with that store; runs go on where an earlier process stopped if the store outlives it. */
export function skeinWith(storeIn: (directory: string) => Store): Peer {
  return {
    services: createNetwork,
    worker: serve,
    coordinator: (context) => coordinate(context, storeIn(context.directory)),
  }
}

async function serve({ execute, slots, settings }: WorkerContext): Promise<Worker> {
  const transport = await openTransport(settings, { listens: true })
  const node = await createNode({ transport, engines: [engineOf(execute, slots)] })
  return {
    address: String(transport.addresses[0]),
    async close() {
      await node[Symbol.asyncDispose]()
      await transport[Symbol.asyncDispose]()
    },
  }
}

async function coordinate(
  { workers, settings, resume }: CoordinatorContext,
  store: Store,
): Promise<Coordinator> {
  const transport = await openTransport(settings, { listens: false })
  const addresses = workers.map(({ address }) => String(address))
  const client = createClient({ transport, addresses, store })
  await client.ready(10_000)
  let runs = 0
  return {
    async submit(task) {
      const { output } = await client.run(workflow, inputOf(task))
      return resultOf(output)
    },
    async submitAll(tasks, onResult) {
      const byId = new Map(tasks.map((task) => [task.id, task]))
      const inputs = tasks.values().map(inputOf)
      runs += 1
      const id = `bench-${runs}`
      const run = resume
        ? client.resume(id, workflow, { inputs })
        : client.run(workflow, inputs, { id })
      for await (const output of run.rows()) {
        const result = resultOf(output)
        const task = byId.get(result.id)
        if (task !== undefined) onResult(task, result)
      }
      await run
    },
    close: async () => client[Symbol.asyncDispose](),
  }
}

function inputOf({ id, n, ms, prompt }: Task) {
  return { id, n, ms, prompt }
}

/** What the engine reads of its prompt. */
function taskOf(text: string): Task {
  const end = text.indexOf('\n')
  const [id = '', n, ms] = text.slice(0, end).split(' ')
  return { id, n: Number(n), ms: Number(ms), model: MODEL, prompt: text.slice(end + 1) }
}

/** The answer of the engine: what is not the model's text stands in its first line. */
function textOf({ id, worker, tokens, text }: Result): string {
  return `${id} ${worker} ${tokens}\n${text}`
}

function resultOf(output: unknown): Result {
  const answer = String(output)
  const end = answer.indexOf('\n')
  const [id = '', worker, tokens] = answer.slice(0, end).split(' ')
  const text = answer.slice(end + 1)
  return { id, text, model: MODEL, worker: Number(worker), tokens: Number(tokens) }
}

/** The harness's engine behind the node's port to model servers. */
function engineOf(execute: Execute, slots: number): Engine {
  return {
    id: 'bench',
    kind: 'scripted',
    probe: async () => ({ reachable: true, server: 'bench', problems: [] }),
    models: async () => [
      { name: MODEL, contextLength: 8192, slots, remote: false, capabilities: ['chat'] },
    ],
    generate: (request) => generate(execute, request),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

async function* generate(
  execute: Execute,
  { messages }: GenerateRequest,
): AsyncGenerator<GenerateEvent> {
  const result = await execute(taskOf(messages.at(-1)?.content ?? ''))
  yield { type: 'text', text: textOf(result) }
  yield {
    type: 'finish',
    reason: 'stop',
    usage: { input: 200, output: result.tokens },
    timing: { queueMs: 0, loadMs: 0, promptMs: 0, generateMs: 0 },
  }
}
