import { createMemoryStore, RecordedRuns, type Store } from '@skein/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { moments, type PageMoment } from '../../src/page/moments.ts'

let store: Store
let ending: AbortController

beforeEach(() => {
  store = createMemoryStore()
  ending = new AbortController()
})
afterEach(async () => {
  ending.abort()
  await store[Symbol.asyncDispose]()
})

const STEP = { step: 'rewrite', failed: 0, cancelled: 0, cached: 0, skipped: 0, ms: 5, running: 1 }

function status(done: number): object {
  return { ms: 1200, rows: done, failures: 0, tokens: 40, bySteps: [{ ...STEP, done }] }
}

function watched(id?: string): AsyncGenerator<PageMoment, void> {
  return moments(new RecordedRuns(store), { id, signal: ending.signal })
}

async function next(page: AsyncGenerator<PageMoment, void>): Promise<PageMoment | undefined> {
  return (await page.next()).value ?? undefined
}

describe('[F23] what the page shows', () => {
  it('is the latest run that goes on, and changes with it', async () => {
    const journal = await store.open('geese', { plan: 'haiku' })
    journal.tell(status(1))
    await (await store.open('later', {})).close({ state: 'done', endedAt: 1 })
    const page = watched()
    const first = await next(page)
    expect(first).toMatchObject({ run: { id: 'geese', state: 'running', rows: 1 } })
    expect(first?.runs.map(({ id }) => id)).toEqual(['later', 'geese'])
    journal.tell(status(2))
    expect(await next(page)).toMatchObject({ run: { bySteps: [{ done: 2, running: 1 }] } })
    await journal.close({ state: 'done', endedAt: 2 })
    expect((await next(page))?.runs[1]).toMatchObject({ id: 'geese', state: 'done' })
  })

  it('is the run that was asked for, with its failures and metrics as they come', async () => {
    const journal = await store.open('geese', {})
    await (await store.open('later', {})).close({ state: 'done', endedAt: 1 })
    const page = watched('geese')
    expect(await next(page)).toMatchObject({ run: { id: 'geese', failures: [] } })
    const error = { code: 'STEP_FAILED', message: 'no rhyme' }
    const failure = { step: 'rewrite', index: 3, attempts: 2, nodes: ['goose'], error }
    await journal.note({ kind: 'failure', place: '3', value: failure })
    await journal.note({ kind: 'metric', place: '3', value: { name: 'score', value: 0.5 } })
    journal.tell({ ...status(1), failures: 1 })
    expect(await next(page)).toMatchObject({
      run: { failures: [failure], metrics: { score: 0.5 } },
    })
  })

  it('says so when there is no such run, with those that there are', async () => {
    await (await store.open('geese', {})).close({ state: 'done', endedAt: 1 })
    const moment = await next(watched('ducks'))
    expect(moment).toMatchObject({ run: undefined, problem: "there is no run 'ducks'" })
    expect(moment?.runs).toHaveLength(1)
  })

  it('ends when it is told to', async () => {
    const page = watched()
    expect(await next(page)).toMatchObject({ runs: [], run: undefined, problem: undefined })
    const last = page.next()
    ending.abort()
    expect(await last).toMatchObject({ done: true })
  })
})
