import { describe, expect, it } from 'vitest'
import { createIdentity } from '../src/identity.ts'
import { createLibp2pTransport } from '../src/libp2p-transport.ts'
import { NetworkKey, type KeyPurpose } from '../src/network-key.ts'

const KEY = new Uint8Array(32).fill(7)

/** Passes the gate of a network as a relay does that stands between two members, and has no key. */
class RelayedKey extends NetworkKey {
  override derive(purpose: KeyPurpose): Uint8Array {
    return purpose === 'noise' ? new Uint8Array(32) : super.derive(purpose)
  }
}

describe('the encryption of a network', () => {
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
