/** Ends a run in a file, and then the process, in the same moment: `ending-program.ts <file>`. */
import process from 'node:process'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { record } from './store-contract.ts'

const [file = ''] = process.argv.slice(2)
const journal = await createSqliteStore(file).open('r', {})
await journal.commit(record('0/ask'))
await journal.close({ state: 'done', endedAt: 1 })
process.exit()
