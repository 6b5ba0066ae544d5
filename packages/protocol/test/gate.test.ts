import { createHmac, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIdentity } from '../src/identity.ts'
import { createLibp2pTransport } from '../src/libp2p-transport.ts'
import { createNetworkKey } from '../src/network-key.ts'
import type { Transport } from '../src/transport.ts'

const network = createNetworkKey()
const MAGIC = Buffer.from('skein/1\n')
/** How the next protocol begins; a listener answers it with the same. */
const MULTISTREAM = Buffer.from('\u0013/multistream/1.0.0\n')

/** A socket as an outsider has it, and all that came out of it. */
class Outsider {
  readonly socket: Socket
  received = Buffer.alloc(0)
  readonly #closed: Promise<void>

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('error', () => {})
    this.socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes])
    })
    this.#closed = new Promise<void>((resolve) => {
      this.socket.on('close', () => resolve())
    })
  }

  async has(bytes: number): Promise<Buffer> {
    while (this.received.length < bytes && !this.socket.closed) {
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    return this.received
  }

  async dropped(): Promise<Buffer> {
    await this.#closed
    return this.received
  }
}

const proof = (role: string, nonces: Uint8Array, key = network) =>
  createHmac('sha256', key.derive('gate')).update(role).update(nonces).digest()

describe('[N1] the gate', () => {
  let listener: Transport
  let port = 0
  const inside: string[] = []

  beforeAll(async () => {
    listener = await createLibp2pTransport({ identity: await createIdentity(), network })
    listener.accept((channel) => inside.push(channel.peer))
    port = Number(/tcp\/(\d+)/u.exec(listener.addresses[0] ?? '')?.[1])
  })
  afterAll(() => listener[Symbol.asyncDispose]())

  it('proves itself to a member, and lets it go on, as the protocol says', async () => {
    const member = new Outsider(port)
    const ours = randomBytes(32)
    member.socket.write(Buffer.concat([MAGIC, ours]))
    const answer = await member.has(72)
    expect(answer.subarray(0, 8)).toEqual(MAGIC)
    const nonces = Buffer.concat([ours, answer.subarray(8, 40)])
    expect(answer.subarray(40)).toEqual(proof('listener', nonces))
    // What follows the last proof belongs to the next protocol, even in the same packet.
    member.socket.write(Buffer.concat([proof('dialler', nonces), MULTISTREAM]))
    const after = await member.has(92)
    expect(after.subarray(72)).toEqual(MULTISTREAM)
    member.socket.destroy()
  })

  it('says nothing to who does not speak its language', async () => {
    for (const words of [
      'GET / HTTP/1.1\r\n\r\n',
      '\u0013/multistream/1.0.0\n',
      'skein/2\n',
      '        ',
    ]) {
      const outsider = new Outsider(port)
      outsider.socket.write(words)
      expect(await outsider.dropped()).toHaveLength(0)
    }
  })

  it('spends 72 bytes on who has another key, and nothing of libp2p runs', async () => {
    const outsider = new Outsider(port)
    const ours = randomBytes(32)
    outsider.socket.write(Buffer.concat([MAGIC, ours]))
    const nonces = Buffer.concat([ours, (await outsider.has(72)).subarray(8, 40)])
    outsider.socket.write(proof('dialler', nonces, createNetworkKey()))
    outsider.socket.write(MULTISTREAM)
    expect(await outsider.dropped()).toHaveLength(72)
  })

  it('takes no proof twice, nor its own for a dialler’s', async () => {
    const first = new Outsider(port)
    const ours = randomBytes(32)
    first.socket.write(Buffer.concat([MAGIC, ours]))
    const answer = await first.has(72)
    const recorded = proof('dialler', Buffer.concat([ours, answer.subarray(8, 40)]))
    first.socket.destroy()
    for (const replayed of [recorded, answer.subarray(40)]) {
      const again = new Outsider(port)
      again.socket.write(Buffer.concat([MAGIC, ours]))
      await again.has(72)
      again.socket.write(Buffer.concat([replayed, MULTISTREAM]))
      expect(await again.dropped()).toHaveLength(72)
    }
  })

  it('drops who floods it before the proof', async () => {
    const outsider = new Outsider(port)
    outsider.socket.write(Buffer.concat([MAGIC, randomBytes(2_000)]))
    const received = await outsider.dropped()
    expect(received.length).toBeLessThanOrEqual(72)
    // Nor does anybody, with the key or without, put more in line than the gate has to keep.
    const member = new Outsider(port)
    const ours = randomBytes(32)
    member.socket.write(Buffer.concat([MAGIC, ours]))
    const nonces = Buffer.concat([ours, (await member.has(72)).subarray(8, 40)])
    member.socket.write(Buffer.concat([proof('dialler', nonces), MULTISTREAM, Buffer.alloc(2_000)]))
    expect(await member.dropped()).toHaveLength(72)
  })

  it('waits three seconds for who is silent or half done, and lets others in meanwhile', async () => {
    const silent = new Outsider(port)
    const half = new Outsider(port)
    half.socket.write(MAGIC.subarray(0, 5))
    const member = await createLibp2pTransport({
      identity: await createIdentity(),
      network,
      listen: [],
    })
    await member.dial(listener.addresses[0] ?? '', { signal: AbortSignal.timeout(10_000) })
    expect([silent.socket.closed, half.socket.closed]).toEqual([false, false])
    await member[Symbol.asyncDispose]()
    expect(await silent.dropped()).toHaveLength(0)
    expect(await half.dropped()).toHaveLength(0)
  })

  it('stands for a hundred outsiders at once, and members still come in', async () => {
    const outsiders = Array.from({ length: 100 }, () => new Outsider(port))
    for (const { socket } of outsiders) socket.write(randomBytes(500))
    await Promise.all(outsiders.map((outsider) => outsider.dropped()))
    const member = await createLibp2pTransport({
      identity: await createIdentity(),
      network,
      listen: [],
    })
    const channel = await member.dial(listener.addresses[0] ?? '', {
      signal: AbortSignal.timeout(10_000),
    })
    expect(channel.peer).toBe(listener.peer)
    expect(new Set(inside)).toContain(member.peer)
    await member[Symbol.asyncDispose]()
  })

  it('is told from another network’s by the dialler, which gives nothing away', async () => {
    const impostor = await createLibp2pTransport({
      identity: await createIdentity(),
      network: createNetworkKey(),
    })
    const member = await createLibp2pTransport({
      identity: await createIdentity(),
      network,
      listen: [],
    })
    await expect(
      member.dial(impostor.addresses[0] ?? '', { signal: AbortSignal.timeout(10_000) }),
    ).rejects.toMatchObject({ code: 'WRONG_NETWORK', retryable: false })
    await impostor[Symbol.asyncDispose]()
    await member[Symbol.asyncDispose]()
  })
})
