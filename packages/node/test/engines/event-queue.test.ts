import { describe, expect, it } from 'vitest'
import { EventQueue } from '../../src/engines/event-queue.ts'
import { failureOf } from './engine-contract.ts'

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const event of events) found.push(event)
  return found
}

describe('an event queue', () => {
  it('gives in order what came before and after its reader', async () => {
    const events = new EventQueue<number>(() => {})
    events.push(1)
    const reading = all(events)
    events.push(2)
    events.end()
    events.push(3)
    expect(await reading).toEqual([1, 2])
  })

  it('gives an error after what came before it', async () => {
    const events = new EventQueue<number>(() => {})
    const error = new Error('broken')
    events.push(1)
    events.end(error)
    expect(await events.next()).toEqual({ value: 1, done: false })
    expect(await failureOf(events.next())).toBe(error)
  })

  it('rejects a reader that waits when it is stopped, and drops what it has', async () => {
    let told = 0
    const events = new EventQueue<number>(() => {
      told += 1
    })
    const reason = new Error('stop')
    const reading = failureOf(events.next())
    events.stop(reason)
    events.push(1)
    expect(await reading).toBe(reason)
    events.stop()
    expect(told).toBe(1)
  })

  it('tells its writer that the reader left, but not after the end', async () => {
    let told = 0
    const leave = () => {
      told += 1
    }
    const left = new EventQueue<number>(leave)
    left.push(1)
    for await (const event of left) if (event === 1) break
    expect(told).toBe(1)
    const ended = new EventQueue<number>(leave)
    ended.end()
    expect(await all(ended)).toEqual([])
    expect(told).toBe(1)
  })
})
