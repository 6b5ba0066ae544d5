/** Moves items from one queue of a file to another: `move-program.ts <file>`. It loads no more than that, for it is begun often. */
import process from 'node:process'
import { SqliteFile } from '../../src/store/sqlite-file.ts'
import { SqliteQueue, transactQueues } from '../../src/store/sqlite-queue.ts'

const file = new SqliteFile(process.argv[2] ?? '')
const now = () => Date.now()
const transact = <T>(work: () => T): T => file.transact(work)
const queue = new SqliteQueue(file, 'in', { now, transact })
process.stdout.write(' ')
for (;;) {
  const [one] = queue.lease({ ms: 60_000 })
  if (!one) break
  transactQueues(file, now, (transaction) => {
    transaction.queue('out').push(one.key, one.value)
    transaction.queue('in').complete(one)
  })
}
