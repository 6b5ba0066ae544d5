import { existsSync } from 'node:fs'
import { createMemoryNetwork, systemClock } from '@skein/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  Client,
  createClient,
  createMemoryStore,
  external,
  pipeline,
  read,
  step,
} from '../src/index.ts'
import { createSqliteStore } from '../src/store/sqlite-store.ts'
import { clientOn } from './durable-client.ts'
import { ScriptedNode } from './scripted-node.ts'
import { smallNetwork } from './small-network.ts'
import { temporaryFolder } from './store/temporary-store.ts'
import { clockOf, pass, VirtualTime } from './virtual-time.ts'
import { failureOf, until } from './waiting.ts'
import { execute } from './workflows.ts'
import { writer } from './writers.ts'

/** What JavaScript lets through. */
function loose(options: object): never
function loose(options: object): unknown {
  return options
}

const echo = step({ name: 'echo', input: z.string(), output: z.string(), run: (text) => text })

describe('options of a client', () => {
  it('[F24] name: it is what nodes are told', async () => {
    await using net = await smallNetwork([{ answer: writer }], { name: 'flyway' })
    await until(() => net.nodes[0]?.guests.length === 1)
    expect(net.nodes[0]?.guests).toEqual(['flyway'])
  })

  it('[F24] clock: what a run takes is what passes on it', async () => {
    let now = 0
    const clock = { ...systemClock, now: () => (now += 1000) }
    await using net = await smallNetwork([], { clock })
    const { stats } = await net.client.run(echo, 'a')
    expect(stats.ms % 1000).toBe(0)
    expect(stats.ms).toBeGreaterThan(0)
  })

  it('[F24] clock and graceMs: a task waits so long on it where there is no node', async () => {
    const time = new VirtualTime()
    await using net = await smallNetwork([], { clock: clockOf(time), graceMs: 60_000 })
    let isOver = false
    const failed = failureOf(net.client.run(execute, { instruction: 'x' })).finally(() => {
      isOver = true
    })
    await pass(time, 59_000)
    expect(isOver).toBe(false)
    await pass(time, 3000)
    expect(await failed).toMatchObject({ code: 'NO_NODES' })
  })

  it('[F24] neighbours: nodes at their addresses are found', async () => {
    const network = createMemoryNetwork()
    const node = new ScriptedNode(network.transport('node'), { answer: writer })
    const transport = Object.assign(network.transport('client'), { discover: () => {} })
    const neighbours = () => Promise.resolve([[node.address]])
    await using client = createClient({ transport, neighbours })
    await until(() => client.nodes().length === 1)
    expect((await client.run(execute, { instruction: 'x' })).output).toBe('did x')
  })

  it('[F24] random: seeds and ids are made of it', async () => {
    await using net = await smallNetwork([], { random: () => 0.5 })
    const result = await net.client.run(echo, 'a')
    expect(result.seed).toBe(2 ** 30)
    expect(result.id).toMatch(/i0001$/)
  })
})

describe('options that nobody would heed', () => {
  const transport = createMemoryNetwork().transport()

  it.each<[string, () => unknown, string]>([
    ['stor', () => createClient(loose({ transport, stor: 1 })), "a client has no option 'stor'"],
    [
      'a store that is none',
      () => createClient(loose({ transport, store: 'runs.db' })),
      "store of a client must be a store: createSqliteStore('runs.db')",
    ],
    ['no transport', () => createClient(loose({})), 'a client needs a transport'],
    [
      'maxByts',
      () => createSqliteStore('never.db', loose({ maxByts: 1 })),
      "a store in a file has no option 'maxByts'; it has now, cacheSize, maxBytes",
    ],
    [
      'capcity',
      () => createMemoryStore(loose({ capcity: 1 })),
      "a store in memory has no option 'capcity'",
    ],
    [
      'failure',
      () => read('a.jsonl', {}, loose({ failure: 'b' })),
      "read() has no option 'failure'",
    ],
  ])('[F24] %s: refused by name', (_, make, message) => {
    expect(make).toThrow(message)
  })

  it.each<[object, string]>([
    [{ hom: 'x' }, "Client.connect() has no option 'hom'"],
    [{ store: createMemoryStore() }, 'store of Client.connect() must be the path of a file'],
  ])('[F24] Client.connect() refuses them before it joins anything', async (given, message) => {
    await expect(Client.connect(given)).rejects.toThrow(message)
  })
})

