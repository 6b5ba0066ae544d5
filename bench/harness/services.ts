import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Service } from './peer.ts'

const running = new Set<Service>()

/** Stops every server that is still running, the last started first. */
export async function stopServices(): Promise<void> {
  for (const service of [...running].toReversed()) await service.stop()
}

export interface ServiceOptions {
  /** The account that it runs under. @default ours */
  readonly uid?: number
  readonly gid?: number
  readonly cwd?: string
  /** Asks it to end. @default SIGTERM */
  readonly signal?: NodeJS.Signals
}

/** Starts a server program; `stop` asks it to end and waits, at most 8 s before it kills it. */
export function startService(
  command: string,
  args: readonly string[],
  { signal = 'SIGTERM', ...options }: ServiceOptions = {},
): Service {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  const keep = (data: unknown): void => {
    log = (log + String(data)).slice(-4000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', (error) => {
      keep(error)
      resolve()
    })
  })
  const service: Service = {
    pid: child.pid ?? 0,
    log: () => log,
    async stop() {
      running.delete(service)
      child.kill(signal)
      const killer = setTimeout(() => child.kill('SIGKILL'), 8000)
      await ended
      clearTimeout(killer)
    },
  }
  running.add(service)
  return service
}

/** The first of these files that exists. */
export function findProgram(...paths: string[]): string | undefined {
  return paths.find((path) => existsSync(path))
}

/** A port of the loopback interface that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

/** Waits until something listens on the port, at most 30 s. */
export async function untilListening(port: number): Promise<void> {
  const end = performance.now() + 30_000
  while (!(await isListening(port))) {
    if (performance.now() > end) throw new Error(`nothing listens on port ${port}`)
    await delay(50)
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
