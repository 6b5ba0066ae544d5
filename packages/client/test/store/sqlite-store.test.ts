import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { describeCache } from './cache-contract.ts'
import { describeQueues } from './queue-contract.ts'
import {
  describeStore,
  record,
  START,
  type SceneOptions,
  type StoreScene,
} from './store-contract.ts'
import { temporaryFolder } from './temporary-store.ts'

async function create(options: SceneOptions = {}): Promise<StoreScene> {
  const folder = await temporaryFolder()
  let now = START
  const store = createSqliteStore(folder.file('runs.db'), { ...options, now: () => now })
  return {
    store,
    pass: (ms) => {
      now += ms
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

describeStore('in an SQLite file', create)
describeCache('in an SQLite file', create)
describeQueues('in an SQLite file', create)

describe('a file of runs', () => {
  it('keeps a run from others until its holder has been silent for too long', async () => {
    await using folder = await temporaryFolder()
    let now = START
    const file = folder.file('runs.db')
    await using one = createSqliteStore(file, { now: () => now })
    await using other = createSqliteStore(file, { now: () => now })
    const journal = await one.open('run', {})
    await journal.commit(record('0'))
    await expect(other.open('run')).rejects.toMatchObject({ code: 'RUN_HELD' })
    expect(await other.runs.get('run')).toMatchObject({ state: 'running' })
    now += 15_000
    expect(await other.runs.get('run')).toMatchObject({ state: 'interrupted' })
    const taken = await other.open('run')
    expect(taken.find(record('0'))?.output).toBe('because')
    await expect(journal.commit(record('1'))).rejects.toMatchObject({ code: 'RUN_HELD' })
    await taken.commit(record('1', { output: 'mine' }))
    await expect(journal.close({ state: 'done', endedAt: 1 })).rejects.toThrow('has taken over')
    expect(taken.find(record('1'))?.output).toBe('mine')
    expect(await one.runs.get('run')).toMatchObject({ state: 'running' })
  })

  it('gives the run of a process that died to the next at once', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    const journal = await store.open('run', {})
    await journal.begun()
    const database = new DatabaseSync(file)
    const dead = { token: 't', process: { pid: 2 ** 22 + 1, machine: hostname() } }
    database.prepare('update run set owner = ?').run(JSON.stringify(dead))
    database.close()
    expect(await store.runs.get('run')).toMatchObject({ state: 'interrupted' })
    await using other = createSqliteStore(file)
    await other.open('run')
  })

  it('names the record that is damaged, and gives nothing of it', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const large = 'x'.repeat(5000)
    await using store = createSqliteStore(file)
    const journal = await store.open('r', { plan: 'p' })
    await journal.commit(record('0/ask'))
    await journal.commit(record('1/ask', { output: large }))
    await journal.note({ kind: 'input', place: '0', value: 'why' })
    const database = new DatabaseSync(file)
    database.exec(
      "update batch set body = cast(replace(cast(body as text), 'because', 'becausE') as blob)",
    )
    database.exec("update value set body = replace(body, 'xxxxx', 'xxxxy')")
    database.exec(
      "update batch set body = cast(replace(cast(body as text), 'why', 'who') as blob) where kind = 'input'",
    )
    database.exec("update run set head = replace(head, 'plan', 'plam')")
    database.close()
    const reader = store.read('r')
    expect(() => reader?.find(record('0/ask'))).toThrow(
      /the answer to 0\/ask of run r is damaged in .*runs.db; a rerun of the run does anew/,
    )
    expect(() => reader?.find(record('1/ask', { output: large }))).toThrow(
      /the value .* is damaged/,
    )
    expect(() => [...(reader?.notes('input') ?? [])]).toThrow('the input 0 of run r is damaged')
    await expect(store.runs.get('r')).rejects.toThrow('the head of run r is damaged')
    expect(await store.runs.list()).toEqual([{ id: 'r', project: 'default', state: 'damaged' }])
    await journal.close()
    expect(await store.runs.remove('r')).toBe(true)
  })

  it('gives the last note of a place, whatever has happened to an earlier one', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    const journal = await store.open('r', {})
    await journal.note({ kind: 'metric', place: '0', value: 'the earlier' })
    await journal.note({ kind: 'metric', place: '0', value: 'the later' })
    const database = new DatabaseSync(file)
    database.exec(
      "update batch set body = cast(replace(cast(body as text), 'earlier', 'earliex') as blob)",
    )
    database.close()
    expect(Array.from(store.read('r')?.notes('metric') ?? [], ({ value }) => value)).toEqual([
      'the later',
    ])
  })

  it('holds no run whose journal cannot be read', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    const journal = await store.open('r', {})
    await journal.commit(record('0/ask'))
    await journal.close()
    const database = new DatabaseSync(file)
    database.exec('update batch set sum = sum + 1')
    database.close()
    await expect(store.open('r')).rejects.toThrow('batch 1 of run r is damaged')
    expect(await store.runs.get('r')).toMatchObject({ state: 'interrupted' })
    expect(await store.runs.remove('r')).toBe(true)
  })

  it('lets go of a run that is being opened while the store is closed', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const store = createSqliteStore(file)
    const opening = store.open('r', {})
    await store[Symbol.asyncDispose]()
    await opening
    await expect(store.open('s', {})).rejects.toMatchObject({ code: 'CLOSED' })
    await using other = createSqliteStore(file)
    await other.open('r')
  })

  it('keeps a row that is what a call answered once, lately or in the group before, and gives it back', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    const journal = await store.open('r', {})
    const text = 'what a model wrote '.repeat(10)
    const list = Object.freeze([text])
    await journal.commit(record('0/ask', { output: text }))
    await journal.commit(record('1/ask', { output: list }))
    await Promise.all([
      journal.note({ kind: 'row', place: '1', value: list }),
      journal.note({ kind: 'row', place: '2', value: 'another' }),
    ])
    const again = { key: '3/ask', output: text }
    await Promise.all([
      journal.commit(record(again.key, again)),
      journal.note({ kind: 'row', place: '3', value: text }),
    ])
    const rows = Array.from(store.read('r')?.notes('row') ?? [], ({ place, value }) => [
      place,
      value,
    ])
    expect(Object.fromEntries(rows)).toEqual({ 1: list, 2: 'another', 3: text })
    const database = new DatabaseSync(file)
    const written = database
      .prepare("select cast(body as text) as body from batch where kind = 'row'")
      .all()
    expect(JSON.stringify(written)).not.toContain('a model wrote')
    database.exec(
      "update batch set body = cast(replace(cast(body as text), 'what a', 'what b') as blob) where kind = 'call'",
    )
    database.close()
    await using other = createSqliteStore(file)
    const reader = other.read('r')
    expect(() => [...(reader?.notes('row') ?? [])]).toThrow(
      /the answer to [13]\/ask of run r is damaged/,
    )
  })

  it('is for nobody else to read, for it holds prompts and answers', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('deep/runs.db')
    await using store = createSqliteStore(file)
    await store.open('r', {})
    for (const name of [file, `${file}-wal`]) expect((await stat(name)).mode & 0o077).toBe(0)
  })
})

