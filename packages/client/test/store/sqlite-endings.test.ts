import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { record } from './store-contract.ts'
import { temporaryFolder } from './temporary-store.ts'

const DONE = { state: 'done', endedAt: 1 } as const

describe('a run that ends in a file', () => {
  it('[D21] is over at once for its own process, and for others within 20 ms if all was done', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    await using other = createSqliteStore(file)
    const stateElsewhere = async () => (await other.runs.get('r'))?.state
    const journal = await store.open('r', {})
    await journal.commit(record('0/ask'))
    await journal.close(DONE)
    expect(await stateElsewhere()).toBe('running')
    await vi.waitFor(async () => expect(await stateElsewhere()).toBe('done'))
    await (await store.open('s', {})).close(DONE)
    expect(await store.runs.get('s')).toMatchObject({ state: 'done' })
  })

  it('[D21] is over for all when it says so, if it was stopped, or nothing of it was written yet', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    await using other = createSqliteStore(file)
    const stopped = await store.open('stopped', {})
    await stopped.begun()
    await stopped.close({ state: 'failed', endedAt: 1 })
    expect(await other.runs.get('stopped')).toMatchObject({ state: 'failed' })
    await (await store.open('empty', {})).close(DONE)
    expect(await other.runs.get('empty')).toMatchObject({ state: 'done' })
  })

  it('[D21] is over also where its process ends in the same moment', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const program = path.join(import.meta.dirname, 'ending-program.ts')
    const child = spawn(process.execPath, ['--conditions=@skein/source', program, file], {
      stdio: 'inherit',
      timeout: 60_000,
    })
    expect(await once(child, 'close')).toEqual([0, null])
    await using store = createSqliteStore(file)
    expect(await store.runs.get('r')).toMatchObject({ state: 'done', endedAt: 1 })
  })

  it('[F16] tells who listens why its ending could not be written, and can be taken up', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file, { maxBytes: 150_000 })
    const journal = await store.open('r', {})
    const lost = vi.fn<(error: Error) => void>()
    journal.onLost(lost)
    await journal.commit(record('0/ask'))
    await journal.close({ ...DONE, error: { code: 'RUN_FAILED', message: 'x'.repeat(200_000) } })
    await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce())
    expect(lost).toHaveBeenCalledWith(expect.objectContaining({ code: 'STORE_FAILED' }))
    await using other = createSqliteStore(file)
    expect(await other.runs.get('r')).toMatchObject({ state: 'interrupted' })
    expect((await other.open('r')).find(record('0/ask'))).toBeDefined()
  })
})
