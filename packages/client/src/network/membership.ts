import { createLibp2pTransport, openHome, type Transport } from '@skein/protocol'

/** How a program joins the network of its user. */
export interface ConnectOptions {
  /** Nodes besides those that run on this machine: `host:port`, or as a node prints it. */
  readonly addresses?: readonly string[]
  /** The settings folder: the network's key, identities, the register of nodes. @default that of this user */
  readonly home?: string
  /** Finds nodes on the local network, too. @default false */
  readonly mdns?: boolean
  /** File that keeps what runs have done. @default 'runs.db' in the settings folder */
  readonly store?: string
  /** Name of this program, for the people of the nodes. @default 'client' */
  readonly name?: string
  /** How long to wait for the first nodes at most, in ms. @default 3000 */
  readonly patienceMs?: number
}

/** A place in a network. */
export interface Membership {
  /** The settings folder. */
  readonly directory: string
  readonly transport: Transport
  /** Addresses of each node that runs on this machine now. */
  readonly neighbours: () => Promise<readonly (readonly string[])[]>
  /** Gives the identity back. */
  readonly leave: () => Promise<void>
}

/** Joins the network whose key is in the settings folder, under an identity that no other program uses. */
export async function join({ home: directory, mdns = false }: ConnectOptions): Promise<Membership> {
  const home = await openHome(directory)
  const network = await home.networkKey()
  const identity = await home.claimIdentity('client')
  try {
    const transport = await createLibp2pTransport({ identity, network, listen: [], mdns })
    return {
      directory: home.directory,
      transport,
      neighbours: async () => {
        const nodes = await home.nodes()
        return nodes.filter((node) => node.network === network.id).map((node) => node.addresses)
      },
      leave: () => Promise.resolve(identity[Symbol.asyncDispose]()),
    }
  } catch (error) {
    await identity[Symbol.asyncDispose]()
    throw error
  }
}
