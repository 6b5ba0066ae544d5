/** The floor of a star over sockets in Node: length-prefixed JSON, batched writes, no protocol. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { Caller, createAnswerer } from '../harness/frames.ts'
import type { Peer } from '../harness/peer.ts'
import { Pool } from '../harness/pool.ts'

export const peer: Peer = {
  // Nothing is kept: everything runs again.
  resumes: true,

  async worker({ execute }) {
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on(
        'data',
        createAnswerer(execute, (bytes) => socket.write(bytes)),
      )
      socket.on('error', () => socket.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      address: (server.address() as AddressInfo).port,
      close: async () => void server.close(),
    }
  },

  async coordinator({ workers }) {
    const links = await Promise.all(
      workers.map(async (worker) => {
        const socket = connect({ port: Number(worker.address), host: '127.0.0.1', noDelay: true })
        await once(socket, 'connect')
        const caller = new Caller((bytes) => socket.write(bytes))
        socket.on('data', caller.take)
        socket.on('error', () => socket.destroy())
        socket.on('close', () => caller.fail(new Error('the connection closed')))
        return { ...worker, caller, socket }
      }),
    )
    const pool = new Pool(links, ({ caller }, task) => caller.call(task))
    return {
      submit: (task) => pool.submit(task),
      async close() {
        for (const { socket } of links) socket.destroy()
      },
    }
  },
}
