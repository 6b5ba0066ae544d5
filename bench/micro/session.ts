/** What a task's two messages of 1 KB cost both sides of a session together, without a network between them. */
import {
  createMemoryNetwork,
  openSession,
  type Session,
  type TaskMessage,
} from '../../packages/protocol/src/index.ts'
import { makeTasks, reply } from '../harness/tasks.ts'
import type { Case } from './measure.ts'

const IN_FLIGHT = 64

const [task] = makeTasks({ scenario: 'noop', workers: 1, scale: 0.0001 })
if (task === undefined) throw new Error('no task')
const prompt = JSON.stringify(task)
const answer = JSON.stringify(reply(task, 0))

const network = createMemoryNetwork()
const node = network.transport('node')
const client = network.transport('client')

let onFinish: () => void = () => undefined
node.accept((channel) => {
  const session: Promise<Session> = openSession(channel, {
    hello: { role: 'node', name: 'node', agent: 'bench' },
    handlers: {
      message: (message) => void session.then((open) => finish(open, message)),
      closed: () => undefined,
    },
  })
})
const channel = await client.dial(String(node.addresses[0]), {
  signal: AbortSignal.timeout(5_000),
})
const session = await openSession(channel, {
  hello: { role: 'client', name: 'client', agent: 'bench' },
  handlers: { message: () => onFinish(), closed: () => undefined },
})

function finish(open: Session, message: TaskMessage): void {
  if (message.type !== 'assign') return
  open.send({
    type: 'finish',
    task: message.task,
    attempt: message.attempt,
    output: answer,
    model: 'llama3.2:3b',
    usage: { input: 200, output: 212 },
    timing: { queueMs: 0.25, loadMs: 0, promptMs: 12.5, generateMs: 1042.75 },
    steps: ['answer'],
  })
}

function assign(n: number): void {
  session.send({
    type: 'assign',
    task: `task-${n}`,
    attempt: 1,
    workflow: 'f'.repeat(64),
    input: { task: prompt },
    models: ['llama3.2:3b'],
    timeLeftMs: 60_000,
  })
}

function exchange(times: number): Promise<void> {
  return new Promise((resolve) => {
    let sent = Math.min(IN_FLIGHT, times)
    let finished = 0
    onFinish = () => {
      finished += 1
      if (finished === times) resolve()
      else if (sent < times) assign((sent += 1))
    }
    for (let n = 0; n < sent; n += 1) assign(n)
  })
}

export const cases: readonly Case[] = [
  { name: `assign and finish, ${IN_FLIGHT} in flight`, run: exchange },
]
