import { describe, expect, it } from 'vitest'
import { EventLog } from '../../src/run/event-log.ts'

async function readAll(log: EventLog<string>): Promise<string[]> {
  const events: string[] = []
  for await (const event of log) events.push(event)
  return events
}

function newLog(): EventLog<string> {
  return new EventLog((count) => `missed ${count}`)
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

  it('are dropped for who is too slow, who is told how many', async () => {
    const log = newLog()
    for (let i = 0; i < 5000; i++) log.push(`${i}`)
    log.end()
    const events = await readAll(log)
    expect(events[0]).toBe('missed 904')
    expect(events[1]).toBe('904')
    expect(events).toHaveLength(4097)
  })

  it('wake everyone who waits', async () => {
    const log = newLog()
    const waits = [log.news(), log.news()]
    log.push('a')
    await Promise.all(waits)
    expect(log.isOver).toBe(false)
  })
})
