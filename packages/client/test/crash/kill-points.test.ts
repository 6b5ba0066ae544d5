import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import type { Store } from '../../src/store/store.ts'
import { clientOn } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { FIVE_HUNDRED, inputsOf, longPlan } from './five-hundred.ts'
import { keptOpen, mortalStore } from './mortal-store.ts'

/** The beginning with the input, 500 calls and 20 rows. */
const WRITES = 521

const inputs = inputsOf(FIVE_HUNDRED)

async function undisturbed(): Promise<unknown> {
  const keys: string[] = []
  await using client = clientOn(createMemoryStore())
  const { output } = await client.run(longPlan({ began: (key) => keys.push(key) }), inputs)
  expect(keys).toHaveLength(500)
  return output
}

/** Runs until that write, is killed, and resumes. Throws where a finished call is repeated. */
async function killAt(
  store: Store,
  { write, id }: { write: number; id: string },
): Promise<unknown> {
  const mortal = mortalStore(store, write)
  // Nobody closes this client: its process is gone.
  const run = clientOn(mortal.store).run(longPlan({ began: () => {} }), inputs, { id, seed: 1 })
  run.then(undefined, () => {})
  await mortal.dead
  const again: string[] = []
  const client = clientOn(keptOpen(store))
  const { output } = await client.resume(id, longPlan({ began: (key) => again.push(key) }))
  await client[Symbol.asyncDispose]()
  const repeated = again.filter((key) => mortal.recorded.has(key))
  if (repeated.length > 0) throw new RangeError(`done twice: ${repeated.join(', ')}`)
  return output
}

const Printed = z.object({ output: z.unknown(), again: z.array(z.string()) })

/** Runs the program in a process of its own. */
async function program(...given: string[]): Promise<{ ending: unknown; printed: string }> {
  const source = path.join(import.meta.dirname, 'killed-program.ts')
  const child = spawn(process.execPath, ['--conditions=@skein/source', source, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const [code, signal] = z.tuple([z.unknown(), z.unknown()]).parse(await once(child, 'close'))
  return { ending: signal ?? code, printed }
}

async function keysIn(file: string): Promise<ReadonlySet<string>> {
  await using store = createSqliteStore(file)
  return new Set(store.read('r')?.under(''))
}

describe('[X2] [F15] a run of 500 tasks that is killed', () => {
  it('at any write to a store in memory comes to the same, and repeats nothing', async () => {
    const expected = await undisturbed()
    for (let write = 1; write <= WRITES; write++) {
      const store = createMemoryStore({ capacity: 2000 })
      expect(await killAt(store, { write, id: 'r' })).toEqual(expected)
    }
  }, 120_000)

  it('at any write to a file comes to the same, and repeats nothing', async () => {
    await using folder = await temporaryFolder()
    const expected = await undisturbed()
    await using store = createSqliteStore(folder.file('runs.db'))
    for (let write = 1; write <= WRITES; write++) {
      expect(await killAt(store, { write, id: `r${write}` })).toEqual(expected)
    }
  }, 300_000)

  it('with its whole process comes to the same, and repeats nothing', async () => {
    await using folder = await temporaryFolder()
    const expected = await undisturbed()
    for (const tasks of [1, 120, 333, 499]) {
      const file = folder.file(`${tasks}.db`)
      expect(await program(file, String(tasks))).toEqual({ ending: 'SIGKILL', printed: '' })
      const recorded = await keysIn(file)
      expect(recorded.size).toBeLessThan(500)
      const { ending, printed } = await program(file)
      expect(ending).toBe(0)
      const { output, again } = Printed.parse(JSON.parse(printed))
      expect(output).toEqual(expected)
      expect(again.filter((key) => recorded.has(key))).toEqual([])
      expect(again.length + recorded.size).toBe(500)
    }
  }, 120_000)
})
