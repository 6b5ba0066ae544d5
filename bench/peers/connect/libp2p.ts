/** A bare js-libp2p host, with and without encryption. */
import { noise } from '@chainsafe/libp2p-noise'
import { plaintext } from '@libp2p/plaintext'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'

export const PROTOCOL = '/bench/task/1.0.0'

export interface HostOptions {
  readonly listens: boolean
  readonly encrypted: boolean
}

export function createHost({ listens, encrypted }: HostOptions): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: listens ? ['/ip4/127.0.0.1/tcp/0'] : [] },
    transports: [tcp()],
    connectionEncrypters: [encrypted ? noise() : plaintext()],
    streamMuxers: [yamux()],
  })
}

export function addressOf(host: Libp2p): string {
  return String(host.getMultiaddrs()[0])
}
