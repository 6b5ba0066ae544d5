/** NATS request and reply over a queue group: no persistence, at most once. */
import { connect, type Msg } from '@nats-io/transport-node'
import type { Peer, Result, Task } from '../harness/peer.ts'
import { natsMissing, startNats } from './connect/nats.ts'

export const peer: Peer = {
  missing: natsMissing,
  services: startNats,

  async worker({ execute, settings }) {
    const connection = await connect({ servers: String(settings['servers']) })
    const answer = async (message: Msg): Promise<void> => {
      message.respond(JSON.stringify(await execute(message.json<Task>())))
    }
    connection.subscribe('tasks', {
      queue: 'workers',
      callback: (_, message) => void answer(message),
    })
    await connection.flush()
    return { close: () => connection.close() }
  },

  async coordinator({ settings }) {
    const connection = await connect({ servers: String(settings['servers']) })
    return {
      async submit(task) {
        const message = await connection.request('tasks', JSON.stringify(task), { timeout: 30_000 })
        return message.json<Result>()
      },
      close: () => connection.close(),
    }
  },
}
