/** Skein's transport, session and messages alone, without node and client: the floor of `skein`. */
import {
  openSession,
  type Session,
  type SessionHandlers,
  type TaskMessage,
} from '../../packages/protocol/src/index.ts'
import type { Execute, Peer, Result, Task, WorkerAddress } from '../harness/peer.ts'
import { Pool } from '../harness/pool.ts'
import { createNetwork, openTransport } from './connect/skein.ts'

const WORKFLOW = 'f'.repeat(64)

export const peer: Peer = {
  services: createNetwork,

  async worker({ execute, settings }) {
    const transport = await openTransport(settings, { listens: true })
    transport.accept((channel) => {
      const handlers: SessionHandlers = {
        message: (message) => void session.then((open) => answer(message, open, execute)),
        closed: () => undefined,
      }
      const hello = { role: 'node', name: 'bench', agent: 'bench' } as const
      const session = openSession(channel, { hello, handlers })
    })
    return {
      address: String(transport.addresses[0]),
      close: async () => transport[Symbol.asyncDispose](),
    }
  },

  async coordinator({ workers, settings }) {
    const transport = await openTransport(settings, { listens: false })
    const links = await Promise.all(
      workers.map(async (worker) => {
        const signal = AbortSignal.timeout(10_000)
        const channel = await transport.dial(String(worker.address), { signal })
        return new Link(worker, (handlers) => {
          const hello = { role: 'client', name: 'bench', agent: 'bench' } as const
          return openSession(channel, { hello, handlers })
        })
      }),
    )
    const pool = new Pool(links, (link, task) => link.call(task))
    return {
      submit: (task) => pool.submit(task),
      close: async () => transport[Symbol.asyncDispose](),
    }
  },
}

async function answer(message: TaskMessage, session: Session, execute: Execute): Promise<void> {
  if (message.type !== 'assign') return
  const task = JSON.parse(String(message.input['task'])) as Task
  const result = await execute(task)
  session.send({
    type: 'finish',
    task: message.task,
    attempt: message.attempt,
    output: JSON.stringify(result),
    model: result.model,
    usage: { input: 200, output: result.tokens },
    timing: { queueMs: 0, loadMs: 0, promptMs: 0, generateMs: 0 },
    steps: ['answer'],
  })
}

/** One session with a worker, and the tasks that wait for it. */
class Link implements WorkerAddress {
  readonly index: number
  readonly slots: number
  readonly address: string | number
  readonly #session: Promise<Session>
  readonly #waiting = new Map<string, PromiseWithResolvers<Result>>()

  constructor(worker: WorkerAddress, open: (handlers: SessionHandlers) => Promise<Session>) {
    this.index = worker.index
    this.slots = worker.slots
    this.address = worker.address
    this.#session = open({
      message: (message) => this.#hear(message),
      closed: (error) => this.#fail(error ?? new Error('the session ended')),
    })
  }

  async call(task: Task): Promise<Result> {
    const waiter = Promise.withResolvers<Result>()
    this.#waiting.set(task.id, waiter)
    const session = await this.#session
    session.send({
      type: 'assign',
      task: task.id,
      attempt: 1,
      workflow: WORKFLOW,
      input: { task: JSON.stringify(task) },
      models: [task.model],
      timeLeftMs: 60_000,
    })
    return waiter.promise
  }

  #hear(message: TaskMessage): void {
    if (message.type !== 'finish') return
    const result = JSON.parse(String(message.output)) as Result
    this.#waiting.get(message.task)?.resolve(result)
    this.#waiting.delete(message.task)
  }

  #fail(error: Error): void {
    for (const waiter of this.#waiting.values()) waiter.reject(error)
    this.#waiting.clear()
  }
}
