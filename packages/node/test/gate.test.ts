import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Gate, Line, Ticket } from '../src/gate.ts'
import { TicketQueue, type Queued } from '../src/ticket-queue.ts'

describe('the grants of a gate', () => {
  it('[N3] are never more than it can hold: twice its window and one for each client', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 40 }),
        (slots, loads) => {
          const gate = new Gate<number>('m', slots)
          const lines = loads.map((load, index) => {
            const line = new Line(gate)
            gate.lines.set(String(index), line)
            for (let task = 0; task < load; task += 1) gate.enter(new Ticket(task, line), 0)
            return line
          })
          const grants = lines.map((line) => gate.grantFor(line))
          const sum = grants.reduce((total, grant) => total + grant, 0)
          expect(Math.min(...grants)).toBeGreaterThanOrEqual(1)
          expect(sum).toBeLessThanOrEqual(2 * gate.window + lines.length)
        },
      ),
    )
  })

  it('[N3] let one client alone fill every slot and have one more at hand', () => {
    const gate = new Gate<number>('m', 4)
    const line = new Line(gate)
    gate.lines.set('x', line)
    expect(gate.grantFor(line)).toBe(5)
  })
})

describe('a ticket queue', () => {
  it('keeps order when others leave from anywhere', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(), { maxLength: 12 }),
        fc.infiniteStream(fc.boolean()),
        (ids, leaves) => {
          const queue = new TicketQueue<Item>()
          const items = ids.map((id) => new Item(id))
          for (const item of items) queue.push(item)
          const staying = items.filter((item) => {
            const isLeaving = leaves.next().value === true
            if (isLeaving) queue.remove(item)
            return !isLeaving
          })
          const order: number[] = []
          for (let item = queue.shift(); item !== undefined; item = queue.shift())
            order.push(item.id)
          expect(order).toEqual(staying.map(({ id }) => id))
          expect(queue.isEmpty).toBe(true)
        },
      ),
    )
  })
})

class Item implements Queued<Item> {
  readonly id: number
  before: Item | undefined
  behind: Item | undefined

  constructor(id: number) {
    this.id = id
  }
}
