/** One long-lived libp2p stream per worker; the frames of one turn of the event loop leave as one write. */
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { Caller, createAnswerer } from '../../harness/frames.ts'
import type { Peer } from '../../harness/peer.ts'
import { Pool } from '../../harness/pool.ts'
import { addressOf, createHost, PROTOCOL } from './libp2p.ts'

export function longStreamPeer({ encrypted }: { readonly encrypted: boolean }): Peer {
  return {
    async worker({ execute }) {
      const host = await createHost({ listens: true, encrypted })
      await host.handle(PROTOCOL, (stream) => {
        onBytes(
          stream,
          createAnswerer(execute, (bytes) => stream.send(bytes)),
        )
      })
      return { address: addressOf(host), close: async () => host.stop() }
    },

    async coordinator({ workers }) {
      const host = await createHost({ listens: false, encrypted })
      const links = await Promise.all(
        workers.map(async (worker) => {
          const stream = await host.dialProtocol(multiaddr(String(worker.address)), PROTOCOL)
          const caller = new Caller((bytes) => stream.send(bytes))
          onBytes(stream, caller.take)
          stream.addEventListener('close', () => caller.fail(new Error('the stream closed')))
          return { ...worker, caller }
        }),
      )
      const pool = new Pool(links, ({ caller }, task) => caller.call(task))
      return { submit: (task) => pool.submit(task), close: async () => host.stop() }
    },
  }
}

function onBytes(stream: Stream, take: (bytes: Buffer) => void): void {
  stream.addEventListener('message', ({ data }) => {
    const bytes = data.subarray()
    take(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  })
}
