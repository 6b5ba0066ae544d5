import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStore, type Store } from '@skein/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/main.ts'
import { drawMoment, momentLine, type RunMoment } from '../../src/views/run-moment.ts'
import { recordTerminal } from '../recorded-terminal.ts'

let folder: string
let store: Store

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-watch-'))
  store = createSqliteStore(join(folder, 'runs.db'))
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const STEP = {
  step: 'rewrite',
  done: 3,
  failed: 1,
  cancelled: 0,
  cached: 2,
  skipped: 0,
  ms: 5,
  running: 2,
}
const STATUS = { ms: 1200, rows: 2, failures: 1, tokens: 40, bySteps: [STEP] }
const MOMENT: RunMoment = {
  ...STATUS,
  id: 'geese',
  plan: 'haiku',
  state: 'running',
  error: undefined,
}

async function watch(terminal = recordTerminal()) {
  const code = await run(['watch', '--home', folder], terminal)
  return { code, terminal }
}

describe('skein watch', () => {
  it('[F23] follows the latest run that another process is at, until it ends', async () => {
    await (await store.open('before', {})).close({ state: 'done', endedAt: 1 })
    const journal = await store.open('geese', { plan: 'haiku' })
    await journal.begun()
    journal.tell(STATUS)
    const terminal = recordTerminal({ isTerminal: true })
    const watching = watch(terminal)
    await expect.poll(() => terminal.frames.at(-1)).toContain('rewrite')
    const error = { code: 'RUN_FAILED', message: 'too many rows failed' }
    await journal.close({ state: 'failed', endedAt: 2, error })
    expect((await watching).code).toBe(1)
    expect(terminal.frames.at(-1)).toMatch(/geese {2}haiku · failed · 2 rows(.*\n)+.*too many rows/)
  })

  it('[F23] says so where no run goes on', async () => {
    expect((await watch()).terminal.talkLines[1]).toContain('skein run FILE.ts')
    await (await store.open('before', {})).close({ state: 'done', endedAt: 1 })
    const { code, terminal } = await watch()
    expect(code).toBe(1)
    expect(terminal.talkLines).toEqual([
      'error: no run goes on now',
      'The latest, before, is done: skein runs show before',
    ])
  })

  it('[F23] shows the steps with what is done, failed and running', () => {
    expect(momentLine(MOMENT)).toBe(
      'geese: haiku · running · 2 rows · 40 tokens · 1.2 s, rewrite 3 (1 failed, 2 running)',
    )
    expect(drawMoment(MOMENT, (_, text) => text).split('\n')).toEqual([
      'geese  haiku · running · 2 rows · 40 tokens · 1.2 s',
      'STEP     DONE  FAILED  RUNNING  CACHED  SKIPPED',
      'rewrite     3       1        2       2        0',
    ])
  })

  it('[F23] shows what was cancelled of steps, where anything was', () => {
    const stopped: RunMoment = { ...MOMENT, bySteps: [STEP, { ...STEP, cancelled: 4, running: 0 }] }
    expect(momentLine(stopped)).toContain('rewrite 3 (1 failed, 4 cancelled)')
    expect(drawMoment(stopped, (_, text) => text).split('\n')).toEqual([
      'geese  haiku · running · 2 rows · 40 tokens · 1.2 s',
      'STEP     DONE  FAILED  RUNNING  CACHED  SKIPPED  CANCELLED',
      'rewrite     3       1        2       2        0          0',
      'rewrite     3       1        0       2        0          4',
    ])
  })
})
