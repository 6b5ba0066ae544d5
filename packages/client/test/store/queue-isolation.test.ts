import { describe, expect, it } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { temporaryFolder } from './temporary-store.ts'

describe('transactions of two who share a file', () => {
  it('[Q4] do not mix: nobody sees what another has not finished, nor what it gave up', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using one = createSqliteStore(file)
    await using other = createSqliteStore(file)
    one.queue('q').push('before', 0)
    const seen: number[] = []
    one.transaction((transaction) => {
      transaction.queue('q').push('new', 1)
      seen.push(other.queue('q').size())
    })
    seen.push(other.queue('q').size())
    expect(() => {
      one.transaction((transaction) => {
        transaction.queue('q').push('never', 2)
        seen.push(other.queue('q').size())
        throw new RangeError('given up')
      })
    }).toThrow('given up')
    expect([...seen, other.queue('q').size()]).toEqual([1, 2, 2, 2])
  })
})
