import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LinkedQueue, type Linked } from '../src/linked-queue.ts'

describe('a linked queue', () => {
  it('keeps order when others leave from anywhere', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(), { maxLength: 12 }),
        fc.infiniteStream(fc.boolean()),
        (ids, leaves) => {
          const queue = new LinkedQueue<Item>()
          const items = ids.map((id) => new Item(id))
          for (const item of items) queue.push(item)
          const staying = items.filter((item) => {
            const isLeaving = leaves.next().value === true
            if (isLeaving) queue.remove(item)
            return !isLeaving
          })
          expect([...queue]).toEqual(staying)
          const order: number[] = []
          for (let item = queue.shift(); item !== undefined; item = queue.shift())
            order.push(item.id)
          expect(order).toEqual(staying.map(({ id }) => id))
          expect(queue.isEmpty).toBe(true)
        },
      ),
    )
  })

  it('lets an item leave twice, or that never came, without harm', () => {
    const queue = new LinkedQueue<Item>()
    const [first, second, stranger] = [new Item(1), new Item(2), new Item(3)]
    queue.push(first)
    queue.push(second)
    queue.remove(first)
    queue.remove(first)
    queue.remove(stranger)
    expect([...queue]).toEqual([second])
  })

  it('[N3] holds on to nobody who left', () => {
    const queue = new LinkedQueue<Item>()
    const items = [new Item(1), new Item(2), new Item(3)]
    for (const item of items) queue.push(item)
    while (queue.shift() !== undefined);
    for (const { before, behind } of items) expect([before, behind]).toEqual([undefined, undefined])
  })
})

class Item implements Linked<Item> {
  readonly id: number
  before: Item | undefined
  behind: Item | undefined

  constructor(id: number) {
    this.id = id
  }
}
