import { createClient, type Client, type ClientOptions } from '@skein/client'
import { createNode, createScriptedEngine } from '@skein/node'
import { createMemoryNetwork } from '@skein/protocol'

/** Runs with a client of its own, and with a node that answers from a script where there is one. */
export async function withClient<T>(
  work: (client: Client) => Promise<T>,
  { answers, ...options }: Partial<ClientOptions> & { answers?: Record<string, string> } = {},
): Promise<T> {
  const network = createMemoryNetwork()
  const lender = network.transport()
  const engine = createScriptedEngine({ answers: answers ?? {} })
  await using node = await createNode({ transport: lender, engines: [engine], name: 'goose' })
  const { addresses } = node
  await using client = createClient({ transport: network.transport(), addresses, ...options })
  if (answers) await client.ready()
  return await work(client)
}
