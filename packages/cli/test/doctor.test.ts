import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createScriptedEngine, type FoundEngines } from '@skein/node'
import { openHome } from '@skein/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { examine, listenBriefly, type Check, type Patient } from '../src/doctor.ts'
import { drawChecks } from '../src/views/checks.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-doctor-'))
})
afterEach(() => rm(folder, { recursive: true }))

function found(...findings: FoundEngines['findings']): FoundEngines {
  const engines = findings.filter((finding) => finding.found).map(() => createScriptedEngine())
  return { engines, findings }
}

function patient(overrides: Partial<Patient> = {}): Patient {
  return {
    nodeVersion: 'v24.21.0',
    platform: 'linux',
    openHome: () => openHome(folder),
    findEngines: () =>
      Promise.resolve(
        found({ id: 'ollama@127.0.0.1:11434', found: true, reason: 'Ollama lends x' }),
      ),
    probeEmbedded: () => Promise.resolve({ reachable: true, server: 'llama.cpp', problems: [] }),
    listen: () => Promise.resolve(),
    listRuns: () => Promise.resolve(undefined),
    ...overrides,
  }
}

async function check(name: string, overrides?: Partial<Patient>): Promise<Check | undefined> {
  return (await examine(patient(overrides))).find((finding) => finding.name === name)
}

describe('the doctor', () => {
  it('finds a healthy machine healthy, and says what it has', async () => {
    const checks = await examine(patient())
    expect(checks.filter(({ state }) => state === 'problem')).toEqual([])
    expect(checks.map(({ name }) => name)).toEqual([
      'node version',
      'settings',
      'network key',
      'identity',
      'running nodes',
      'sockets',
      'ollama',
      'llama',
    ])
  })

  it('never shows the network key itself', async () => {
    const key = (await (await openHome(folder)).networkKey()).toText()
    expect(JSON.stringify(await examine(patient()))).not.toContain(key)
  })

  it('[D28] finds runs that are damaged, and says how to be rid of them', async () => {
    const sound = { id: 'sound', project: 'p', state: 'done' } as const
    const damaged = { id: 'torn', project: 'p', state: 'damaged' } as const
    expect(await check('runs')).toBeUndefined()
    expect(await check('runs', { listRuns: () => Promise.resolve([sound]) })).toMatchObject({
      state: 'ok',
      detail: '1 recorded',
    })
    expect(
      await check('runs', { listRuns: () => Promise.resolve([sound, damaged]) }),
    ).toMatchObject({
      state: 'problem',
      detail: 'damaged, so that nobody can read them: torn',
      mend: 'skein runs remove torn',
    })
  })

  it('finds a Node that is too old', async () => {
    const finding = await check('node version', { nodeVersion: 'v20.20.2' })
    expect(finding?.state).toBe('problem')
    expect(finding?.mend).toContain('24')
  })

  it('finds a settings folder that others can read, and says how to close it', async () => {
    await openHome(folder)
    await chmod(folder, 0o755)
    expect(await check('settings')).toMatchObject({
      state: 'problem',
      mend: `chmod 700 '${folder}'`,
    })
    expect(await check('settings', { platform: 'win32' })).toMatchObject({ state: 'ok' })
  })

  it('finds a damaged network key, and goes on with the other checks', async () => {
    await writeFile(join(folder, 'network.key'), 'nonsense', { mode: 0o600 })
    const finding = await check('network key')
    expect(finding?.state).toBe('problem')
    expect(finding?.detail).toContain('damaged')
    expect(await check('sockets')).toMatchObject({ state: 'ok' })
  })

  it('finds a settings folder that cannot be opened', async () => {
    await writeFile(join(folder, 'file'), '')
    const finding = await check('settings', { openHome: () => openHome(join(folder, 'file')) })
    expect(finding?.state).toBe('problem')
    expect(finding?.detail).toContain('file')
  })

  it('finds that no port can be opened', async () => {
    const refused = Object.assign(new TypeError('x'), { code: 'EPERM' })
    expect(await check('sockets', { listen: () => Promise.reject(refused) })).toMatchObject({
      state: 'problem',
    })
    await expect(listenBriefly()).resolves.toBeUndefined()
  })

  it('notes that the embedded engine is not installed, where a server made nobody look', async () => {
    const problems = ['run npm install node-llama-cpp']
    const probeEmbedded = { reachable: false, problems }
    expect(await check('llama', { probeEmbedded: () => Promise.resolve(probeEmbedded) })).toEqual({
      name: 'llama',
      state: 'note',
      detail: 'run npm install node-llama-cpp',
    })
  })

  it('says why an engine is not there, and that none is left', async () => {
    const none = found({ id: 'ollama@x', found: false, reason: 'nobody listens there' })
    expect(await check('ollama', { findEngines: () => Promise.resolve(none) })).toMatchObject({
      state: 'note',
      detail: 'nobody listens there',
    })
    const finding = await check('models', { findEngines: () => Promise.resolve(none) })
    expect(finding?.state).toBe('problem')
    expect(finding?.mend).toContain('ollama')
  })
})

describe('the findings', () => {
  it('are one line each, with the mend below', () => {
    const text = drawChecks(
      [
        { name: 'node version', state: 'ok', detail: 'v24.21.0' },
        { name: 'sockets', state: 'problem', detail: 'no port', mend: 'stop the firewall' },
      ],
      (_, word) => word,
    )
    expect(text).toMatchInlineSnapshot(`
      "ok       node version  v24.21.0
      PROBLEM  sockets       no port
                             → stop the firewall"
    `)
  })
})
