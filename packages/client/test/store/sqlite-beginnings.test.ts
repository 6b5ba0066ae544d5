import { describe, expect, it, vi } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { record } from './store-contract.ts'
import { temporaryFolder } from './temporary-store.ts'

describe('a run that begins in a file', () => {
  it('[D21] is there at once for its own process, and for others within 20 ms', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    await using other = createSqliteStore(file)
    await store.open('a', { plan: 'p' })
    await store.open('b', { plan: 'p' })
    expect(await other.runs.list()).toEqual([])
    expect(await store.runs.get('a')).toMatchObject({ plan: 'p', state: 'running' })
    await store.open('c', { plan: 'p' })
    expect(store.read('c')).toBeDefined()
    await store.open('d', { plan: 'p' })
    await vi.waitFor(async () => {
      const ids = (await other.runs.list()).map(({ id }) => id)
      expect(ids).toEqual(['d', 'c', 'b', 'a'])
    })
  })

  it('[D21] is refused where it is there, also where another has begun it at the same moment', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    await using other = createSqliteStore(file)
    const first = await store.open('r', { project: 'theirs' })
    const taken = { code: 'INVALID_INPUT', message: expect.stringContaining('theirs') as unknown }
    await expect(store.open('r', { project: 'ours' })).rejects.toMatchObject(taken)
    const second = await other.open('r', { project: 'ours' })
    await first.commit(record('0/ask'))
    await expect(second.commit(record('0/ask'))).rejects.toMatchObject(taken)
    const lost = vi.fn<(error: Error) => void>()
    second.onLost(lost)
    expect(lost).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(taken))
    await expect(other.open('r', { project: 'ours' })).rejects.toMatchObject(taken)
    expect(store.read('r')?.find(record('0/ask'))).toBeDefined()
  })

  it('[F16] leaves its name free where there was no room for it, or for another that was to be written with it', async () => {
    await using folder = await temporaryFolder()
    await using store = createSqliteStore(folder.file('runs.db'), { maxBytes: 150_000 })
    const large = await store.open('large', { context: { text: 'x'.repeat(200_000) } })
    const small = await store.open('small', {})
    const lost = vi.fn<(error: Error) => void>()
    small.onLost(lost)
    await expect(large.begun()).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await expect(small.begun()).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(lost).toHaveBeenCalledOnce()
    expect(await store.runs.list()).toEqual([])
    const again = await store.open('small', {})
    await again.commit(record('0/ask'))
    expect(await store.runs.get('small')).toMatchObject({ state: 'running' })
  })
})
