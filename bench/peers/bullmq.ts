/** BullMQ on Redis with an append-only file (synchronised every second), results through QueueEvents. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Queue, QueueEvents, Worker } from 'bullmq'
import type { Peer, Result, Settings, Task } from '../harness/peer.ts'
import { findProgram, freePort, startService, untilListening } from '../harness/services.ts'

const QUEUE = 'tasks'
/** Jobs per round trip; more gains nothing. */
const BULK = 1000

export const peer: Peer = {
  // Known job ids are not added again; results of finished jobs are read back.
  resumes: true,

  missing: () =>
    program() === undefined
      ? 'redis-server is not installed (Debian: apt-get install redis-server)'
      : undefined,

  async services(directory) {
    const port = await freePort()
    const data = join(directory, 'redis')
    mkdirSync(data, { recursive: true })
    const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', data]
    const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '']
    const service = startService(program() ?? '', [...where, ...durable])
    await untilListening(port)
    return { list: [service], settings: { port } }
  },

  async worker({ execute, settings, slots, scenario }) {
    const worker = new Worker<Task, Result>(QUEUE, (job) => execute(job.data), {
      connection: connection(settings),
      concurrency: slots,
      ...(scenario !== 'crash' && { removeOnComplete: { count: 0 } }),
    })
    await worker.waitUntilReady()
    return { close: () => worker.close(true) }
  },

  async coordinator(context) {
    const queue = new Queue<Task, Result>(QUEUE, {
      connection: connection(context.settings),
      defaultJobOptions: { removeOnComplete: context.scenario !== 'crash', attempts: 3 },
    })
    const events = new QueueEvents(QUEUE, { connection: connection(context.settings) })
    await events.waitUntilReady()
    const waiting = new Map<string, (result: Result) => void>()
    const settle = (id: string, result: Result): void => {
      waiting.get(id)?.(result)
      waiting.delete(id)
    }
    // Its type says string; what comes is the parsed value.
    events.on('completed', ({ jobId, returnvalue }: { jobId: string; returnvalue: unknown }) => {
      settle(jobId, returnvalue as Result)
    })
    const result = (task: Task): Promise<Result> =>
      new Promise((resolve) => waiting.set(task.id, resolve))
    return {
      async submit(task) {
        const answer = result(task)
        await queue.add('run', task, { jobId: task.id })
        return answer
      },
      async submitAll(tasks, onResult) {
        const all = tasks.map(async (task) => onResult(task, await result(task)))
        for (let start = 0; start < tasks.length; start += BULK) {
          await queue.addBulk(tasks.slice(start, start + BULK).map(asJob))
        }
        if (context.resume) await readBack(queue, tasks, settle)
        await Promise.all(all)
      },
      async close() {
        await events.close()
        await queue.close()
      },
    }
  },
}

async function readBack(
  queue: Queue<Task, Result>,
  tasks: readonly Task[],
  settle: (id: string, result: Result) => void,
): Promise<void> {
  const jobs = await Promise.all(tasks.map((task) => queue.getJob(task.id)))
  for (const job of jobs) {
    if (job?.id !== undefined && job.finishedOn !== undefined) settle(job.id, job.returnvalue)
  }
}

function asJob(task: Task) {
  return { name: 'run', data: task, opts: { jobId: task.id } }
}

function connection(settings: Settings) {
  return { host: '127.0.0.1', port: Number(settings['port']), maxRetriesPerRequest: null }
}

function program(): string | undefined {
  return findProgram('/usr/bin/redis-server', '/usr/local/bin/redis-server')
}
