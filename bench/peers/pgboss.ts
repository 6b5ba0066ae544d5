/** pg-boss on PostgreSQL: LISTEN/NOTIFY on, bursts while batches come back full; results travel on a second queue. */
import { PgBoss } from 'pg-boss'
import type { Peer, Result, Settings, Task } from '../harness/peer.ts'
import { missingPostgres, startPostgres } from './connect/postgres.ts'

/** Jobs per round trip; more gains nothing. */
const BULK = 1000
const POLLING = { burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }

export const peer: Peer = {
  missing: missingPostgres,

  async services() {
    const services = await startPostgres()
    const boss = await start(services.settings)
    await boss.createQueue('tasks', { notify: true })
    await boss.createQueue('results', { notify: true })
    await boss.stop({ graceful: false })
    return services
  },

  async worker({ execute, settings, slots }) {
    const boss = await start(settings)
    await boss.work<Task>('tasks', { batchSize: slots, ...POLLING }, async (jobs) => {
      const results = await Promise.all(jobs.map(async (job) => execute(job.data)))
      await boss.insert(
        'results',
        results.map((data) => ({ data })),
      )
    })
    return { close: () => boss.stop({ graceful: false }) }
  },

  async coordinator({ settings }) {
    const boss = await start(settings)
    const waiting = new Map<string, (result: Result) => void>()
    await boss.work<Result>('results', { batchSize: 500, ...POLLING }, (jobs) => {
      for (const { data } of jobs) {
        waiting.get(data.id)?.(data)
        waiting.delete(data.id)
      }
      return Promise.resolve()
    })
    const result = (task: Task): Promise<Result> =>
      new Promise((resolve) => waiting.set(task.id, resolve))
    return {
      async submit(task) {
        const answer = result(task)
        await boss.send('tasks', task)
        return answer
      },
      async submitAll(tasks, onResult) {
        const all = tasks.map(async (task) => onResult(task, await result(task)))
        for (let from = 0; from < tasks.length; from += BULK) {
          await boss.insert(
            'tasks',
            tasks.slice(from, from + BULK).map((data) => ({ data })),
          )
        }
        await Promise.all(all)
      },
      close: () => boss.stop({ graceful: false }),
    }
  },
}

async function start(settings: Settings): Promise<PgBoss> {
  const connectionString = String(settings['url'])
  const boss = new PgBoss({ connectionString, useListenNotify: true, max: 10 })
  boss.on('error', () => undefined)
  await boss.start()
  return boss
}
