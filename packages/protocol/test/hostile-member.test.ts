import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FrameWriter } from '../src/frames.ts'
import { createIdentity } from '../src/identity.ts'
import { createLibp2pTransport } from '../src/libp2p-transport.ts'
import { LIMITS } from '../src/limits.ts'
import { createNetworkKey } from '../src/network-key.ts'
import { openSession } from '../src/open-session.ts'
import type { Channel, Transport } from '../src/transport.ts'
import { CLIENT, NODE, openSide, progress } from './session-contract.ts'
import { Ear } from './transport-contract.ts'

const network = createNetworkKey()
const soon = () => ({ signal: AbortSignal.timeout(10_000) })

function frames(...messages: readonly object[]): Buffer {
  const writer = new FrameWriter()
  for (const message of messages) writer.write(message)
  return Buffer.concat(writer.take())
}

const HELLO = frames({ type: 'hello', version: 2, ...CLIENT })
const large = (length: number) => {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(length)
  return header
}

describe('a node that a member of its own network attacks', () => {
  let node: Transport
  let member: Transport
  let opened = 0
  const ends: unknown[] = []

  beforeAll(async () => {
    node = await createLibp2pTransport({ identity: await createIdentity(), network })
    member = await createLibp2pTransport({ identity: await createIdentity(), network, listen: [] })
    node.accept((channel) => {
      void welcome(channel)
    })
  })
  afterAll(async () => {
    await member[Symbol.asyncDispose]()
    await node[Symbol.asyncDispose]()
  })

  async function welcome(channel: Channel): Promise<void> {
    try {
      const session = await openSession(channel, {
        hello: NODE,
        handlers: { message: () => {}, closed: (error) => ends.push(error) },
      })
      opened += 1
      session.send(progress('1', 'welcome'))
    } catch (error) {
      ends.push(error)
    }
  }

  /** Says those bytes on a channel of its own, and waits until the node ends it. */
  async function attack(...pieces: readonly Uint8Array[]): Promise<Ear> {
    const ear = new Ear(await member.dial(node.addresses[0] ?? '', soon()))
    for (const piece of pieces) ear.channel.send(piece)
    await ear.ended()
    return ear
  }

  it.each([
    ['random bytes', [randomBytes(100_000)]],
    ['another protocol', [Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
    ['a hello and then garbage', [HELLO, randomBytes(5_000)]],
    ['a frame of four gigabytes', [HELLO, large(2 ** 32 - 1)]],
    ['a frame just too large', [HELLO, large(LIMITS.frameBytes + 1)]],
    [
      'a hundred thousand brackets',
      [HELLO, large(100_004), large(100_000), Buffer.alloc(100_000, '[')],
    ],
    [
      'a text of four gigabytes',
      [HELLO, large(10), large(2), Buffer.from('{}'), large(2 ** 32 - 1)],
    ],
    ['a message of another role', [HELLO, frames(progress('1', 'x'))]],
    ['two hellos', [HELLO, HELLO]],
    ['a prototype', [HELLO, frames({ type: '__proto__' })]],
    [
      'a huge number of values',
      [HELLO, large(1_000_006), large(1_000_002), Buffer.from(`[${'0,'.repeat(500_000)}0`)],
    ],
  ])('ends the session over %s, and tells why', async (_, pieces) => {
    const before = ends.length
    const ear = await attack(...pieces)
    expect(ear.text).toContain('"goodbye","code":"')
    expect(ends.length).toBe(before + 1)
  })

  it('outlives a member that leaves in the middle of a frame, many times over', async () => {
    const before = ends.length
    for (let round = 0; round < 20; round += 1) {
      const channel = await member.dial(node.addresses[0] ?? '', soon())
      channel.send(Buffer.concat([HELLO, large(1_000_000), randomBytes(round * 1_000)]))
      if (round % 2 === 0) channel.abort(new Error('bored'))
      else await channel.close()
    }
    await expect.poll(() => ends.length, { timeout: 15_000 }).toBe(before + 20)
  })

  it('serves an honest client after all that', async () => {
    const side = await openSide(await member.dial(node.addresses[0] ?? '', soon()), {
      hello: CLIENT,
    })
    await side.until(() => side.heard.length > 0)
    expect(side.heard).toEqual([progress('1', 'welcome')])
    expect(opened).toBeGreaterThan(0)
    await side.session.close()
  })
})
