import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RecordedRuns } from '../../src/index.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { onFile } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { NUMBERS } from './counted.ts'
import { NAP, sleeper } from './sleeper.ts'

/** Starts the program in a process of its own. */
function start(...argv: string[]): ChildProcess {
  const source = path.join(import.meta.dirname, 'program.ts')
  return spawn(process.execPath, ['--conditions=@skein/source', source, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
}

/** What it has printed so far. */
function textOf({ stdout }: ChildProcess): () => string {
  let text = ''
  stdout?.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  return () => text
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

describe('processes', () => {
  it('[Q10] with a pipeline each are joined by queues: what goes in comes out at the other end', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    const count = 30
    for (let n = 0; n < count; n++) store.queue('in').push(`${n}`, n)
    const stages = [
      start(file, 'stage', 'in', 'middle', '1000'),
      start(file, 'stage', 'in', 'middle', '1000'),
      start(file, 'stage', 'middle', 'out', '0.5'),
    ]
    try {
      await expect
        .poll(() => store.queue('out').size(), { timeout: 40_000, interval: 50 })
        .toBe(count)
    } finally {
      await Promise.all(stages.map(kill))
    }
    const out = store.queue<number>('out').items()
    const values = out.map(({ value }) => value).toSorted((a, b) => a - b)
    expect(values).toEqual(Array.from({ length: count }, (_, n) => n + 1000.5))
    expect([store.queue('in').size(), store.queue('middle').size()]).toEqual([0, 0])
  }, 60_000)

  it('[X2] [F15] of which one is killed are taken over by another, by itself, and repeat no finished call', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const worker = start(file, 'worker')
    const told = textOf(worker)
    await once(worker.stdout ?? worker, 'data')
    try {
      const dying = start(file, 'dies')
      const died = textOf(dying)
      expect(await once(dying, 'close')).toEqual([null, 'SIGKILL'])
      const finished = z.array(z.string()).parse(JSON.parse(died()))
      await using store = createSqliteStore(file)
      const runs = new RecordedRuns(store)
      const state = async () => (await runs.show('squares')).state
      await expect.poll(state, { timeout: 40_000, interval: 50 }).toBe('done')
      expect(runs.rows('squares')).toEqual(NUMBERS.map(({ n }) => n * n))
      const begun = told().trim().split('\n').slice(1)
      expect(finished.length).toBeGreaterThan(0)
      expect(begun.filter((key) => finished.includes(key))).toEqual([])
      expect(new Set([...finished, ...begun]).size).toBe(NUMBERS.length)
      expect(begun.length + finished.length).toBe(NUMBERS.length)
    } finally {
      await kill(worker)
    }
  }, 60_000)

  it('[F21] of which one is killed while its schedule runs leave that to whoever looks after it, too', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const child = start(file, 'fires')
    await using store = createSqliteStore(file)
    try {
      const held = store.queue<{ readonly pid: number }>('schedule often holder')
      // Who comes later looks whether this process lives.
      const holder = () => held.find('holder')?.pid
      await expect.poll(holder, { timeout: 40_000, interval: 20 }).toBe(child.pid)
      // The run is there for others a moment after it has begun.
      const running = async () => (await store.runs.list())[0]?.state
      await expect.poll(running, { timeout: 40_000, interval: 20 }).toBe('running')
      const [run] = await store.runs.list()
      await kill(child)
      await onFile(file, async (client) => {
        client.schedule(sleeper, NAP, { name: 'often', every: '50ms' })
        const state = async () => (await client.runs.show(run?.id ?? '')).state
        await expect.poll(state, { timeout: 40_000, interval: 20 }).toBe('done')
      })
    } finally {
      await kill(child)
    }
  }, 90_000)

  it('[Q8] that are killed while a step sleeps have slept for the process that goes on', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const child = start(file, 'sleeper')
    await once(child.stdout ?? child, 'data')
    const begunAt = Date.now()
    // It has set its alarm, and written down for when.
    await wait(1000)
    await kill(child)
    await wait(begunAt + NAP - Date.now())
    await onFile(file, async (client) => {
      const { output, stats } = await client.resume('nap', sleeper)
      // The same answer to now() as before, and nothing left to sleep.
      expect(Math.abs(Number(output) - begunAt)).toBeLessThan(NAP - 1000)
      expect(stats.ms).toBeLessThan(NAP - 1000)
    })
  }, 60_000)
})
