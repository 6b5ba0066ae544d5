import { DatabaseSync } from 'node:sqlite'
import { systemClock, type Clock } from '@skein/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, createSqliteStore, external, pipeline, step } from '../../src/index.ts'
import type { Journal, Store } from '../../src/store/store.ts'
import { keptOpen } from '../crash/mortal-store.ts'
import { fakeJournal } from '../fake-journal.ts'
import { smallNetwork } from '../small-network.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { failureOf, until } from '../waiting.ts'

const REVIEW = {
  name: 'review',
  input: z.object({ draft: z.string() }),
  output: z.object({ ok: z.boolean() }),
}
const REASONED = z.object({ ok: z.boolean(), why: z.string() })
const review = external(REVIEW)
const start = pipeline('articles', { draft: z.string() })
const plan = start.step(review)

describe('a step that somebody outside does', () => {
  it('[Q9] waits until its task is completed, and goes on with the answer', async () => {
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const run = net.client.run(plan, [{ draft: 'a' }, { draft: 'b' }])
    await until(() => net.client.tasks.list().length === 2)
    const [first, second] = net.client.tasks.list()
    expect(first).toMatchObject({ run: run.id, step: 'review', input: { draft: 'a' } })
    expect(first?.answer).toMatchObject({ properties: { ok: { type: 'boolean' } } })
    expect(net.client.tasks.complete(second?.key ?? '', { ok: false })).toEqual({ state: 'done' })
    expect(net.client.tasks.complete(first?.key ?? '', { ok: 'no' })).toMatchObject({
      state: 'misfit',
    })
    expect(net.client.tasks.complete(first?.key ?? '', { ok: true })).toEqual({ state: 'done' })
    expect((await run).output).toEqual([{ ok: true }, { ok: false }])
    expect(net.client.tasks.complete(first?.key ?? '', { ok: true })).toEqual({ state: 'unknown' })
  })

  it('[Q9] is completed by another process while the one that waits is gone', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const waiting = await smallNetwork([], { store: createSqliteStore(file) })
    const first = waiting.client.run(plan, { draft: 'a' }, { id: 'r' })
    await until(() => waiting.client.tasks.list().length === 1)
    const [task] = waiting.client.tasks.list()
    await waiting[Symbol.asyncDispose]()
    expect((await failureOf(first)).code).toBe('CLOSED')
    const other = await smallNetwork([], { store: createSqliteStore(file) })
    expect(other.client.tasks.complete(task?.key ?? '', { ok: true })).toEqual({ state: 'done' })
    const { output } = await other.client.resume('r', plan)
    expect(output).toEqual({ ok: true })
    await other[Symbol.asyncDispose]()
  })

  it('[Q9] keeps an answer that its run could not record, for whoever resumes it', async () => {
    const store = createMemoryStore()
    await using full = await smallNetwork([], { store: recordsNothing(store) })
    const first = full.client.run(plan, { draft: 'a' }, { id: 'r' })
    await until(() => full.client.tasks.list().length === 1)
    const [task] = full.client.tasks.list()
    expect(full.client.tasks.complete(task?.key ?? '', { ok: true })).toEqual({ state: 'done' })
    expect((await failureOf(first)).code).toBe('STORE_FAILED')
    await using net = await smallNetwork([], { store })
    expect((await net.client.resume('r', plan)).output).toEqual({ ok: true })
    expect(net.client.tasks.answerTo(task?.key ?? '')).toBe(undefined)
  })

  it('[Q9] is asked anew when its run is resumed if its own schema refused the answer', async () => {
    const even = external({ ...REVIEW, output: z.number().refine((n) => n % 2 === 0) })
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const { client } = net
    const first = client.run(start.step(even), { draft: 'a' }, { id: 'r' })
    await until(() => client.tasks.list().length === 1)
    client.tasks.complete('r/0/review', 1)
    expect((await failureOf(first)).message).toContain('answered what its schema refuses')
    const second = client.resume('r', start.step(even))
    await until(() => client.tasks.list().length === 1)
    client.tasks.complete('r/0/review', 2)
    expect((await second).output).toBe(2)
  })

  it('[Q9] fails, and nothing but it, when its task is damaged while it waits', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using net = await smallNetwork([], { store: createSqliteStore(file) })
    const run = net.client.run(plan, { draft: 'buy' })
    await until(() => net.client.tasks.list().length === 1)
    const database = new DatabaseSync(file)
    database.exec("update item set body = replace(body, 'buy', 'BUY')")
    database.close()
    const error = await failureOf(run)
    expect(error.code).toBe('STORE_FAILED')
    expect(error.message).toContain('is damaged in')
  })

  it.each([
    ['its input', start.map(({ draft }) => ({ draft: `${draft}!` })).step(review)],
    ['its version', start.step(external({ ...REVIEW, version: '2' }))],
    ['what an answer must be', start.step(external({ ...REVIEW, output: REASONED }))],
  ])('[Q9] is asked anew, open or answered, when %s has changed', async (_, after) => {
    for (const isAnswered of [false, true]) {
      await using net = await smallNetwork([], { store: createMemoryStore() })
      const { client } = net
      const first = client.run(plan, { draft: 'a' }, { id: 'r' })
      await until(() => client.tasks.list().length === 1)
      const [old] = client.tasks.list()
      await first.cancel()
      if (isAnswered) client.tasks.complete(old?.key ?? '', { ok: true })
      // Tasks are told apart by when they were opened.
      await until(() => Date.now() > (old?.openedAt ?? 0))
      const second = client.resume('r', after)
      await until(() => client.tasks.list().some(({ openedAt }) => openedAt !== old?.openedAt))
      const [task, ...others] = client.tasks.list()
      expect(others).toEqual([])
      const answer = { ok: false, why: 'dull' }
      expect(client.tasks.complete(task?.key ?? '', answer)).toEqual({ state: 'done' })
      expect((await second).output).toMatchObject({ ok: false })
    }
  })

  it('[Q9] stays as it was, and keeps its answer, where nothing has changed', async () => {
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const { client } = net
    const first = client.run(plan, { draft: 'a' }, { id: 'r' })
    await until(() => client.tasks.list().length === 1)
    const [task] = client.tasks.list()
    await first.cancel()
    const second = client.resume('r', plan)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(client.tasks.list()).toEqual([task])
    await second.cancel()
    client.tasks.complete(task?.key ?? '', { ok: true })
    expect((await client.resume('r', plan)).output).toEqual({ ok: true })
  })

  it('[Q9] goes with its run: another of that id does not take its answer', async () => {
    await using folder = await temporaryFolder()
    const store = createSqliteStore(folder.file('runs.db'))
    await using net = await smallNetwork([], { store })
    const { client } = net
    for (const id of ['r', 'r2']) {
      const run = client.run(plan, [{ draft: 'a' }, { draft: 'b' }], { id })
      await until(() => client.tasks.list().filter((task) => task.run === id).length === 2)
      await run.cancel()
    }
    const answered = client.tasks.list().find(({ run }) => run === 'r')
    client.tasks.complete(answered?.key ?? '', { ok: true })
    expect(await client.runs.remove('r')).toBe(true)
    expect(client.tasks.list().map(({ run }) => run)).toEqual(['r2', 'r2'])
    const again = client.run(plan, [{ draft: 'a' }, { draft: 'b' }], { id: 'r' })
    await until(() => client.tasks.list().length === 4)
    await again.cancel()
    expect(await client.runs.remove('not there')).toBe(false)
  })

  it('[F22] [Q9] is listed with its project, and to nobody who asks for another', async () => {
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const { tasks } = net.client
    const birds = net.client.run(plan, { draft: 'a' }, { project: 'birds' })
    const usual = net.client.run(plan, { draft: 'b' })
    await until(() => tasks.list().length === 2)
    expect(tasks.list({ project: 'birds' })).toMatchObject([{ input: { draft: 'a' } }])
    expect(tasks.list({ project: 'default' })).toMatchObject([{ input: { draft: 'b' } }])
    expect(tasks.list({ project: 'fish' })).toEqual([])
    await Promise.all([birds.cancel(), usual.cancel()])
  })

  it('fails when its time is over, and its task with it', async () => {
    const hasty = external({ ...DRAFT, timeout: '50ms' })
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const error = await failureOf(net.client.run(hasty, { draft: 'a' }))
    expect(error.message).toContain("nobody answered 'review' within 50 ms")
    expect(net.client.tasks.list()).toEqual([])
  })

  it('answers for itself when its time is over, if it can', async () => {
    const hasty = external({ ...DRAFT, timeout: '50ms', onTimeout: ({ draft }) => draft !== 'a' })
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const { output } = await net.client.run(hasty, [{ draft: 'a' }, { draft: 'b' }])
    expect(output).toEqual([false, true])
  })

  it('leaves its task open when the run is cancelled: it may be answered before the run goes on', async () => {
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const run = net.client.run(plan, { draft: 'a' })
    await until(() => net.client.tasks.list().length === 1)
    await run.cancel()
    expect(net.client.tasks.list()).toHaveLength(1)
  })

  it('[Q9] [F20] takes its task back with each try that is over, and lets the program end', async () => {
    const hasty = start.step(review, {
      timeout: '20ms',
      retries: 1,
      fallback: () => ({ ok: false }),
    })
    const whole = start.step(pipeline('in', { draft: z.string() }).step(review), {
      timeout: '20ms',
      fallback: () => ({ ok: false }),
    })
    for (const late of [hasty, whole]) {
      const { ticking, clock } = countedClock()
      await using net = await smallNetwork([], { store: createMemoryStore(), clock })
      const { client } = net
      const before = ticking.size
      expect((await client.run(late, { draft: 'a' })).output).toEqual({ ok: false })
      expect(client.tasks.list()).toEqual([])
      expect(ticking.size).toBe(before)
    }
  })

  it('[Q9] [P6] takes its task back when a branch beside it fails', async () => {
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const { client } = net
    const failing = step({ name: 'fails', input: z.string(), output: z.string(), run: refuse })
    const both = start.parallel({
      asks: (rows) => rows.step(review),
      fails: (rows) => rows.map(({ draft }) => draft).step(failing),
    })
    expect((await failureOf(client.run(both, { draft: 'a' }))).message).toContain('refused')
    expect(client.tasks.list()).toEqual([])
  })

  it('cannot be made of a schema that nobody else could read, or with unknown options', () => {
    const odd = { name: 'odd', input: z.string(), output: z.map(z.string(), z.string()) }
    expect(() => external(odd)).toThrow("the output of step 'odd' cannot be told")
    const misspelt = { ...DRAFT, timeuot: '1s' }
    expect(() => external(misspelt)).toThrow("step 'review' has an unknown option 'timeuot'")
  })
})

const DRAFT = { name: 'review', input: z.object({ draft: z.string() }), output: z.boolean() }

/** Refuses, once the other branch has asked. */
async function refuse(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 20))
  throw new RangeError('refused')
}

/** A clock, and what it is to do. */
function countedClock() {
  const ticking = new Set<object>()
  const schedule: Clock['schedule'] = (ms, run) => {
    const mark = {}
    ticking.add(mark)
    const stop = systemClock.schedule(ms, () => {
      ticking.delete(mark)
      run()
    })
    return () => {
      ticking.delete(mark)
      stop()
    }
  }
  return { ticking, clock: { ...systemClock, schedule } }
}

const diskFull = () => Promise.reject(new RangeError('the disk is full'))

/** A store in which runs begin, and whose disk is full when an answer comes. */
function recordsNothing(store: Store): Store {
  const open: Store['open'] = async (...run) => {
    const journal = await store.open(...run)
    const note: Journal['note'] = (given) => journal.note(given)
    return { ...fakeJournal(diskFull), note, close: () => journal.close() }
  }
  return { ...keptOpen(store), open }
}
