import { readFile, rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ClientError } from '../../src/errors.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { clientOn } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { inputsOf, longPlan, TWO_HUNDRED } from './five-hundred.ts'

/** So many bytes of a file are tried; `SKEIN_POINTS=Infinity` tries all. */
const SAMPLE = Number(process.env['SKEIN_POINTS'] ?? 40)

/** All of them take hours. */
const LONGEST_MS = 8 * 3_600_000

const plan = longPlan({ began: () => {} })
const inputs = inputsOf(TWO_HUNDRED)

/** The files of a run of 200 tasks: whole, and as a process that was killed leaves them. */
async function filesOfRun(file: string): Promise<{ whole: Buffer; main: Buffer; log: Buffer }> {
  const client = clientOn(createSqliteStore(file))
  await client.run(plan, inputs, { id: 'r', seed: 1 })
  const [main, log] = await Promise.all([readFile(file), readFile(`${file}-wal`)])
  await client[Symbol.asyncDispose]()
  return { whole: await readFile(file), main, log }
}

/** What comes of reading the rows of the run of that file, of resuming it, and of doing it again: or a clear error. */
async function outcomes(file: string): Promise<unknown[]> {
  const outputs: unknown[] = []
  try {
    await using client = clientOn(createSqliteStore(file))
    const rows = async () => {
      const { state } = await client.runs.show('r')
      // Of one that has not come to its end there are those so far.
      return state === 'done' ? [client.runs.rows('r')] : []
    }
    const resumed = async () => [(await client.resume('r', plan)).output]
    const again = async () => [(await client.rerun('r', plan)).output]
    for (const look of [rows, resumed, again]) {
      try {
        outputs.push(...(await look()))
      } catch (error) {
        mustBeClear(error)
      }
    }
  } catch (error) {
    mustBeClear(error)
  }
  await Promise.all(['', '-wal', '-shm'].map((end) => rm(`${file}${end}`, { force: true })))
  return outputs
}

const CLEAR: ReadonlySet<string> = new Set(['STORE_FAILED', 'NO_SUCH_RUN', 'RUN_HELD'])

function mustBeClear(error: unknown): void {
  if (error instanceof ClientError && CLEAR.has(error.code)) return
  throw error
}

/** Places in a file, every one or some of each stretch. */
function places(length: number): number[] {
  const step = Math.max(1, Math.floor(length / SAMPLE))
  return Array.from({ length: Math.floor(length / step) }, (_, i) => i * step + (i % step))
}

async function expectedOutput(): Promise<unknown> {
  await using client = clientOn(createMemoryStore())
  const { output } = await client.run(plan, inputs, { seed: 1 })
  return output
}

describe('[X2] the file of a run of 200 tasks', () => {
  it(
    'is found out, or does no harm, whichever byte of it is changed',
    async () => {
      await using folder = await temporaryFolder()
      const { whole } = await filesOfRun(folder.file('whole.db'))
      const expected = await expectedOutput()
      let found = 0
      for (const place of places(whole.length)) {
        const damaged = Buffer.from(whole)
        damaged[place] = (damaged[place] ?? 0) ^ (1 << (place % 8))
        const file = folder.file(`${place}.db`)
        await writeFile(file, damaged)
        const outputs = await outcomes(file)
        if (outputs.length < 3) found++
        for (const output of outputs) expect(output, `byte ${place}`).toEqual(expected)
      }
      expect(found).toBeGreaterThan(0)
    },
    LONGEST_MS,
  )

  it(
    'is found out, or does no harm, wherever it is cut off',
    async () => {
      await using folder = await temporaryFolder()
      const { whole } = await filesOfRun(folder.file('whole.db'))
      const expected = await expectedOutput()
      for (const length of places(whole.length).filter(
        (_, i) => SAMPLE === Infinity || i % 4 === 0,
      )) {
        const file = folder.file(`${length}.db`)
        await writeFile(file, whole.subarray(0, length))
        for (const output of await outcomes(file)) expect(output).toEqual(expected)
      }
    },
    LONGEST_MS,
  )

  it(
    'does no harm when its log is changed or cut off',
    async () => {
      await using folder = await temporaryFolder()
      const { main, log } = await filesOfRun(folder.file('whole.db'))
      const expected = await expectedOutput()
      for (const [i, place] of places(log.length).entries()) {
        if (SAMPLE < Infinity && i % 4 > 0) continue
        const damaged = Buffer.from(log)
        damaged[place] = (damaged[place] ?? 0) ^ (1 << (place % 8))
        const cut = log.subarray(0, place)
        for (const [name, bytes] of Object.entries({ damaged, cut })) {
          const file = folder.file(`${name}-${place}.db`)
          await writeFile(file, main)
          await writeFile(`${file}-wal`, bytes)
          for (const output of await outcomes(file)) expect(output).toEqual(expected)
        }
      }
    },
    LONGEST_MS,
  )
})

describe('[F16] a run whose disk is full', () => {
  it('fails cleanly, and goes on when there is room', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const client = clientOn(createSqliteStore(file, { maxBytes: 152 * 1024 }))
    await expect(client.run(plan, inputs, { id: 'r' })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('full') as unknown,
    })
    await client[Symbol.asyncDispose]()
    await using again = clientOn(createSqliteStore(file))
    const { output, stats } = await again.resume('r', plan)
    expect(output).toEqual(await expectedOutput())
    expect(stats.failed).toBe(0)
    expect(stats.cached).toBeGreaterThan(0)
  })
})
