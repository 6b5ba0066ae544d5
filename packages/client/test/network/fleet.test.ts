import { createMemoryNetwork, systemClock, type Clock, type MemoryNetwork } from '@skein/protocol'
import { describe, expect, it } from 'vitest'
import { Fleet, type FleetListener } from '../../src/network/fleet.ts'
import { ScriptedNode } from '../scripted-node.ts'
import { until } from '../waiting.ts'

interface Scene {
  readonly fleet: Fleet
  readonly news: string[]
}

/** By chance no whole number: this tells the waits of a fleet from those of its sessions. */
const CHANCE = 0.1234567
const SHARE = 0.5 + CHANCE / 2

/** Waits between attempts pass at once, but are noted: as whole waits, before chance made them shorter. */
function impatient(waits: number[]): Clock {
  return {
    now: () => systemClock.now(),
    schedule: (ms, run) => {
      if (Number.isInteger(ms)) return systemClock.schedule(ms, run)
      waits.push(Math.round(ms / SHARE))
      return systemClock.schedule(1, run)
    },
  }
}

function scene(network: MemoryNetwork, clock: Clock = impatient([]), name = 'client'): Scene {
  const news: string[] = []
  const listener: FleetListener = {
    joined: (peer, title) => news.push(`joined ${peer} ${title}`),
    left: (peer) => news.push(`left ${peer}`),
    message: (peer, message) => news.push(`${peer} ${message.type}`),
    writable: (peer) => news.push(`writable ${peer}`),
  }
  const transport = network.transport(name)
  const hello = { role: 'client', name: 'test', agent: 'test' } as const
  return { fleet: new Fleet({ transport, clock, random: () => CHANCE, hello }, listener), news }
}

describe('a fleet', () => {
  it('greets the nodes it is given and hears their offers', async () => {
    const network = createMemoryNetwork()
    const node = new ScriptedNode(network.transport('a'), { name: 'atlas' })
    const { fleet, news } = scene(network)
    fleet.reach([node.address], true)
    await until(() => news.length === 2)
    expect(news).toEqual(['joined a atlas', 'a offer'])
    expect(fleet.isSearching).toBe(false)
    await fleet.close()
    expect(news.at(-1)).toBe('left a')
  })

  it('comes back when a session breaks, for ever', async () => {
    const network = createMemoryNetwork()
    const node = new ScriptedNode(network.transport('a'))
    const { fleet, news } = scene(network)
    fleet.reach([node.address], true)
    for (let life = 1; life <= 3; life++) {
      await until(() => news.filter((one) => one === 'a offer').length === life)
      network.cut('client', 'a')
    }
    await until(() => news.filter((one) => one === 'a offer').length === 4)
    expect(news.filter((one) => one === 'left a')).toHaveLength(3)
    await fleet.close()
  })

  it('waits longer after each failure, says why, and goes on', async () => {
    const network = createMemoryNetwork()
    const waits: number[] = []
    const { fleet, news } = scene(network, impatient(waits))
    fleet.reach(['memory:late'], true)
    await until(() => waits.length > 8)
    expect(fleet.troubles).toEqual([expect.stringMatching(/^memory:late: /)])
    expect(waits.slice(0, 8)).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000])
    const node = new ScriptedNode(network.transport('late'))
    expect(node.address).toBe('memory:late')
    fleet.reach(['memory:late', 'memory:other'], true)
    await until(() => news.includes('joined late late'))
    expect(fleet.troubles).toEqual([])
    await fleet.close()
  })

  it('forgets an address that it only saw, after some failures', async () => {
    const network = createMemoryNetwork()
    const waits: number[] = []
    const { fleet } = scene(network, impatient(waits))
    fleet.reach(['memory:gone'], false)
    await until(() => fleet.troubles.length === 1)
    await until(() => fleet.troubles.length === 0)
    expect(waits).toHaveLength(5)
    await fleet.close()
  })

  it('keeps one session with a node that it reaches on two ways', async () => {
    const network = createMemoryNetwork()
    const node = new ScriptedNode(network.transport('a'))
    const { fleet, news } = scene(network)
    fleet.reach([node.address], true)
    fleet.reach([node.address, 'memory:elsewhere'], false)
    fleet.reach([node.address], true)
    await until(() => !fleet.isSearching && news.includes('a offer'))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(news).toEqual(['joined a a', 'a offer'])
    await fleet.close()
  })

  it('tries the other addresses of a node when one does not answer', async () => {
    const network = createMemoryNetwork()
    const node = new ScriptedNode(network.transport('a'))
    const { fleet, news } = scene(network)
    fleet.reach(['memory:nobody', node.address], true)
    await until(() => news.includes('joined a a'))
    expect(fleet.troubles).toHaveLength(1)
    await fleet.close()
  })

  it('does not try again what is no address', async () => {
    const network = createMemoryNetwork()
    const { fleet } = scene(network)
    fleet.reach(['nonsense'], true)
    await until(() => fleet.mistakes.length === 1)
    await until(() => !fleet.isSearching)
    expect(fleet.mistakes[0]).toContain('nonsense')
    await fleet.close()
  })

  it('leaves clients alone', async () => {
    const network = createMemoryNetwork()
    const other = new ScriptedNode(network.transport('a'), { role: 'client' })
    const { fleet, news } = scene(network)
    fleet.reach([other.address], true)
    await until(() => fleet.troubles.length === 1)
    expect(fleet.troubles).toEqual(['memory:a: it is a client, not a node'])
    expect(news).toEqual([])
    await fleet.close()
  })

  it('tells a workflow before its first task of each session', async () => {
    const network = createMemoryNetwork()
    const node = new ScriptedNode(network.transport('a'))
    const { fleet, news } = scene(network)
    fleet.reach([node.address], true)
    await until(() => news.includes('a offer'))
    const assign = (task: string) => {
      const ids = { task, attempt: 1, workflow: 'w', models: ['m'] }
      fleet.assign('a', { type: 'assign', ...ids, input: { x: task } }, { steps: [] })
    }
    assign('1')
    assign('2')
    await until(() => node.assigned.length === 2)
    expect(node.defined).toHaveLength(1)
    network.cut('client', 'a')
    await until(() => news.filter((one) => one === 'a offer').length === 2)
    assign('3')
    await until(() => node.assigned.length === 3)
    expect(node.defined).toHaveLength(2)
    await fleet.close()
  })

  it('ends at once, also while it dials', async () => {
    const network = createMemoryNetwork()
    const { fleet } = scene(network, systemClock)
    fleet.reach(['memory:nobody'], true)
    fleet.reach(['memory:nobody-else'], true)
    await fleet.close()
    fleet.reach(['memory:late'], true)
    expect(fleet.isSearching).toBe(false)
  })
})
