/** What scheduling one task costs, from its submission to its settlement, without any network. */
import { Scheduler } from '../../packages/client/src/scheduler/scheduler.ts'
import type { Lease, TaskRequest } from '../../packages/client/src/scheduler/task.ts'
import type { MessageOf } from '../../packages/protocol/src/index.ts'
import type { Case } from './measure.ts'

const SLOTS = 4
/** Tasks submitted at once. */
const BATCH = 1_000

function scheduling(nodes: number): Case {
  return {
    name: `one task, ${nodes} nodes`,
    aimUs: 10,
    run(times) {
      for (let left = times; left > 0; left -= BATCH) scheduleTasks(nodes, Math.min(BATCH, left))
    },
  }
}

/** The nodes are made once for each number of them; their tasks all end in the order they were sent. */
const networks = new Map<number, Network>()

interface Network {
  readonly scheduler: Scheduler<TaskRequest>
  readonly sent: Lease[]
  count: number
}

function scheduleTasks(nodes: number, tasks: number): void {
  const network = networks.get(nodes) ?? createNetwork(nodes)
  networks.set(nodes, network)
  const { scheduler, sent } = network
  for (let n = 0; n < tasks; n += 1) scheduler.submit(request((network.count += 1)))
  for (let at = 0; at < sent.length; at += 1) {
    const lease = sent[at]
    if (lease !== undefined) scheduler.finished(lease.node, finish(lease))
  }
  sent.length = 0
}

function createNetwork(nodes: number): Network {
  const sent: Lease[] = []
  const scheduler = new Scheduler<TaskRequest>(
    { now: () => performance.now(), random: () => 0.5 },
    {
      assign: (lease) => sent.push(lease),
      cancel: () => undefined,
      acknowledge: () => undefined,
      settle: () => undefined,
      returned: () => undefined,
    },
  )
  const models = [
    {
      name: 'llama3.2:3b',
      contextLength: 8192,
      slots: SLOTS,
      credits: SLOTS + 2,
      capabilities: [],
    },
  ]
  for (let n = 0; n < nodes; n += 1) {
    scheduler.nodeJoined(`node-${n}`, `node ${n}`)
    scheduler.offered(`node-${n}`, { models, draining: false })
  }
  return { scheduler, sent, count: 0 }
}

function request(count: number): TaskRequest {
  return {
    id: `task-${count}`,
    run: 'run',
    workflow: 'f'.repeat(64),
    models: ['llama3.2:3b'],
    attemptsBefore: 0,
    timeoutMs: 60_000,
    waitMs: 0,
  }
}

function finish({ task, attempt }: Lease): MessageOf<'finish'> {
  return {
    type: 'finish',
    task,
    attempt,
    output: 'text',
    model: 'llama3.2:3b',
    usage: { input: 200, output: 212 },
    timing: { queueMs: 0, loadMs: 0, promptMs: 10, generateMs: 1_000 },
    steps: ['answer'],
  }
}

export const cases: readonly Case[] = [scheduling(4), scheduling(100), scheduling(1_000)]
