/**
 * What tests of several processes run: `program.ts <file> stage <from> <to> <add>`, or `program.ts <file>` with
 * `sleeper`, `fires` it by the clock, `dies` in the middle of a run, or `worker`, which goes on with it.
 */
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { createMemoryNetwork } from '@skein/protocol'
import { z } from 'zod'
import { createClient } from '../../src/client.ts'
import { pipeline } from '../../src/plan/pipeline.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { counted, NUMBERS } from './counted.ts'
import { NAP, sleeper } from './sleeper.ts'

const [file = '', task, from = '', to = '', add = '0'] = process.argv.slice(2)
const store = createSqliteStore(file)
const client = createClient({ transport: createMemoryNetwork().transport(), store })

const plus = pipeline('plus', { n: z.number() }).map(({ n }) => n + Number(add))

/** Takes what comes, runs the pipeline on it and passes the answer on, until it is ended. */
async function stage(): Promise<void> {
  for (;;) {
    const [leased] = client.queues.of<number>(from).lease({ ms: 60_000 })
    if (leased) {
      const { output } = await client.run(plus, { n: leased.value })
      client.queues.transaction((transaction) => {
        transaction.queue(to).push(leased.key, output)
        transaction.queue(from).complete(leased)
      })
    } else await wait(5)
  }
}

/** Says what it has finished and kills itself, in the middle of its seventh call. */
async function dies(): Promise<void> {
  const plan = counted((_key, n) => {
    if (n < 6) return
    process.stdout.write(JSON.stringify(store.read('squares')?.under('')))
    process.kill(process.pid, 'SIGKILL')
  })
  await client.run(plan, NUMBERS, { id: 'squares', concurrency: 1 })
}

/** Takes over whatever is left, and says what it does, until it is ended. */
function worker(): void {
  client.takeOver([counted((key) => process.stdout.write(`${key}\n`))], { every: '50ms' })
  process.stdout.write('looks\n')
}

if (task === 'stage') await stage()
else if (task === 'dies') await dies()
else if (task === 'worker') worker()
else if (task === 'fires') client.schedule(sleeper, NAP, { name: 'often', every: '50ms' })
else {
  const run = client.run(sleeper, NAP, { id: 'nap' })
  for await (const event of run.events()) if (event.type === 'task') process.stdout.write('begun\n')
}
