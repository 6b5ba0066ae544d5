import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createIdentity, createLibp2pTransport, openHome } from '@skein/protocol'
import { describe, expect, it, vi } from 'vitest'
import { Client } from '../../src/index.ts'
import { ScriptedNode } from '../scripted-node.ts'
import { execute } from '../workflows.ts'
import { until } from '../waiting.ts'

vi.mock(import('@skein/protocol'), async (original) => {
  const protocol = await original()
  return {
    ...protocol,
    createLibp2pTransport: vi.fn<typeof createLibp2pTransport>(protocol.createLibp2pTransport),
  }
})

async function withHome(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'skein-client-'))
  try {
    await work(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** A node of this network over real TCP on loopback. */
async function nodeIn(directory: string) {
  const home = await openHome(directory)
  const transport = await createLibp2pTransport({
    identity: await createIdentity(),
    network: await home.networkKey(),
  })
  return { home, transport, node: new ScriptedNode(transport, { name: 'atlas' }) }
}

describe('connecting', () => {
  it('finds the nodes that run on this machine and comes later to those that start later', async () => {
    await withHome(async (directory) => {
      const { home, transport } = await nodeIn(directory)
      const network = (await home.networkKey()).id
      const { peer, addresses } = transport
      await using entry = await home.register({
        peer,
        name: 'atlas',
        addresses: [...addresses],
        network,
      })
      await using client = await Client.connect({ home: directory })
      expect(entry).toBeDefined()
      expect(client.nodes().map(({ name }) => name)).toEqual(['atlas'])
      expect((await client.run(execute, { instruction: 'x' })).output).toBe('x')
      const late = await nodeIn(directory)
      await using second = await home.register({
        peer: late.transport.peer,
        name: 'late',
        addresses: [...late.transport.addresses],
        network,
      })
      expect(second).toBeDefined()
      await until(() => client.nodes().length === 2)
      await transport[Symbol.asyncDispose]()
      await late.transport[Symbol.asyncDispose]()
    })
  })

  it('takes addresses, each client under its own identity', async () => {
    await withHome(async (directory) => {
      const { transport } = await nodeIn(directory)
      const options = { home: directory, addresses: transport.addresses }
      await using first = await Client.connect(options)
      await using second = await Client.connect(options)
      expect(first.peer).not.toBe(second.peer)
      expect(await Promise.all([first.generate('a'), second.generate('b')])).toEqual(['a', 'b'])
      await transport[Symbol.asyncDispose]()
    })
  })

  it('says what is wrong with an address that is none', async () => {
    await withHome(async (directory) => {
      const connecting = Client.connect({ home: directory, addresses: ['not an address'] })
      await expect(connecting).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      await expect(connecting).rejects.toThrow('not an address')
    })
  })

  it('[F24] name: it is what nodes are told', async () => {
    await withHome(async (directory) => {
      const { transport, node } = await nodeIn(directory)
      const options = { home: directory, addresses: transport.addresses, name: 'flyway' }
      await using client = await Client.connect(options)
      expect(client.nodes()).toHaveLength(1)
      expect(node.guests).toEqual(['flyway'])
      await transport[Symbol.asyncDispose]()
    })
  })

  it('[F24] store: that file keeps the runs, and the usual one is not made', async () => {
    await withHome(async (directory) => {
      const store = path.join(directory, 'other.db')
      await using client = await Client.connect({ home: directory, store, patienceMs: 0 })
      expect(client.nodes()).toEqual([])
      expect(existsSync(store)).toBe(true)
      expect(existsSync(path.join(directory, 'runs.db'))).toBe(false)
    })
  })

  it('[F24] patienceMs: with 0 it does not wait for a node that is there', async () => {
    await withHome(async (directory) => {
      const { transport } = await nodeIn(directory)
      const options = { home: directory, addresses: transport.addresses, patienceMs: 0 }
      await using client = await Client.connect(options)
      expect(client.nodes()).toEqual([])
      await until(() => client.nodes().length === 1)
      await transport[Symbol.asyncDispose]()
    })
  })

  it.each([true, false])('[F24] mdns: %s: so the transport is made', async (mdns) => {
    await withHome(async (directory) => {
      await using client = await Client.connect({ home: directory, mdns, patienceMs: 0 })
      expect(client.nodes()).toEqual([])
      expect(vi.mocked(createLibp2pTransport).mock.lastCall).toMatchObject([{ mdns, listen: [] }])
    })
  })

  it('waits no longer than it is told where there is no node', async () => {
    await withHome(async (directory) => {
      await using client = await Client.connect({ home: directory, patienceMs: 50 })
      expect(client.models()).toEqual([])
      expect(client.nodes()).toEqual([])
    })
  })
})
