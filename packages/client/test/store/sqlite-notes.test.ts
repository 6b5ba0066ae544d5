import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { temporaryFolder } from './temporary-store.ts'

describe('notes in a file', () => {
  it('[Q4] misses notes of a run that is over which are found nowhere, and says how many', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    const journal = await store.open('r', {})
    for (const place of ['0', '1', '2']) {
      await journal.note({ kind: 'row', place, value: place })
    }
    await journal.close({ state: 'done', endedAt: 1 })
    expect(Array.from(store.read('r')?.notes('row') ?? [])).toHaveLength(3)
    using database = new DatabaseSync(file)
    database.exec("update batch set kind = 'rox' where number = (select min(number) from batch)")
    const rows = () => Array.from(store.read('r')?.notes('row') ?? [])
    expect(rows).toThrow('one row of run r')
    database.exec('update batch set run = run + 1')
    expect(rows).toThrow('3 of kind row of run r')
    expect(await store.runs.get('r')).toEqual(expect.not.objectContaining({ noted: {} }))
  })

  it('misses nothing where another process gives the numbers of what it has dropped anew', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using one = createSqliteStore(file)
    await using other = createSqliteStore(file)
    const begun = await one.open('r', {})
    for (const place of ['0', '1', '2', '3']) await begun.note(row(place))
    await begun.close({ state: 'done', endedAt: 1 })
    const reading = Iterator.from(one.read('r')?.notes('row') ?? [])
    const first = reading.next().value
    const taken = await other.open('r')
    taken.supersede()
    await taken.note(row('2'))
    for (const place of ['3', '0', '1']) await taken.note(row(place))
    await taken.close({ state: 'done', endedAt: 2 })
    expect([first, ...reading].map((note) => note?.place)).toEqual(['3', '2', '1', '0'])
    const again = Array.from(one.read('r')?.notes('row') ?? [], ({ place }) => place)
    expect(again).toEqual(['1', '0', '3', '2'])
  })

  it('misses nothing of a run that another process is doing over', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using one = createSqliteStore(file)
    await using other = createSqliteStore(file)
    const places = ['0', '1', '2', '3']
    const begun = await one.open('r', {})
    for (const place of places) await begun.note({ kind: 'row', place, value: place })
    await begun.close({ state: 'done', endedAt: 1 })
    const taken = await other.open('r')
    for (const place of places) await taken.note({ kind: 'row', place, value: place })
    const reading = Iterator.from(one.read('r')?.notes('row') ?? [])
    const first = reading.next().value
    taken.supersede()
    await taken.close({ state: 'done', endedAt: 2 })
    const found = [first, ...reading].map((note) => note?.place)
    expect(new Set(found)).toEqual(new Set(places))
    expect(found).toHaveLength(places.length)
  })
})

function row(place: string) {
  return { kind: 'row' as const, place, value: place }
}
