import { createMemoryNetwork, type MemoryNetwork } from '@skein/protocol'
import { createClient, type Client, type ClientOptions } from '../src/index.ts'
import { ScriptedNode, type NodeScript } from './scripted-node.ts'

/** A client and its nodes in one process. */
export interface SmallNetwork extends AsyncDisposable {
  readonly network: MemoryNetwork
  readonly client: Client
  readonly nodes: readonly ScriptedNode[]
}

/** Starts a node for each script and a client that knows them all. */
export async function smallNetwork(
  scripts: readonly NodeScript[],
  options: Partial<ClientOptions> = {},
): Promise<SmallNetwork> {
  const network = createMemoryNetwork()
  const nodes = scripts.map(
    (script, i) => new ScriptedNode(network.transport(`node-${i + 1}`), script),
  )
  const client = createClient({
    transport: network.transport('client'),
    addresses: nodes.map((node) => node.address),
    ...options,
  })
  if (nodes.length > 0) await client.ready()
  return {
    network,
    client,
    nodes,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]()
      for (const node of nodes) await node.transport[Symbol.asyncDispose]()
    },
  }
}
