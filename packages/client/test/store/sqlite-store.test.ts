import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { describeQueues } from './queue-contract.ts'
import { describeStore, START, type StoreScene } from './store-contract.ts'
import { temporaryFolder } from './temporary-store.ts'

async function create(): Promise<StoreScene> {
  const folder = await temporaryFolder()
  let now = START
  const store = createSqliteStore(folder.file('runs.db'), { now: () => now })
  return {
    store,
    pass: (ms) => {
      now += ms
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

describeStore('in an SQLite file', create)
describeQueues('in an SQLite file', create)
