import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { onFile } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { NAP, sleeper } from './sleeper.ts'

/** Starts the program in a process of its own. */
function start(...argv: string[]): ChildProcess {
  const source = path.join(import.meta.dirname, 'program.ts')
  return spawn(process.execPath, ['--conditions=@skein/source', source, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
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
      expect(Math.abs(output - begunAt)).toBeLessThan(NAP - 1000)
      expect(stats.ms).toBeLessThan(NAP - 1000)
    })
  }, 60_000)
})
