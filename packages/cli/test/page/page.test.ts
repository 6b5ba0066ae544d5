import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore, createSqliteStore, RecordedRuns, type Store } from '@skein/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Page } from '../../src/page/page.ts'
import { LastingRecords } from '../../src/recorded.ts'

let store: Store

beforeEach(() => {
  store = createMemoryStore()
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
})

const STEP = { step: 'rewrite', failed: 0, cancelled: 0, cached: 0, skipped: 0, ms: 5, running: 1 }

function status(done: number, failures = 0): object {
  return { ms: 1200, rows: done, failures, tokens: 40, bySteps: [{ ...STEP, done }] }
}

/** Somebody who has not looked yet. */
function page(runs = new RecordedRuns(store)): Page {
  const records = { store, runs }
  return new Page(() => records)
}

async function finish(id: string, where = store): Promise<void> {
  await (await where.open(id, {})).close({ state: 'done', endedAt: 1 })
}

describe('[F23] what the page shows', () => {
  it('is the latest run that goes on, and changes with it', async () => {
    const journal = await store.open('geese', { plan: 'haiku' })
    journal.tell(status(1))
    await finish('later')
    const first = await page().look()
    expect(first).toMatchObject({ run: { id: 'geese', state: 'running', rows: 1 } })
    expect(first.runs.map(({ id }) => id)).toEqual(['later', 'geese'])
    journal.tell(status(2))
    expect(await page().look()).toMatchObject({ run: { bySteps: [{ done: 2, running: 1 }] } })
    await journal.close({ state: 'done', endedAt: 2 })
    expect(await page().look()).toMatchObject({ run: { id: 'later' } })
  })

  it('is a run that goes on also when many have come and gone since', async () => {
    ;(await store.open('geese', {})).tell(status(1))
    for (let i = 0; i < 60; i++) await finish(`short-${i}`)
    const { run, runs, hasMore } = await page().look()
    expect(run).toMatchObject({ id: 'geese', state: 'running' })
    expect(runs).toHaveLength(51)
    expect(hasMore).toBe(true)
  })

  it('is the run that was asked for, with its failures and metrics', async () => {
    const journal = await store.open('geese', {})
    await finish('later')
    const error = { code: 'STEP_FAILED', message: 'no rhyme' }
    const failure = { step: 'rewrite', index: 3, attempts: 2, nodes: ['goose'], error }
    await journal.note({ kind: 'failure', place: '3.4/rewrite', value: failure })
    await journal.note({ kind: 'metric', place: '3', value: { name: 'score', value: 0.5 } })
    journal.tell(status(1, 1))
    expect(await page().look('geese')).toMatchObject({
      run: {
        failures: [{ ...failure, path: [3, 4], place: 'item 5 of input 4' }],
        metrics: { score: 0.5 },
      },
    })
  })

  it('reads the failures of a run that is over only once', async () => {
    const journal = await store.open('geese', {})
    journal.tell(status(1))
    await journal.close({ state: 'done', endedAt: 1 })
    const runs = new RecordedRuns(store)
    const read = vi.spyOn(runs, 'failures')
    const one = page(runs)
    await one.look('geese')
    await one.look('geese')
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('says so when there is no such run, with those that there are', async () => {
    await finish('geese')
    const moment = await page().look('ducks')
    expect(moment).toMatchObject({ run: undefined, problem: "there is no run 'ducks'" })
    expect(moment.runs).toHaveLength(1)
  })

  it('is what the file has that is there now, also where another was deleted before', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skein-page-'))
    const file = join(folder, 'runs.db')
    const records = await LastingRecords.open(folder)
    const one = new Page(() => records.current())
    const before = createSqliteStore(file)
    await finish('geese', before)
    expect(await one.look()).toMatchObject({ run: { id: 'geese' } })
    const files = (await readdir(folder)).filter((name) => name.startsWith('runs.db'))
    for (const name of files) await rm(join(folder, name))
    expect(await one.look()).toEqual({ runs: [], hasMore: false })
    const after = createSqliteStore(file)
    await finish('ducks', after)
    const { runs } = await one.look()
    expect(runs.map(({ id }) => id)).toEqual(['ducks'])
    await finish('swans', after)
    for (const opened of [records, before, after]) await opened[Symbol.asyncDispose]()
    await using again = createSqliteStore(file)
    expect((await again.runs.list()).map(({ id }) => id)).toEqual(['swans', 'ducks'])
    await rm(folder, { recursive: true })
  })
})
