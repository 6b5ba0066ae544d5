/** A JetStream work queue on file storage: publish, pull at most `slots` unacknowledged, acknowledge after the result. */
import {
  AckPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JsMsg,
} from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Peer, Result, Settings, Task } from '../harness/peer.ts'
import { natsMissing, startNats } from './connect/nats.ts'

/** Messages published before the server's acknowledgements are awaited. */
const BULK = 500

interface Order {
  readonly task: Task
  /** Where the result goes. */
  readonly inbox: string
}

export const peer: Peer = {
  missing: natsMissing,

  async services(directory) {
    const services = await startNats(directory)
    const connection = await open(services.settings)
    const manager = await jetstreamManager(connection)
    await manager.streams.add({
      name: 'TASKS',
      subjects: ['tasks'],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.File,
    })
    await manager.consumers.add('TASKS', {
      durable_name: 'workers',
      ack_policy: AckPolicy.Explicit,
      max_ack_pending: 10_000,
    })
    await connection.close()
    return services
  },

  async worker({ execute, settings, slots }) {
    const connection = await open(settings)
    const consumer = await jetstream(connection).consumers.get('TASKS', 'workers')
    const messages = await consumer.consume({ max_messages: slots })
    const answer = async (message: JsMsg): Promise<void> => {
      const { task, inbox } = message.json<Order>()
      connection.publish(inbox, JSON.stringify(await execute(task)))
      message.ack()
    }
    void forEach(messages, { slots, answer })
    return { close: () => connection.close() }
  },

  async coordinator({ settings }) {
    const connection = await open(settings)
    const stream = jetstream(connection)
    const inbox = `results.${process.pid}`
    const waiting = new Map<string, (result: Result) => void>()
    connection.subscribe(inbox, {
      callback: (_, message) => {
        const result = message.json<Result>()
        waiting.get(result.id)?.(result)
        waiting.delete(result.id)
      },
    })
    await connection.flush()
    const result = (task: Task): Promise<Result> =>
      new Promise((resolve) => waiting.set(task.id, resolve))
    const publish = (task: Task) => stream.publish('tasks', JSON.stringify({ task, inbox }))
    return {
      async submit(task) {
        const answer = result(task)
        await publish(task)
        return answer
      },
      async submitAll(tasks, onResult) {
        const all = tasks.map(async (task) => onResult(task, await result(task)))
        for (let start = 0; start < tasks.length; start += BULK) {
          await Promise.all(tasks.slice(start, start + BULK).map(publish))
        }
        await Promise.all(all)
      },
      close: () => connection.close(),
    }
  },
}

/** Answers messages, `slots` at a time. */
async function forEach(
  messages: AsyncIterable<JsMsg>,
  { slots, answer }: { readonly slots: number; readonly answer: (message: JsMsg) => Promise<void> },
): Promise<void> {
  let free = slots
  let wake: (() => void) | undefined
  for await (const message of messages) {
    if (free === 0) await new Promise<void>((resolve) => (wake = resolve))
    free -= 1
    void answer(message).finally(() => {
      free += 1
      wake?.()
    })
  }
}

function open(settings: Settings) {
  return connect({ servers: String(settings['servers']) })
}