describe('options of a run', () => {
  it('[F24] seed: it is that of every question', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    const input = { instruction: 'a' }
    const seeds = async (seed?: number) => {
      const { id } = await net.client.run(execute, input, seed === undefined ? {} : { seed })
      return net.nodes[0]?.assigned.find(({ task }) => task.startsWith(id))?.seed
    }
    expect(await seeds(7)).toBe(await seeds(7))
    expect(await seeds(7)).not.toBe(await seeds(8))
    expect(await seeds()).not.toBe(await seeds())
  })
})

describe('options of stores', () => {
  it('[F24] cacheSize: the oldest answers make room in a file as well', async () => {
    await using folder = await temporaryFolder()
    await using client = clientOn(createSqliteStore(folder.file('runs.db'), { cacheSize: 3000 }))
    const plan = pipeline('p', { text: z.string() })
      .map(({ text }) => text)
      .step(echo, { cache: true })
    for (let n = 0; n < 6; n++) await client.run(plan, { text: `${n}${'x'.repeat(700)}` })
    expect(client.cache.stats().size).toBeGreaterThan(0)
    expect(client.cache.stats().size).toBeLessThanOrEqual(3000)
  })

  it.each<[string, () => unknown, string]>([
    [
      'maxBytes',
      () => createSqliteStore('never.db', { maxBytes: -1 }),
      'of bytes, 1 or more, not -1',
    ],
    [
      'maxBytes',
      () => createSqliteStore('never.db', { maxBytes: 0 }),
      'of bytes, 1 or more, not 0',
    ],
    [
      'cacheSize',
      () => createSqliteStore('never.db', { cacheSize: NaN }),
      'cacheSize of a store in a file must be a number of characters, 0 or more, not NaN',
    ],
    [
      'now',
      () => createSqliteStore('never.db', loose({ now: 5 })),
      'now of a store in a file must be a function that gives the milliseconds since 1970, not 5',
    ],
    [
      'cacheSize',
      () => createMemoryStore(loose({ cacheSize: '1 MB' })),
      'cacheSize of a store in memory must be a number of characters, 0 or more, not "1 MB"',
    ],
    [
      'capacity',
      () => createMemoryStore({ capacity: 0 }),
      'capacity of a store in memory must be a number of calls, 1 or more, not 0',
    ],
    ['now', () => createMemoryStore(loose({ now: null })), 'since 1970, not null'],
  ])('[F24] %s: what it cannot be is refused before there is a file', (option, make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
    expect(make).toThrow(message)
    expect(make).toThrow(`${option} of a store in`)
    expect(existsSync('never.db')).toBe(false)
  })

  it('[F24] cacheSize, capacity and maxBytes: Infinity is no limit', async () => {
    await using folder = await temporaryFolder()
    const limits = { cacheSize: Infinity, maxBytes: Infinity }
    await using file = createSqliteStore(folder.file('runs.db'), limits)
    await using memory = createMemoryStore({ cacheSize: Infinity, capacity: Infinity })
    for (const { cache } of [file, memory]) {
      const origin = { node: 'a', peer: 'p', model: 'm', tokens: { input: 1, output: 2 }, ms: 1 }
      cache.put({ scope: 's', key: 'k', step: 'ask', output: 1, origin, ttlMs: undefined })
      expect(cache.stats().entries).toBe(1)
    }
  })

  it('[F24] capacity: of a run in memory, the last calls are found again', async () => {
    await using client = clientOn(createMemoryStore({ capacity: 2 }))
    const plan = pipeline('p', { text: z.string() })
      .map(({ text }) => text)
      .step(echo)
    const inputs = ['a', 'b', 'c', 'd'].map((text) => ({ text }))
    await client.run(plan, inputs, { id: 'r' })
    expect((await client.resume('r', plan)).stats.cached).toBe(2)
  })
})

describe('options of external steps', () => {
  it('[F24] version: what another version answered is asked again', async () => {
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const { client } = net
    const said = { name: 'review', input: z.string(), output: z.boolean() }
    const answer = async (ok: boolean) => {
      await until(() => client.tasks.list().length === 1)
      client.tasks.complete(client.tasks.list()[0]?.key ?? '', ok)
    }
    const first = client.run(external(said), 'draft', { id: 'r' })
    await answer(true)
    expect((await first).output).toBe(true)
    expect((await client.rerun('r', external(said))).output).toBe(true)
    const other = client.rerun('r', external({ ...said, version: '2' }))
    await answer(false)
    expect((await other).output).toBe(false)
  })
})
