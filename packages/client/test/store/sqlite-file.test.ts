import { readFile, stat, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { temporaryFolder } from './temporary-store.ts'

describe('a file of runs', () => {
  it('is refused when another version of the program made it, or another program, and when it is none', async () => {
    await using folder = await temporaryFolder()
    const database = new DatabaseSync(folder.file('newer.db'))
    database.exec('pragma user_version = 99')
    database.close()
    expect(() => createSqliteStore(folder.file('newer.db'))).toThrow(
      'was made by another version of this program (99, not 3)',
    )
    const foreign = new DatabaseSync(folder.file('foreign.db'))
    foreign.exec('create table bookmark (address text)')
    const asItWas = await readFile(folder.file('foreign.db'))
    expect(() => createSqliteStore(folder.file('foreign.db'))).toThrow(
      'is a database of another program; name another file',
    )
    expect(await readFile(folder.file('foreign.db'))).toEqual(asItWas)
    foreign.close()
    await writeFile(folder.file('none.db'), 'no database at all'.repeat(100))
    expect(() => createSqliteStore(folder.file('none.db'))).toThrow('file is not a database')
  })

  it('is taken as it was when its owner has had SQLite tidy it up', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await createSqliteStore(file)[Symbol.asyncDispose]()
    const database = new DatabaseSync(file)
    database.exec("insert into value (hash, body) values ('a', 'b'); analyze; vacuum")
    const count = 'select count(*) as count from sqlite_schema'
    expect(database.prepare(`${count} where name = 'sqlite_stat1'`).get()).toEqual({ count: 1 })
    database.close()
    await expect(createSqliteStore(file)[Symbol.asyncDispose]()).resolves.toBeUndefined()
  })

  it('stays as it was made, and as large as it may be, where its pages are smaller than those of new files', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const earlier = new DatabaseSync(file)
    earlier.exec('pragma page_size = 1024; pragma journal_mode = wal')
    earlier.close()
    const maxBytes = 400_000
    const store = createSqliteStore(file, { maxBytes })
    const queue = store.queue<string>('q')
    const items = Array.from({ length: 60 }, async (_, i) =>
      queue.push(String(i), 'x'.repeat(10_000)),
    )
    const refused = (await Promise.allSettled(items)).filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThan(20)
    await store[Symbol.asyncDispose]()
    const whole = await stat(file)
    expect(whole.size).toBeGreaterThan(maxBytes / 2)
    expect(whole.size).toBeLessThanOrEqual(maxBytes)
    expect(whole.size % 8192).not.toBe(0)
  })

  it.runIf(process.platform === 'linux')(
    'stays locked for others when the process opens it a second time',
    async () => {
      await using folder = await temporaryFolder()
      const file = folder.file('runs.db')
      await using first = createSqliteStore(file)
      const { ino } = await stat(file)
      const locks = async () => {
        const lines = (await readFile('/proc/locks', 'utf8')).split('\n')
        return lines.filter((line) => line.includes(`:${ino} `)).length
      }
      expect(await locks()).toBe(1)
      await using second = createSqliteStore(file)
      expect(await locks()).toBe(1)
      expect(await second.runs.list()).toEqual(await first.runs.list())
    },
  )

  it('[X2] is found out where the name of a column was changed, though it still is that column for SQLite', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await createSqliteStore(file)[Symbol.asyncDispose]()
    const bytes = await readFile(file, 'latin1')
    await writeFile(
      file,
      bytes.replace('number integer primary key', 'numBer integer primary key'),
      'latin1',
    )
    expect(() => createSqliteStore(file)).toThrow('the description of the tables is damaged')
  })
})
