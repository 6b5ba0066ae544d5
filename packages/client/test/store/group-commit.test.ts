import { statSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { ClientError } from '../../src/errors.ts'
import { GroupCommit, type Writer } from '../../src/store/group-commit.ts'
import { SqliteFile } from '../../src/store/sqlite-file.ts'
import { temporaryFolder } from './temporary-store.ts'

const writer: Writer = { objection: () => undefined, flushed: () => {} }

function head(id: string) {
  return { sql: 'insert into run (id, project, head) values (?, ?, ?)', values: [id, 'p', 'h'] }
}

/** A file that tells when each transaction of it was to be on disk. */
async function scene() {
  const folder = await temporaryFolder()
  const file = new SqliteFile(folder.file('runs.db'))
  const transactions: string[] = []
  const transact = file.transact.bind(file)
  vi.spyOn(file, 'transact').mockImplementation((work, when = 'now') => {
    transactions.push(when)
    return transact(work, when)
  })
  return {
    group: new GroupCommit(file),
    transactions,
    transact,
    ids: () => file.all('select id from run order by number').map(({ id }) => id),
    logged: () => statSync(`${file.file}-wal`).size,
    synchronous: () => file.get('pragma synchronous')?.['synchronous'],
    async [Symbol.asyncDispose]() {
      file.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

describe('a group commit', () => {
  it('writes at once what came in the same turn, and waits for the disk if one of them needs it', async () => {
    await using at = await scene()
    await Promise.all([
      at.group.add('soon', writer, head('a')),
      at.group.add('now', writer, head('b')),
      at.group.add('later', writer, head('c')),
    ])
    expect(at.ids()).toEqual(['a', 'b', 'c'])
    expect(at.transactions).toEqual(['now'])
  })

  it('does not wait for the disk for what can be found out again; it is on disk soon after', async () => {
    await using at = await scene()
    await at.group.add('soon', writer, head('a'))
    expect(at.transactions).toEqual(['soon'])
    const written = at.logged()
    await vi.waitFor(() => {
      expect(at.transactions).toEqual(['soon', 'now'])
    })
    // SQLite waits for the disk only where a transaction writes something.
    expect(at.logged()).toBeGreaterThan(written)
    // Full again, for whoever writes outside of a group.
    expect(at.synchronous()).toBe(2)
  })

  it('waits for the disk only once, if something else soon waits for it', async () => {
    await using at = await scene()
    await at.group.add('soon', writer, head('a'))
    await at.group.add('now', writer, head('b'))
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(at.transactions).toEqual(['soon', 'now'])
  })

  it('writes what nobody waits for by itself, if nothing else comes', async () => {
    await using at = await scene()
    const written = at.group.add('later', writer, head('a'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(at.transactions).toEqual([])
    await written
    expect(at.ids()).toEqual(['a'])
  })

  it('waits for the disk soon even if what was to be there now could not be written', async () => {
    await using at = await scene()
    await at.group.add('soon', writer, head('a'))
    const held = new ClientError('RUN_HELD', 'another has it')
    const barred: Writer = { objection: () => held, flushed: () => {} }
    await expect(at.group.add('now', barred, head('b'))).rejects.toBe(held)
    await expect(at.group.add('now', writer, head('a'))).rejects.toThrow('UNIQUE')
    const written = at.logged()
    await vi.waitFor(() => {
      expect(at.logged()).toBeGreaterThan(written)
    })
  })

  it('has everything on disk when it is closed, whoever else has the file open', async () => {
    await using at = await scene()
    const written = at.group.add('later', writer, head('a'))
    at.group.close()
    await written
    expect(at.transactions).toEqual(['soon', 'now'])
    at.group.close()
    expect(at.transactions).toHaveLength(2)
  })

  it('goes on waiting in the middle of a transaction of somebody else', async () => {
    await using at = await scene()
    const written = at.group.add('soon', writer, head('a'))
    at.transact(() => {
      at.group.flush()
      expect(at.ids()).toEqual([])
    })
    await written
    expect(at.ids()).toEqual(['a'])
  })
})
