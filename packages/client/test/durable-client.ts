import { createMemoryNetwork } from '@skein/protocol'
import { createClient, createSqliteStore, type Client } from '../src/index.ts'
import type { Store } from '../src/store/store.ts'

/** A client without nodes on this store, which it closes. */
export function clientOn(store: Store): Client {
  return createClient({ transport: createMemoryNetwork().transport('client'), store })
}

/** Works with a client on the file, then closes both. */
export async function onFile<T>(file: string, work: (client: Client) => Promise<T>): Promise<T> {
  await using client = clientOn(createSqliteStore(file))
  return await work(client)
}
