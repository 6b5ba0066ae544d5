import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Services } from '../../harness/peer.ts'
import { findProgram, freePort, startService, untilListening } from '../../harness/services.ts'

const INSTALLED = '/usr/lib/postgresql'

export function missingPostgres(): string | undefined {
  return programs() === undefined
    ? 'PostgreSQL is not installed (Debian: apt-get install postgresql)'
    : undefined
}

/** A fresh PostgreSQL cluster with its default durability: fsync and synchronous_commit on. */
export async function startPostgres(): Promise<Services> {
  const bin = programs() ?? ''
  const port = await freePort()
  // Not under the cell's own folder: the account that PostgreSQL insists on may not enter it.
  const data = `/tmp/skein-bench-postgres-${process.pid}-${port}`
  const account = accountOf()
  mkdirSync(data, { mode: 0o700 })
  if ('uid' in account) chownSync(data, account.uid, account.gid)
  const options = { ...account, cwd: '/tmp' }
  const cluster = ['-D', data, '-U', 'bench', '-A', 'trust', '--no-locale', '-E', 'UTF8']
  execFileSync(join(bin, 'initdb'), cluster, { ...options, stdio: 'ignore' })
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=']
  const sizes = ['max_connections=300', 'shared_buffers=256MB']
  const flags = [...settings, ...sizes].flatMap((setting) => ['-c', setting])
  const service = startService(join(bin, 'postgres'), ['-D', data, '-p', `${port}`, ...flags], {
    ...options,
    // Smart shutdown, which SIGTERM asks for, would wait for the clients.
    signal: 'SIGINT',
  })
  await untilListening(port)
  await untilReady(bin, port)
  const stop = async (): Promise<void> => {
    await service.stop()
    rmSync(data, { recursive: true, force: true })
  }
  const url = `postgresql://bench@127.0.0.1:${port}/postgres`
  return { list: [{ ...service, stop }], settings: { url } }
}

async function untilReady(bin: string, port: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      execFileSync(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', `${port}`])
      return
    } catch (error) {
      if (tries > 100) throw error
      await delay(100)
    }
  }
}

/** The folder of the newest version that is installed. */
function programs(): string | undefined {
  if (findProgram(INSTALLED) === undefined) return undefined
  const folders = readdirSync(INSTALLED).map((version) => join(INSTALLED, version, 'bin'))
  return folders.toSorted().findLast((folder) => findProgram(join(folder, 'initdb')))
}

/** PostgreSQL refuses to run as root. */
function accountOf(): { readonly uid: number; readonly gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {}
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function idOf(flag: string): number {
  return Number(execFileSync('id', [flag, 'postgres']).toString())
}
