import { afterEach, describe, expect, it, vi } from 'vitest'
import { Turns } from '../../src/run/turns.ts'

/** Three turns of rows, each of which somebody reads, while the clock goes on by so much with each look at it. */
async function orderOf(msPerLook: number): Promise<string[]> {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (now += msPerLook))
  const order: string[] = []
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let left = 3
  const goOn = () => {
    if (left-- === 0) {
      resolve(undefined)
      return
    }
    order.push('rows')
    void read(order)
    while (!turns.isOver) turns.count()
  }
  const turns = new Turns(goOn)
  setImmediate(() => order.push('timers'))
  goOn()
  await promise
  return order
}

/** What comes through as many promises as there are from a run to who reads its rows. */
async function read(order: string[]): Promise<void> {
  for (let hop = 0; hop < 20; hop++) await Promise.resolve()
  order.push('reader')
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a turn', () => {
  it('[B6] is soon over for who reads rows and events, though not for timers and sockets', async () => {
    expect(await orderOf(10)).toEqual(['rows', 'reader', 'rows', 'reader', 'rows', 'reader'])
  })

  it('is over for all else when it was long', async () => {
    const [first, ...later] = await orderOf(600)
    expect(first).toBe('rows')
    expect(later).toEqual(['reader', 'timers', 'rows', 'reader', 'rows', 'reader'])
  })
})
