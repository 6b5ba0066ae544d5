/** What both peers of ours need: a network of their own for each cell, and transports in it. */
import {
  createIdentity,
  createLibp2pTransport,
  createNetworkKey,
  parseNetworkKey,
  type Transport,
} from '../../../packages/protocol/src/index.ts'
import type { Services, Settings } from '../../harness/peer.ts'

/** No server: only a key, which workers and coordinator share. */
export async function createNetwork(): Promise<Services> {
  return { list: [], settings: { network: createNetworkKey().toText() } }
}

export async function openTransport(
  settings: Settings,
  { listens }: { readonly listens: boolean },
): Promise<Transport> {
  return createLibp2pTransport({
    identity: await createIdentity(),
    network: parseNetworkKey(String(settings['network'])),
    ...(!listens && { listen: [] }),
  })
}
