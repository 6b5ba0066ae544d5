import { describe, expect, it } from 'vitest'
import { createMemoryNetwork } from '../src/memory-transport.ts'
import type { Channel } from '../src/transport.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { describeTransport, Ear } from './transport-contract.ts'

describeTransport('memory', () => {
  const network = createMemoryNetwork()
  const [dialler, listener] = [network.transport(), network.transport()]
  return Promise.resolve({ dialler, listener, nowhere: 'memory:nobody' })
})

/** A network with its own time, and a channel from ada to bob. */
async function world() {
  const clock = new FakeClock()
  const network = createMemoryNetwork({ clock, latencyMs: 10 })
  const [ada, bob] = [network.transport('ada'), network.transport('bob')]
  const accepted: Channel[] = []
  bob.accept((channel) => accepted.push(channel))
  const dialling = ada.dial('memory:bob', { signal: new AbortController().signal })
  await clock.advance(10, settle)
  const near = new Ear(await dialling)
  const [far] = accepted.map((channel) => new Ear(channel))
  if (far === undefined) throw new Error('nobody came')
  return { clock, network, ada, bob, near, far }
}

describe('a network in memory', () => {
  it('takes the time it is given, and never delivers at once', async () => {
    const { clock, near, far } = await world()
    near.channel.send(Buffer.from('a'))
    await clock.advance(5)
    near.channel.send(Buffer.from('b'))
    await clock.advance(4)
    expect(far.text).toBe('')
    await clock.advance(1)
    expect(far.text).toBe('a')
    await clock.advance(5)
    expect(far.text).toBe('ab')
  })

  it('keeps the order when a link becomes faster', async () => {
    const { clock, network, near, far } = await world()
    near.channel.send(Buffer.from('slow '))
    network.delay('bob', 'ada', 1)
    near.channel.send(Buffer.from('fast'))
    await clock.advance(1)
    expect('slow fast'.startsWith(far.text)).toBe(true)
    await clock.advance(20)
    expect(far.text).toBe('slow fast')
  })

  it('holds a link silently and delivers all of it on release', async () => {
    const { clock, network, near, far } = await world()
    network.hold('ada', 'bob')
    near.channel.send(Buffer.from('one '))
    far.channel.send(Buffer.from('two'))
    near.channel.send(Buffer.from('three'))
    await clock.advance(60_000)
    expect([near.text, far.text, near.ends, far.ends]).toEqual(['', '', [], []])
    network.release('bob', 'ada')
    expect([near.text, far.text]).toEqual(['two', 'one three'])
  })

  it('lets nobody know of an end that happened behind a held link', async () => {
    const { clock, network, near, far } = await world()
    network.hold('ada', 'bob')
    near.channel.abort(new Error('gone'))
    await clock.advance(60_000)
    expect([near.ends.length, far.ends.length]).toEqual([1, 0])
    network.release('ada', 'bob')
    expect(far.ends).toEqual([expect.objectContaining({ code: 'SESSION_CLOSED' })])
  })

  it('lets no dial through a held link', async () => {
    const { network, ada } = await world()
    network.hold('ada', 'bob')
    const controller = new AbortController()
    const dialling = ada.dial('memory:bob', controller)
    controller.abort(new DOMException('late', 'TimeoutError'))
    await expect(dialling).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  it('cuts a link at both ends at once', async () => {
    const { clock, network, near, far } = await world()
    near.channel.send(Buffer.from('lost'))
    network.cut('bob', 'ada')
    await clock.advance(100)
    for (const { ends } of [near, far]) {
      expect(ends).toEqual([expect.objectContaining({ code: 'SESSION_CLOSED' })])
    }
    expect(far.text).toBe('')
  })

  it('tells of members that can be dialled, before and after one asks', async () => {
    const { clock, network, ada } = await world()
    const found: string[] = []
    ada.discover((address) => found.push(address))
    network.transport('carol').accept(() => {})
    network.transport('mute')
    await clock.advance(0)
    expect(found.toSorted()).toEqual(['memory:bob', 'memory:carol'])
  })

  it('has each name once at a time', async () => {
    const { network, ada } = await world()
    expect(() => network.transport('ada')).toThrow('there is a member named ada already')
    await ada[Symbol.asyncDispose]()
    expect(network.transport('ada').peer).toBe('ada')
    expect(network.transport().peer).not.toBe(network.transport().peer)
  })
})
