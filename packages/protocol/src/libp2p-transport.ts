import { identify } from '@libp2p/identify'
import type { Connection } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p, type Libp2pOptions } from 'libp2p'
import { parseAddress } from './address.ts'
import { dialFailure } from './dial-failure.ts'
import { encryption } from './encryption.ts'
import { ProtocolError } from './errors.ts'
import { createGate } from './gate.ts'
import type { Identity } from './identity.ts'
import { Libp2pChannel, SESSION_PROTOCOL } from './libp2p-channel.ts'
import { listenFailure } from './listen-failure.ts'
import type { NetworkKey } from './network-key.ts'
import type { Channel, Transport } from './transport.ts'
import { WINDOW_BYTES } from './window-updates.ts'

/** What a transport over TCP is made of. */
export interface Libp2pTransportOptions {
  readonly identity: Identity
  /** The key of the network; others are not let in. */
  readonly network: NetworkKey
  /** Addresses to listen on. Empty: dials only. @default ['/ip4/127.0.0.1/tcp/0'] */
  readonly listen?: readonly string[]
  /** Whether to find members on the local network, and to be found. @default false */
  readonly mdns?: boolean
}

/** Sessions on one connection: one, but dials of one peer at the same moment share their connection. */
const STREAMS_PER_CONNECTION = 16
/**
 * libp2p's defaults (5 new connections a second from one address, 10 at the gate at once) refuse a
 * farm behind one router. One address alone cannot fill the gate within its deadline.
 */
const CONNECTION_LIMITS = {
  maxConnections: 5_000,
  inboundConnectionThreshold: 200,
  maxIncomingPendingConnections: 1_000,
  maxParallelDials: 256,
  maxDialQueueLength: 10_000,
  inboundUpgradeTimeout: 5_000,
} as const

/**
 * Joins a network over TCP.
 *
 * @throws {ProtocolError} `ADDRESS_IN_USE` another program has the port; `INVALID_ADDRESS` cannot be
 *   listened on
 */
export async function createLibp2pTransport(options: Libp2pTransportOptions): Promise<Transport> {
  const { listen = ['/ip4/127.0.0.1/tcp/0'] } = options
  const addresses = listen.map((text) => parseAddress(text).toString())
  const host = await createLibp2p({ ...configure(options, addresses), start: false })
  const transport = new Libp2pTransport(host)
  try {
    await transport.start()
  } catch (error) {
    await host.stop()
    throw listenFailure(error, addresses)
  }
  return transport
}

function configure(options: Libp2pTransportOptions, addresses: string[]): Libp2pOptions {
  const { identity, network } = options
  return {
    privateKey: identity.privateKey,
    nodeInfo: { name: 'skein', version: '1', userAgent: 'skein/1' },
    addresses: { listen: addresses },
    transports: [tcp()],
    connectionProtector: () => createGate(network),
    connectionEncrypters: [encryption(network)],
    streamMuxers: [
      yamux({
        maxInboundStreams: 2 * STREAMS_PER_CONNECTION,
        maxOutboundStreams: 2 * STREAMS_PER_CONNECTION,
        streamOptions: { maxStreamWindowSize: WINDOW_BYTES },
      }),
    ],
    connectionManager: CONNECTION_LIMITS,
    // It cuts peers that are merely busy; sessions have their own liveness.
    connectionMonitor: { enabled: false },
    peerDiscovery: options.mdns === true ? [mdns({ serviceTag: serviceTag(network) })] : [],
    services: { identify: identify({ runOnConnectionOpen: false }) },
  }
}

/** Members of another network on the same wire are not even seen. */
function serviceTag(network: NetworkKey): string {
  return `_skein-${network.id}._udp.local`
}

class Libp2pTransport implements Transport {
  readonly #host: Libp2p
  #accept: ((channel: Channel) => void) | undefined

  constructor(host: Libp2p) {
    this.#host = host
  }

  get peer(): string {
    return this.#host.peerId.toString()
  }

  get addresses(): readonly string[] {
    return this.#host.getMultiaddrs().map(String)
  }

  async start(): Promise<void> {
    await this.#host.handle(
      SESSION_PROTOCOL,
      (stream, connection) => {
        const channel = new Libp2pChannel(stream, connection)
        if (this.#accept === undefined) void channel.close()
        else this.#accept(channel)
      },
      { maxInboundStreams: STREAMS_PER_CONNECTION, maxOutboundStreams: STREAMS_PER_CONNECTION },
    )
    await this.#host.start()
  }

  async dial(address: string, { signal }: { readonly signal: AbortSignal }): Promise<Channel> {
    const target = parseAddress(address)
    let connection: Connection | undefined
    try {
      // A connection of its own: one that is there already may be dead without our knowing.
      connection = await this.#host.dial(target, { signal, force: true })
      const stream = await connection.newStream(SESSION_PROTOCOL, { signal })
      if (stream.status !== 'open') throw new ProtocolError('PEER_UNREACHABLE', stream.status)
      return new Libp2pChannel(stream, connection)
    } catch (error) {
      const failure = dialFailure(error, { address, signal })
      connection?.abort(failure)
      throw failure
    }
  }

  accept(handler: (channel: Channel) => void): void {
    this.#accept = handler
  }

  discover(found: (address: string) => void): void {
    this.#host.addEventListener('peer:discovery', ({ detail }) => {
      for (const address of detail.multiaddrs)
        found(`${address.toString()}/p2p/${detail.id.toString()}`)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.stop()
  }
}
