import { describe, expect, it } from 'vitest'
import { EventLog, type PackedPage } from '../../src/run/event-log.ts'

const PAGE = 4

async function readAll(log: EventLog<string>): Promise<string[]> {
  const events: string[] = []
  for await (const event of log) events.push(event)
  return events
}

/** Its pages are lists of four, and take as many bytes; so many of the full ones are not packed. */
function newLog(room = Infinity, atHand = 0): EventLog<string> {
  return new EventLog({ pack, missed, page: PAGE, room, atHand })
}

function pack(events: readonly string[]): PackedPage<string> {
  return { size: PAGE, unpack: () => events.slice() }
}

function missed(count: number): string {
  return `missed ${count}`
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`)
}

describe('events', () => {
  it('[B6] come in order to every reader, also to one who joins late, and end', async () => {
    const log = newLog()
    log.push('a')
    const early = readAll(log)
    await Promise.resolve()
    log.push('b')
    const late = readAll(log)
    await new Promise((resolve) => setTimeout(resolve, 1))
    log.push('c')
    log.end()
    expect(await early).toEqual(['a', 'b', 'c'])
    expect(await late).toEqual(['a', 'b', 'c'])
    expect(await readAll(log)).toEqual(['a', 'b', 'c'])
  })

  it.each([0, 1, 3, 4, 5, 8, 11])(
    '[B6] are all there for who joins at the end or reads slowly: %i of them',
    async (count) => {
      const log = newLog()
      const slow = readAll(log)
      for (const event of texts(count)) log.push(event)
      const joined = readAll(log)
      log.end()
      expect(await readAll(log)).toEqual(texts(count))
      expect(await slow).toEqual(texts(count))
      expect(await joined).toEqual(texts(count))
    },
  )

  it('[B6] are all there when some of their pages are packed and others are at hand', async () => {
    const log = newLog(Infinity, 2)
    for (const event of texts(19)) log.push(event)
    log.end()
    expect(await readAll(log)).toEqual(texts(19))
  })

  it('[B6] say how many are gone when the latest pages are at hand', async () => {
    const log = newLog(PAGE, 1)
    for (const event of texts(13)) log.push(event)
    log.end()
    expect(await readAll(log)).toEqual(['missed 4', ...texts(13).slice(4)])
  })

  it('[B6] come to who waits for each, over the ends of pages', async () => {
    const log = newLog()
    const reader = log[Symbol.asyncIterator]()
    for (const event of texts(10)) {
      const next = reader.next()
      await Promise.resolve()
      log.push(event)
      expect(await next).toEqual({ done: false, value: event })
    }
    const last = reader.next()
    log.end()
    expect(await last).toEqual({ done: true, value: undefined })
  })

  it('[B6] are packed behind a reader who stands in the middle of them', async () => {
    const log = newLog()
    const reader = log[Symbol.asyncIterator]()
    log.push('0')
    const seen = [(await reader.next()).value]
    for (const event of texts(20).slice(1)) log.push(event)
    log.end()
    for await (const event of reader) seen.push(event)
    expect(seen).toEqual(texts(20))
  })

  it('[B6] that had to go are told of, once and with their number, before those that are left', async () => {
    const log = newLog(2 * PAGE)
    for (const event of texts(18)) log.push(event)
    log.end()
    expect(await readAll(log)).toEqual(['missed 8', ...texts(18).slice(8)])
  })

  it('[B6] that go while a reader rests are told of in their turn', async () => {
    const log = newLog(PAGE)
    const reader = log[Symbol.asyncIterator]()
    for (const event of texts(9)) log.push(event)
    const seen = [(await reader.next()).value]
    for (const event of texts(18).slice(9)) log.push(event)
    log.end()
    for await (const event of reader) seen.push(event)
    expect(seen).toEqual(['missed 4', 'missed 8', ...texts(18).slice(12)])
  })

  it('wake everyone who waits', async () => {
    const log = newLog()
    const waits = [log.news(), log.news()]
    log.push('a')
    await Promise.all(waits)
    expect(log.isOver).toBe(false)
  })
})
