/** A NATS server with JetStream on file storage. */
import { join } from 'node:path'
import type { Services } from '../../harness/peer.ts'
import { findProgram, freePort, startService, untilListening } from '../../harness/services.ts'

export function natsMissing(): string | undefined {
  return program() === undefined
    ? 'nats-server is not installed (Debian: apt-get install nats-server)'
    : undefined
}

export async function startNats(directory: string): Promise<Services> {
  const port = await freePort()
  const where = ['-a', '127.0.0.1', '-p', String(port)]
  const service = startService(program() ?? '', [...where, '-js', '-sd', join(directory, 'nats')])
  await untilListening(port)
  return { list: [service], settings: { servers: `nats://127.0.0.1:${port}` } }
}

function program(): string | undefined {
  return findProgram('/usr/sbin/nats-server', '/usr/bin/nats-server', '/usr/local/bin/nats-server')
}
