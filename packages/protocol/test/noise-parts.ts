import type { Logger } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createIdentity } from '../src/identity.ts'

/** What libp2p would give an encrypter of a new member, with an upgrader that is never asked. */
export async function noiseParts(log: Logger) {
  const { privateKey } = await createIdentity()
  return {
    privateKey,
    peerId: peerIdFromPrivateKey(privateKey),
    logger: { forComponent: () => log },
    upgrader: {
      getStreamMuxers: () => new Map(),
      getConnectionEncrypters: () => new Map(),
      createInboundAbortSignal: notHere,
      upgradeInbound: () => Promise.resolve(),
      upgradeOutbound: () => Promise.reject(new Error('not here')),
    },
  }
}

function notHere(): never {
  throw new Error('not here')
}
