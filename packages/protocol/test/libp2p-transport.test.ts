import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createIdentity } from '../src/identity.ts'
import { createLibp2pTransport, type Libp2pTransportOptions } from '../src/libp2p-transport.ts'
import { createNetworkKey } from '../src/network-key.ts'
import type { Transport } from '../src/transport.ts'
import { describeTransport, Ear } from './transport-contract.ts'

const network = createNetworkKey()

async function member(options: Partial<Libp2pTransportOptions> = {}): Promise<Transport> {
  return createLibp2pTransport({ identity: await createIdentity(), network, ...options })
}

describeTransport('libp2p', async () => ({
  dialler: await member({ listen: [] }),
  listener: await member(),
  nowhere: '127.0.0.1:1',
}))

/** Whether this machine delivers multicast to itself; some containers do not. */
function hasMulticast(): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  return new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), 1_000)
    const no = () => resolve(false)
    socket.on('error', no)
    socket.on('message', () => {
      clearTimeout(timer)
      resolve(true)
    })
    socket.bind(0, () => {
      try {
        socket.addMembership('224.0.0.251')
        socket.send('?', socket.address().port, '224.0.0.251')
      } catch {
        no()
      }
    })
  }).finally(() => socket.close())
}

const multicast = await hasMulticast()

const soon = () => ({ signal: AbortSignal.timeout(10_000) })

const portOf = (transport: Transport) => /tcp\/(\d+)/u.exec(transport.addresses[0] ?? '')?.[1] ?? ''

describe('a transport over libp2p', () => {
  const open: Transport[] = []
  const join = async (options: Partial<Libp2pTransportOptions> = {}) => {
    const transport = await member(options)
    open.push(transport)
    return transport
  }
  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport[Symbol.asyncDispose]()))
  })

  it('listens on loopback, on a free port, under its identity', async () => {
    const identity = await createIdentity()
    const transport = await join({ identity })
    expect(transport.peer).toBe(identity.peer)
    expect(transport.addresses).toEqual([
      expect.stringMatching(`^/ip4/127.0.0.1/tcp/[1-9]\\d*/p2p/${identity.peer}$`),
    ])
    expect((await join({ listen: [] })).addresses).toEqual([])
  })

  it('dials an address as people write it', async () => {
    const [dialler, listener] = [
      await join({ listen: [] }),
      await join({ listen: ['127.0.0.1:0'] }),
    ]
    listener.accept(() => {})
    for (const host of ['127.0.0.1', 'localhost']) {
      const channel = await dialler.dial(`${host}:${portOf(listener)}`, soon())
      expect(channel.peer).toBe(listener.peer)
    }
  })

  it('[N1] lets nobody in who has another network key, says so, and serves on', async () => {
    const listener = await join()
    listener.accept(() => {})
    const address = listener.addresses[0] ?? ''
    const outsider = await join({ network: createNetworkKey(), listen: [] })
    await expect(outsider.dial(address, soon())).rejects.toMatchObject({
      code: 'WRONG_NETWORK',
      message: `${address} belongs to another network: it has another network key; take over the file network.key of one of its members`,
    })
    const channel = await (await join({ listen: [] })).dial(address, soon())
    expect(channel.peer).toBe(listener.peer)
  })

  it('does not take another peer for the one that it dialled', async () => {
    const [dialler, listener] = [await join({ listen: [] }), await join()]
    const { peer } = await createIdentity()
    const address = `/ip4/127.0.0.1/tcp/${portOf(listener)}/p2p/${peer}`
    await expect(dialler.dial(address, soon())).rejects.toMatchObject({ code: 'WRONG_PEER' })
  })

  it('does not dial itself', async () => {
    const listener = await join()
    await expect(listener.dial(`127.0.0.1:${portOf(listener)}`, soon())).rejects.toMatchObject({
      code: 'INVALID_ADDRESS',
      message: expect.stringContaining('this very program') as unknown,
    })
  })

  it('dials anew where the connection that it has is dead without its knowing', async () => {
    const [dialler, listener] = [await join({ listen: [] }), await join()]
    listener.accept(() => {})
    const sockets: Socket[] = []
    await using proxy = createServer((near) => {
      const far = connect(Number(portOf(listener)), '127.0.0.1')
      sockets.push(near.pipe(far), far.pipe(near))
      for (const socket of [near, far]) socket.on('error', () => {})
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const address = proxy.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const target = `/ip4/127.0.0.1/tcp/${port}/p2p/${listener.peer}`
    const first = await dialler.dial(target, soon())
    for (const socket of sockets) socket.unpipe().pause()
    const second = await dialler.dial(target, soon())
    expect(second.peer).toBe(listener.peer)
    for (const channel of [first, second]) channel.abort(new Error('done'))
    for (const socket of sockets) socket.destroy()
  })

  it('closes what comes before anybody accepts', async () => {
    const [dialler, listener] = [await join({ listen: [] }), await join()]
    const channel = await dialler.dial(listener.addresses[0] ?? '', soon())
    const ear = new Ear(channel)
    await ear.ended()
    expect(ear.ends).toHaveLength(1)
  })

  it('names the port that is in use, and the way out', async () => {
    const port = portOf(await join())
    await expect(member({ listen: [`/ip4/127.0.0.1/tcp/${port}`] })).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: `port ${port} is in use by another program: stop it, or choose another port (0 takes any free one)`,
    })
  })

  it('names an address that this machine does not have, or that is none', async () => {
    await expect(member({ listen: ['/ip4/192.0.2.1/tcp/0'] })).rejects.toMatchObject({
      code: 'INVALID_ADDRESS',
      message: expect.stringContaining('/ip4/192.0.2.1/tcp/0') as unknown,
    })
    await expect(member({ listen: ['everywhere'] })).rejects.toMatchObject({
      code: 'INVALID_ADDRESS',
      message: expect.stringContaining('"everywhere" is no address') as unknown,
    })
  })

  it('says that what listens there is something else, whatever that answers', async () => {
    const dialler = await join({ listen: [] })
    for (const answer of ['HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(9), 'SSH-2.0\r\n', undefined]) {
      const server = createServer((socket) => {
        socket.on('error', () => {})
        if (answer === undefined) socket.destroy()
        else socket.end(answer)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      await expect(dialler.dial(`127.0.0.1:${port}`, soon())).rejects.toMatchObject({
        code: 'PEER_UNREACHABLE',
        message: expect.stringContaining('no Skein node') as unknown,
      })
      server.close()
    }
  })

  it.skipIf(!multicast)(
    '[N2] finds the members on its local network by mDNS, and only those',
    async () => {
      const seeker = await join({ mdns: true })
      const strangers = await join({ mdns: true, network: createNetworkKey() })
      const hidden = await join()
      const found = new Set<string>()
      const target = await join({ mdns: true })
      await new Promise<void>((resolve) => {
        seeker.discover((address) => {
          found.add(address)
          if (address.includes(target.peer)) resolve()
        })
      })
      expect(found).toContain(target.addresses[0])
      for (const { peer } of [strangers, hidden, seeker]) {
        expect(Array.from(found).join()).not.toContain(peer)
      }
    },
  )
})
