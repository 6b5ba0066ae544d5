/** Works on the queues of a file: `queue-program.ts <file>`. */
import process from 'node:process'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'

const store = createSqliteStore(process.argv[2] ?? '')
const queue = store.queue('in')
process.stdout.write(' ')
for (;;) {
  const leased = queue.lease({ ms: 60_000, limit: 50 })
  if (leased.length === 0) break
  store.transaction((transaction) => {
    for (const one of leased) transaction.queue('in').complete(one)
  })
  process.stdout.write(leased.map(({ key }) => `${key} `).join(''))
}
