/** A fresh libp2p stream per task, as most libp2p programs do it: why Skein does not. */
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createDeframer } from '../harness/frames.ts'
import type { Peer, Result, Task } from '../harness/peer.ts'
import { Pool } from '../harness/pool.ts'
import { addressOf, createHost, PROTOCOL } from './connect/libp2p.ts'

export const peer: Peer = {
  async worker({ execute }) {
    const host = await createHost({ listens: true, encrypted: true })
    await host.handle(
      PROTOCOL,
      async (stream) => {
        const task = (await receive(stream)) as Task
        send(stream, await execute(task))
        await stream.close()
      },
      { maxInboundStreams: 10_000 },
    )
    return { address: addressOf(host), close: async () => host.stop() }
  },

  async coordinator({ workers }) {
    const host = await createHost({ listens: false, encrypted: true })
    const links = await Promise.all(
      workers.map(async (worker) => ({
        ...worker,
        connection: await host.dial(multiaddr(String(worker.address))),
      })),
    )
    const pool = new Pool(links, async ({ connection }, task) => {
      const stream = await connection.newStream(PROTOCOL, { maxOutboundStreams: 10_000 })
      const result = receive(stream)
      send(stream, task)
      await stream.close()
      return (await result) as Result
    })
    return { submit: (task) => pool.submit(task), close: async () => host.stop() }
  },
}

function send(stream: Stream, message: unknown): void {
  const body = Buffer.from(JSON.stringify(message))
  const head = Buffer.allocUnsafe(4)
  head.writeUInt32BE(body.length)
  stream.send(Buffer.concat([head, body]))
}

function receive(stream: Stream): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const take = createDeframer(resolve)
    stream.addEventListener('message', ({ data }) => take(Buffer.from(data.subarray())))
    stream.addEventListener('close', () => reject(new Error('the stream closed')))
  })
}
