import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { RunRecord } from '@skein/client'
import type { EngineHealth, FoundEngines } from '@skein/node'
import type { Home } from '@skein/protocol'
import { explain } from './explain.ts'

/** What `skein doctor` looks at. Each check says what it found, and how to mend what is broken. */

export interface Check {
  readonly name: string
  /** `note`: nothing is broken, and still worth knowing. */
  readonly state: 'ok' | 'problem' | 'note'
  readonly detail: string
  readonly mend?: string
}

/** What the checks look at, so that tests can break it. */
export interface Patient {
  readonly nodeVersion: string
  readonly platform: NodeJS.Platform
  openHome(): Promise<Home>
  findEngines(): Promise<FoundEngines>
  /** The engine that runs model files without a server. */
  probeEmbedded(): Promise<EngineHealth>
  /** Rejects when this machine lets nobody listen. */
  listen(): Promise<void>
  /** The runs that are recorded there; none where nothing was run yet. */
  listRuns(home: string): Promise<readonly RunRecord[] | undefined>
}

const OLDEST_NODE = 24
const PERMISSIONS = 0o777
const OTHERS = 0o077

/** Runs every check. Never rejects: what fails is a finding. */
export async function examine(patient: Patient): Promise<readonly Check[]> {
  const home = await attempt('settings', async () => ({
    home: await patient.openHome(),
  }))
  return [
    checkNodeVersion(patient.nodeVersion),
    ...('home' in home ? await checkHome(home.home, patient) : [home]),
    await checkSockets(patient),
    ...(await checkEngines(patient)),
  ]
}

/** Opens a port of this machine for a moment. */
export async function listenBriefly(): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  await new Promise((resolve) => server.close(resolve))
}

function checkNodeVersion(version: string): Check {
  const name = 'node version'
  if (Number.parseInt(version.replace(/^v/, ''), 10) >= OLDEST_NODE) {
    return { name, state: 'ok', detail: version }
  }
  return {
    name,
    state: 'problem',
    detail: `${version} is too old`,
    mend: `install Node ${OLDEST_NODE} or newer from https://nodejs.org`,
  }
}

async function checkHome(home: Home, patient: Patient): Promise<readonly Check[]> {
  return [
    await attempt('settings', () => checkPermissions(home.directory, patient.platform)),
    await attempt('network key', async () => {
      const { id } = await home.networkKey()
      return { name: 'network key', state: 'ok', detail: `of network ${id}` }
    }),
    await attempt('identity', async () => {
      const { peer } = await home.identity('node')
      return { name: 'identity', state: 'ok', detail: peer }
    }),
    await attempt('running nodes', () => checkRegister(home)),
    ...(await checkRuns(home, patient)),
  ]
}

async function checkPermissions(folder: string, platform: NodeJS.Platform): Promise<Check> {
  const name = 'settings'
  const mode = (await stat(folder)).mode & PERMISSIONS
  if (platform === 'win32' || (mode & OTHERS) === 0) return { name, state: 'ok', detail: folder }
  return {
    name,
    state: 'problem',
    detail: `${folder} is open to other users of this machine (mode ${mode.toString(8)})`,
    mend: `chmod 700 '${folder}'`,
  }
}

async function checkRegister(home: Home): Promise<Check> {
  const name = 'running nodes'
  const nodes = await home.nodes()
  if (nodes.length > 0) {
    return { name, state: 'ok', detail: nodes.map((node) => node.name).join(', ') }
  }
  return {
    name,
    state: 'note',
    detail: 'none on this machine',
    mend: 'skein node start lends its models; skein run --local needs no node',
  }
}

async function checkRuns(home: Home, patient: Patient): Promise<readonly Check[]> {
  const name = 'runs'
  const check = await attempt(name, async () => {
    const runs = await patient.listRuns(home.directory)
    if (!runs) return undefined
    const damaged = runs.filter(({ state }) => state === 'damaged').map(({ id }) => id)
    const [first] = damaged
    if (first === undefined)
      return { name, state: 'ok', detail: `${runs.length} recorded` } as const
    const detail = `damaged, so that nobody can read them: ${damaged.join(', ')}`
    return { name, state: 'problem', detail, mend: `skein runs remove ${first}` } as const
  })
  return check ? [check] : []
}

function checkSockets(patient: Patient): Promise<Check> {
  return attempt('sockets', async () => {
    await patient.listen()
    return { name: 'sockets', state: 'ok', detail: 'a port of 127.0.0.1 could be opened' }
  })
}

async function checkEngines(patient: Patient): Promise<readonly Check[]> {
  const { engines, findings } = await patient.findEngines()
  const checks = findings.map(({ id, found, reason }): Check => ({
    name: id.replace(/@.*/, ''),
    state: found ? 'ok' : 'note',
    detail: reason,
  }))
  if (!findings.some(({ id }) => id.startsWith('llama@'))) checks.push(await checkEmbedded(patient))
  if (engines.length > 0) return checks
  const mend = 'install Ollama from https://ollama.com and run ollama pull llama3.2'
  return [...checks, { name: 'models', state: 'problem', detail: 'none to lend', mend }]
}

/** Where a model server runs nobody has looked at it yet. */
function checkEmbedded(patient: Patient): Promise<Check> {
  return attempt('llama', async () => {
    const { reachable, server = 'embedded', problems } = await patient.probeEmbedded()
    return reachable
      ? { name: 'llama', state: 'ok', detail: `${server}: runs model files, --model FILE.gguf` }
      : { name: 'llama', state: 'note', detail: problems.join('; ') }
  })
}

async function attempt<T>(name: string, check: () => Promise<T>): Promise<T | Check> {
  try {
    return await check()
  } catch (error) {
    const { message, mend } = explain(error)
    return { name, state: 'problem', detail: message, ...(mend === undefined ? {} : { mend }) }
  }
}
