/**
 * Runs 500 tasks on a file and kills itself at one of them: `killed-program.ts <file> <task>`. Without a task it
 * takes the run up and prints its output and the keys of the calls that it made.
 */
import process from 'node:process'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { clientOn } from '../durable-client.ts'
import { FIVE_HUNDRED, inputsOf, longPlan } from './five-hundred.ts'

const [file = '', last] = process.argv.slice(2)
const again: string[] = []
const plan = longPlan({
  began: (key) => {
    again.push(key)
    if (again.length === Number(last)) process.kill(process.pid, 'SIGKILL')
  },
})
const client = clientOn(createSqliteStore(file))
if (last === undefined) {
  const { output } = await client.resume('r', plan)
  process.stdout.write(JSON.stringify({ output, again }))
} else {
  // Few at a time: the disk hears of most before the end.
  await client.run(plan, inputsOf(FIVE_HUNDRED), { id: 'r', concurrency: 8 })
}
await client[Symbol.asyncDispose]()
