/** Works on the queues of a file: `queue-program.ts <file> drain|move`. */
import process from 'node:process'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'

const [file = '', task] = process.argv.slice(2)
const store = createSqliteStore(file)
const queue = store.queue('in')
process.stdout.write(' ')
for (;;) {
  const leased = queue.lease({ ms: 60_000, limit: task === 'drain' ? 50 : 1 })
  if (leased.length === 0) break
  store.transaction((transaction) => {
    for (const one of leased) {
      if (task === 'move') transaction.queue('out').push(one.key, one.value)
      transaction.queue('in').complete(one)
    }
  })
  if (task === 'drain') process.stdout.write(leased.map(({ key }) => `${key} `).join(''))
}
