/** Plain HTTP fan-out, as load balancers before Ollama do it: undici to node:http, JSON in, JSON out. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool as Connections } from 'undici'
import type { Execute, Peer, Result, Task } from '../../harness/peer.ts'
import { Pool } from '../../harness/pool.ts'

const HEADERS = { 'content-type': 'application/json' }

export function httpPeer(policy: 'least-loaded' | 'round-robin'): Peer {
  return {
    async worker({ execute }) {
      const server = createServer((request, response) => void answer(execute, request, response))
      server.keepAliveTimeout = 60_000
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return {
        address: (server.address() as AddressInfo).port,
        close: async () => server.closeAllConnections(),
      }
    },

    async coordinator({ workers }) {
      const links = workers.map((worker) => ({
        ...worker,
        connections: new Connections(`http://127.0.0.1:${worker.address}`, {
          connections: Math.max(64, worker.slots),
        }),
      }))
      const pool = new Pool(links, ({ connections }, task) => ask(connections, task), policy)
      return {
        submit: (task) => pool.submit(task),
        async close() {
          await Promise.all(links.map(({ connections }) => connections.destroy()))
        },
      }
    },
  }
}

async function ask(connections: Connections, task: Task): Promise<Result> {
  const { body } = await connections.request({
    path: '/api/generate',
    method: 'POST',
    headers: HEADERS,
    body: JSON.stringify(task),
  })
  return (await body.json()) as Result
}

async function answer(
  execute: Execute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const result = await execute(JSON.parse(Buffer.concat(parts).toString()) as Task)
  const body = JSON.stringify(result)
  response.writeHead(200, { ...HEADERS, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
