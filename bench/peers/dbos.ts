/** DBOS Transact on PostgreSQL: a durable workflow with one step for each task, from a queue polled every 10 ms. */
import { setTimeout as delay } from 'node:timers/promises'
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk'
import type { Peer, Result, Settings, Task } from '../harness/peer.ts'
import { missingPostgres, startPostgres } from './connect/postgres.ts'

/** Its default of a second would measure nothing but waiting. */
const POLL_MS = 10
/** Workflows asked after at once: a poll for each of ten thousand would swamp the database. */
const LOOKS = 500
/** Workflows enqueued at the same time. */
const BULK = 20

export const peer: Peer = {
  // A known workflow id is not started again.
  resumes: true,
  missing: missingPostgres,

  async services() {
    const services = await startPostgres()
    configure(services.settings, 'setup')
    await DBOS.launch()
    await DBOS.shutdown()
    return services
  },

  async worker({ execute, settings, slots, index }) {
    configure(settings, `worker-${index}`)
    const run = (task: Task): Promise<Result> =>
      DBOS.runStep(() => execute(task), { name: 'generate' })
    DBOS.registerWorkflow(run, { name: 'run' })
    await DBOS.launch()
    await DBOS.registerQueue('tasks', { workerConcurrency: slots, minPollingIntervalMs: POLL_MS })
    return { close: () => DBOS.shutdown() }
  },

  async coordinator({ settings, slots }) {
    const client = await DBOSClient.create({
      systemDatabaseUrl: String(settings['url']),
      systemDatabasePoolSize: 20,
    })
    await client.registerQueue('tasks', { workerConcurrency: slots, minPollingIntervalMs: POLL_MS })
    const waiting = new Map<string, (result: Result) => void>()
    const start = async (task: Task, take: (result: Result) => void): Promise<void> => {
      const workflow = { queueName: 'tasks', workflowName: 'run', workflowID: task.id }
      await client.enqueue({ ...workflow, appVersion: '1' }, task)
      waiting.set(task.id, take)
    }
    const closed = new AbortController()
    void collect(client, waiting, closed.signal)
    return {
      async submit(task) {
        const { promise, resolve } = Promise.withResolvers<Result>()
        await start(task, resolve)
        return promise
      },
      async submitAll(tasks, onResult) {
        const all: Promise<void>[] = []
        for (let from = 0; from < tasks.length; from += BULK) {
          await Promise.all(
            tasks.slice(from, from + BULK).map(async (task) => {
              const { promise, resolve } = Promise.withResolvers<Result>()
              all.push(promise.then((result) => onResult(task, result)))
              await start(task, resolve)
            }),
          )
        }
        await Promise.all(all)
      },
      async close() {
        closed.abort()
        await client.destroy()
      },
    }
  },
}

/** Lists finished workflows in batches, those asked after longest ago first. */
async function collect(
  client: DBOSClient,
  waiting: Map<string, (result: Result) => void>,
  closed: AbortSignal,
): Promise<void> {
  while (!closed.aborted) {
    const workflowIDs = [...waiting.keys()].slice(0, LOOKS)
    const found = workflowIDs.length === 0 ? [] : await finished(client, workflowIDs)
    for (const { workflowID, output } of found) {
      waiting.get(workflowID)?.(output as Result)
      waiting.delete(workflowID)
    }
    for (const id of workflowIDs) {
      const resolve = waiting.get(id)
      if (resolve === undefined) continue
      waiting.delete(id)
      waiting.set(id, resolve)
    }
    if (found.length < LOOKS / 5) await delay(POLL_MS)
  }
}

async function finished(client: DBOSClient, workflowIDs: string[]) {
  try {
    const wanted = { workflowIDs, status: 'SUCCESS' as const, loadInput: false, loadOutput: true }
    return await client.listWorkflows(wanted)
  } catch {
    return []
  }
}

function configure(settings: Settings, executorID: string): void {
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: String(settings['url']),
    systemDatabasePoolSize: 10,
    logLevel: 'error',
    runAdminServer: false,
    applicationVersion: '1',
    executorID,
  })
}