describe('the queues of a file', () => {
  it('[Q4] refuse a change past the transaction, and undo none of it for that', async () => {
    await using folder = await temporaryFolder()
    await using store = createSqliteStore(folder.file('runs.db'))
    const journal = await store.open('r', {})
    const noted = journal.note({ kind: 'metric', place: '0', value: 1 })
    const move = (isUndone: boolean) => {
      store.transaction((transaction) => {
        const queue = transaction.queue('in')
        queue.push('a', 1)
        expect(() => store.transaction(() => {})).toThrow('write with what it was given')
        // It shows what is written, and leaves what waits to be written for later.
        store.read('r')
        queue.push('b', 2)
        if (isUndone) throw new RangeError('undone')
      })
    }
    expect(() => {
      move(true)
    }).toThrow('undone')
    expect(store.queue('in').size()).toBe(0)
    move(false)
    expect(store.queue('in').size()).toBe(2)
    await noted
    await journal.commit(record('0/ask'))
  })

  it('[Q1] give 10,000 items to four processes, each once', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    store.transaction((transaction) => {
      for (let i = 0; i < 10_000; i++) transaction.queue('in').push(`${i}`, i)
    })
    const done = await Promise.all([1, 2, 3, 4].map(() => queueProgram(file)))
    const keys = done.flatMap(({ printed }) => printed.split(' ').filter((key) => key !== ''))
    expect(keys).toHaveLength(10_000)
    expect(new Set(keys).size).toBe(10_000)
    expect(store.queue('in').size()).toBe(0)
  }, 120_000)

  it('[Q4] leave both changes or neither when a process is killed, a hundred times', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const cache = folder.file('compiled')
    await using store = createSqliteStore(file)
    // One that ends by itself leaves what it was compiled to.
    expect(await moveProgram(file, { cache })).toBe(null)
    const items = 20_000
    store.transaction((transaction) => {
      for (let i = 0; i < items; i++) transaction.queue('in').push(`${i}`, i)
    })
    for (let kill = 1; kill <= 100; kill++) {
      expect(await moveProgram(file, { cache, killMs: kill / 4 })).toBe('SIGKILL')
      const moved = store.queue('out').size()
      expect(store.queue('in').size() + moved).toBe(items)
    }
    expect(store.queue('out').size()).toBeGreaterThan(100)
  }, 120_000)
})

/** Runs a program that drains a queue of a file. */
async function queueProgram(file: string): Promise<{ printed: string }> {
  const child = startProgram('queue-program.ts', [file])
  let printed = ''
  child.stdout.on('data', (text: string) => {
    printed += text
  })
  await once(child, 'close')
  return { printed }
}

/** Runs a program that moves items; kills it so long after its first sign of life, if that is said. By what signal it ended. */
async function moveProgram(
  file: string,
  { cache, killMs }: { readonly cache: string; readonly killMs?: number },
): Promise<unknown> {
  const child = startProgram('move-program.ts', [file], { NODE_COMPILE_CACHE: cache })
  child.stdout.once('data', () => {
    if (killMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killMs)
  })
  await once(child, 'close')
  return child.signalCode
}

function startProgram(name: string, given: readonly string[], environment = {}) {
  const source = path.join(import.meta.dirname, name)
  const child = spawn(process.execPath, ['--conditions=@skein/source', source, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
    timeout: 60_000,
  })
  child.stdout.setEncoding('utf8')
  return child
}
