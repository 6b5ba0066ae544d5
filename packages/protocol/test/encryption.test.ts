import { multiaddrConnectionPair } from '@libp2p/utils'
import { describe, expect, it } from 'vitest'
import { encryption } from '../src/encryption.ts'
import { createIdentity } from '../src/identity.ts'
import { createLibp2pTransport } from '../src/libp2p-transport.ts'
import { NetworkKey, type KeyPurpose } from '../src/network-key.ts'
import { noiseParts } from './noise-parts.ts'

const KEY = new Uint8Array(32).fill(7)

/** Passes the gate of a network as a relay does that stands between two members, and has no key. */
class RelayedKey extends NetworkKey {
  override derive(purpose: KeyPurpose): Uint8Array {
    return purpose === 'noise' ? new Uint8Array(32) : super.derive(purpose)
  }
}

/** The two ends of an encrypted connection in memory, and how often each wrote to what lies below. */
async function pair() {
  const network = new NetworkKey(KEY)
  const [near, far] = multiaddrConnectionPair()
  const writes: Uint8Array[] = []
  const secure = async () => encryption(network)(await noiseParts(near.log))
  const [one, other] = await Promise.all([secure(), secure()])
  const [outbound, inbound] = await Promise.all([
    one.secureOutbound(near),
    other.secureInbound(far),
  ])
  const send = near.send.bind(near)
  near.send = (bytes) => {
    writes.push(...(bytes instanceof Uint8Array ? [bytes] : bytes))
    return send(bytes)
  }
  return { near, outbound: outbound.connection, inbound: inbound.connection, writes }
}

const turn = () => new Promise(setImmediate)

describe('the encryption of a network', () => {
  it('writes what is said in one turn once, in one piece', async () => {
    const { outbound, inbound, writes } = await pair()
    const heard: string[] = []
    inbound.addEventListener('message', ({ data }) =>
      heard.push(Buffer.from(data.subarray()).toString()),
    )
    for (const word of ['one ', 'two ', 'three']) outbound.send(Buffer.from(word))
    await Promise.resolve()
    outbound.send(Buffer.from(' four'))
    expect(writes).toEqual([])
    await turn()
    expect(writes).toHaveLength(1)
    await expect.poll(() => heard.join('')).toBe('one two three four')
    outbound.send(Buffer.alloc(100_000))
    await turn()
    expect(writes).toHaveLength(2)
  })

  it('takes a connection that ends in the same turn', async () => {
    const { near, outbound } = await pair()
    outbound.send(Buffer.from('lost'))
    near.abort(new Error('cut'))
    await turn()
    expect(near.status).toBe('aborted')
  })

  it('[N1] cannot be begun by who passed the gate without having the key', async () => {
    await using listener = await createLibp2pTransport({
      identity: await createIdentity(),
      network: new NetworkKey(KEY),
    })
    const inside: string[] = []
    listener.accept((channel) => inside.push(channel.peer))
    await using relay = await createLibp2pTransport({
      identity: await createIdentity(),
      network: new RelayedKey(KEY),
      listen: [],
    })
    const signal = AbortSignal.timeout(10_000)
    await expect(relay.dial(listener.addresses[0] ?? '', { signal })).rejects.toMatchObject({
      code: 'PEER_UNREACHABLE',
    })
    await using member = await createLibp2pTransport({
      identity: await createIdentity(),
      network: new NetworkKey(KEY),
      listen: [],
    })
    await member.dial(listener.addresses[0] ?? '', { signal })
    expect(inside).toEqual([member.peer])
  })
})
