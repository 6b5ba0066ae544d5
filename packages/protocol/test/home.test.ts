import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { defaultHome, openHome } from '../src/home.ts'
import { ownMark } from '../src/process-mark.ts'
import { temporaryFolder } from './temporary-folder.ts'

const NODE = {
  peer: '12D3KooWabc',
  name: 'workshop',
  addresses: ['/ip4/127.0.0.1/tcp/1'],
  network: 'ab',
}

/** The process id of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  return child.pid ?? 0
}

describe('the folder of settings', () => {
  const folder = temporaryFolder()

  it('is made with all that is in it for its owner only', async () => {
    const home = await openHome(folder('new/home'))
    await home.networkKey()
    await home.identity('node')
    await home.register(NODE)
    for (const name of ['', 'identities', 'nodes']) {
      expect((await stat(folder(`new/home/${name}`))).mode & 0o777).toBe(0o700)
    }
    for (const name of ['network.key', 'identities/node.key', `nodes/${NODE.peer}.json`]) {
      expect((await stat(folder(`new/home/${name}`))).mode & 0o777).toBe(0o600)
    }
  })

  it('keeps one network key and one identity of each name', async () => {
    const [one, other] = [await openHome(folder()), await openHome(folder())]
    expect((await one.networkKey()).id).toBe((await other.networkKey()).id)
    expect((await one.identity('a')).peer).toBe((await other.identity('a')).peer)
    expect((await one.identity('b')).peer).not.toBe((await one.identity('a')).peer)
  })

  it('lets no name reach out of it', async () => {
    const home = await openHome(folder('home'))
    for (const name of ['../network', 'a/b', '', '.', '..', '.hidden', 'a\\b', 'x'.repeat(200)]) {
      await expect(async () => home.identity(name)).rejects.toMatchObject({ code: 'INVALID_KEY' })
    }
  })

  it('says which folder cannot be used, and the way out', async () => {
    await writeFile(folder('plain'), '')
    await expect(openHome(folder('plain/home'))).rejects.toMatchObject({
      code: 'HOME_UNAVAILABLE',
      message: `cannot use the settings folder ${folder('plain/home')} (ENOTDIR): give yourself the right to write there, or set SKEIN_HOME to another folder`,
    })
  })
})

const at = (platform: NodeJS.Platform, env: Record<string, string> = {}) =>
  defaultHome({ env, platform, userFolder: '/home/ada' })

describe('the place of the settings', () => {
  it('is where SKEIN_HOME says', () => {
    expect(at('linux', { SKEIN_HOME: '/srv/skein', XDG_CONFIG_HOME: '/x' })).toBe('/srv/skein')
    expect(at('linux', { SKEIN_HOME: '' })).toBe('/home/ada/.config/skein')
  })

  it('is where each platform keeps settings', () => {
    expect(at('linux')).toBe('/home/ada/.config/skein')
    expect(at('linux', { XDG_CONFIG_HOME: '/x' })).toBe('/x/skein')
    expect(at('linux', { XDG_CONFIG_HOME: '' })).toBe('/home/ada/.config/skein')
    expect(at('darwin')).toBe('/home/ada/Library/Application Support/skein')
    expect(at('win32', { APPDATA: '/roaming' })).toBe(path.join('/roaming', 'skein'))
    expect(at('win32')).toBe(path.join('/home/ada', 'AppData', 'Roaming', 'skein'))
  })

  it('is the present user’s when nobody says', () => {
    expect(defaultHome()).toMatch(/skein$/u)
  })
})

describe('the register of running nodes', () => {
  const folder = temporaryFolder()

  it('lists a node for every program of this home until it is disposed of', async () => {
    const registration = await (await openHome(folder())).register(NODE)
    const home = await openHome(folder())
    expect(await home.nodes()).toEqual([NODE])
    await registration[Symbol.asyncDispose]()
    expect(await home.nodes()).toEqual([])
    await registration[Symbol.asyncDispose]()
  })

  it('lists the newer word of a node that registers again', async () => {
    const home = await openHome(folder())
    await home.register(NODE)
    await home.register({ ...NODE, addresses: ['/ip4/127.0.0.1/tcp/2'] })
    expect(await home.nodes()).toEqual([{ ...NODE, addresses: ['/ip4/127.0.0.1/tcp/2'] }])
    expect(await readdir(folder('nodes'))).toHaveLength(1)
  })

  it('forgets a node whose process died, and sweeps its entry away', async () => {
    const home = await openHome(folder())
    const mark = { pid: await deadProcess(), machine: hostname() }
    await writeFile(folder('nodes/dead.json'), JSON.stringify({ ...NODE, process: mark }))
    expect(await home.nodes()).toEqual([])
    expect(await readdir(folder('nodes'))).toEqual([])
  })

  it('is not deceived by a process that got the number of a dead one', async () => {
    const home = await openHome(folder())
    const mark = { ...(await ownMark()), start: 'at another time' }
    await writeFile(folder('nodes/other.json'), JSON.stringify({ ...NODE, process: mark }))
    expect(await home.nodes()).toEqual([])
  })

  it('leaves alone what another machine wrote into a shared folder', async () => {
    const home = await openHome(folder())
    const mark = { pid: 1, machine: 'another' }
    await writeFile(folder('nodes/far.json'), JSON.stringify({ ...NODE, process: mark }))
    expect(await home.nodes()).toEqual([])
    expect(await readdir(folder('nodes'))).toEqual(['far.json'])
  })

  it('passes over whatever else lies there', async () => {
    const home = await openHome(folder())
    await mkdir(folder('nodes/folder.json'))
    for (const [name, content] of Object.entries({
      'empty.json': '',
      'null.json': 'null',
      'wrong.json': '{"peer":7}',
      'binary.json': '\u0000\u0001',
      'notes.txt': 'hello',
    })) {
      await writeFile(folder(`nodes/${name}`), content)
    }
    await home.register(NODE)
    expect(await home.nodes()).toEqual([NODE])
  })
})

describe('a claimed identity', () => {
  const folder = temporaryFolder()

  it('is another for each program that runs, and the same again after it', async () => {
    const home = await openHome(folder())
    const one = await home.claimIdentity('node')
    const two = await (await openHome(folder())).claimIdentity('node')
    expect([one.name, two.name]).toEqual(['node', 'node-2'])
    expect(one.peer).not.toBe(two.peer)
    await one[Symbol.asyncDispose]()
    const again = await home.claimIdentity('node')
    expect(again.peer).toBe(one.peer)
    expect((await home.claimIdentity('node')).name).toBe('node-3')
  })

  it('is taken over from a process that died with it', async () => {
    const home = await openHome(folder())
    await writeFile(
      folder('identities/node.lock'),
      JSON.stringify({ pid: await deadProcess(), machine: hostname() }),
    )
    expect((await home.claimIdentity('node')).name).toBe('node')
    expect(await readFile(folder('identities/node.lock'), 'utf8')).toContain(`${process.pid}`)
  })

  it('is not taken from a program on another machine that shares the folder', async () => {
    const home = await openHome(folder())
    await writeFile(folder('identities/node.lock'), JSON.stringify({ pid: 1, machine: 'another' }))
    expect((await home.claimIdentity('node')).name).toBe('node-2')
  })

  it('is not kept from anybody by a lock that says nothing', async () => {
    const home = await openHome(folder())
    await writeFile(folder('identities/node.lock'), 'garbage')
    expect((await home.claimIdentity('node')).name).toBe('node')
  })

  it('is given back without taking away what another program put in its place', async () => {
    const home = await openHome(folder())
    const claimed = await home.claimIdentity('node')
    const other = JSON.stringify({ pid: process.pid, machine: 'another' })
    await writeFile(folder('identities/node.lock'), other)
    await claimed[Symbol.asyncDispose]()
    expect(await readFile(folder('identities/node.lock'), 'utf8')).toBe(other)
    expect(await readdir(folder('identities'))).toEqual(['node.key', 'node.lock'])
  })

  it('goes to one program only when many start over the same dead one', async () => {
    const home = await openHome(folder())
    await writeFile(
      folder('identities/node.lock'),
      JSON.stringify({ pid: await deadProcess(), machine: hostname() }),
    )
    const claims = await Promise.all(Array.from({ length: 12 }, () => home.claimIdentity('node')))
    expect(new Set(claims.map(({ peer }) => peer)).size).toBe(12)
  })
})
