import { Client, createClient } from '@skein/client'
import { createNode } from '@skein/node'
import { createMemoryNetwork, openHome } from '@skein/protocol'
import { chooseEngines, type ChosenEngines } from './engines.ts'
import { openStore } from './recorded.ts'

/** How a command gets a client: on the user's network, or alone with a node in this very process. */

export interface NetworkOptions {
  /** Addresses of nodes besides those of this machine. */
  readonly node?: readonly string[]
  readonly home?: string
  /** Looks on the local network, too. */
  readonly lan?: boolean
}

/** A node that is certainly there may be slow to answer: this machine may be at its limit. */
const BUSY_MS = 10_000
/** A node elsewhere answers within this, or is not there. */
const ELSEWHERE_MS = 3_000

/** A client and all that must end with it. */
export interface Connection extends AsyncDisposable {
  readonly client: Client
  /** What is worth saying about it. */
  readonly notes: readonly string[]
}

/** Joins the user's network, and waits a moment for its nodes. */
export async function connect({
  node = [],
  home,
  lan = false,
}: NetworkOptions): Promise<Connection> {
  const folder = home === undefined ? {} : { home }
  const { length: running } = await (await openHome(home)).nodes()
  const client = await Client.connect({
    addresses: node,
    mdns: lan,
    name: 'skein',
    patienceMs: patienceFor({ running, told: lan || node.length > 0 }),
    ...folder,
  })
  return { client, notes: [], [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() }
}

/** How long to wait for the first nodes; less where they answer sooner. */
function patienceFor({ running, told }: { running: number; told: boolean }): number {
  // They are there, however busy this machine is.
  if (running > 0) return BUSY_MS
  // Where nothing is known of any node there is nothing to wait for.
  return told ? ELSEWHERE_MS : 0
}

/**
 * Lends this machine's models to a client in the same process, without any network. Runs are recorded as all others.
 *
 * @param needsModels whether it is of no use without a model
 * @throws {CliError} `UNREACHABLE` there is no model, and one is needed
 */
export async function connectLocally(
  { home }: NetworkOptions,
  needsModels: boolean,
): Promise<Connection> {
  const open = new AsyncDisposableStack()
  try {
    const network = createMemoryNetwork()
    const transport = open.use(network.transport('local'))
    const { engines, notes } = open.use(await enginesHere(needsModels))
    const node = open.use(await createNode({ transport, engines, name: 'local' }))
    const client = open.use(
      createClient({
        transport: network.transport('client'),
        addresses: node.addresses,
        store: await openStore(home),
      }),
    )
    await client.ready(BUSY_MS)
    return { client, notes, [Symbol.asyncDispose]: () => open.disposeAsync() }
  } catch (error) {
    await open.disposeAsync()
    throw error
  }
}

async function enginesHere(needsModels: boolean): Promise<ChosenEngines> {
  try {
    return await chooseEngines({}, process.env)
  } catch (error) {
    if (needsModels) throw error
    return { engines: [], notes: [], [Symbol.asyncDispose]: async () => undefined }
  }
}

/** Why nodes could not be reached, a line each. */
export function troublesOf(client: Client): string[] {
  return client.troubles().map((trouble) => {
    const split = trouble.indexOf(': ')
    const [address, why] = [trouble.slice(0, split), trouble.slice(split + 2)]
    // Most reasons name the address themselves.
    return why.startsWith(address) ? why : trouble
  })
}
