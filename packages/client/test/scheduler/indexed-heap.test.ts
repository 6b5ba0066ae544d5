import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IndexedHeap } from '../../src/scheduler/indexed-heap.ts'

interface Member {
  cost: number
  readonly places: number[]
}

const operation = fc.record({
  member: fc.nat(15),
  cost: fc.nat(100),
  remove: fc.boolean(),
})

describe('a heap', () => {
  it('always knows its cheapest member, and the cheapest that passes', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const heap = new IndexedHeap<Member>(0)
        const members = Array.from({ length: 16 }, (): Member => ({ cost: 0, places: [-1] }))
        const inside = new Set<Member>()
        for (const { member: index, cost, remove } of operations) {
          const member = members[index]
          if (!member) continue
          member.cost = cost
          if (remove) {
            heap.remove(member)
            inside.delete(member)
          } else {
            heap.update(member)
            inside.add(member)
          }
          const costs = Array.from(inside, (each) => each.cost).toSorted((a, b) => a - b)
          expect(heap.size).toBe(inside.size)
          expect(heap.peek()?.cost).toBe(costs[0])
          const isOdd = ({ cost: price }: Member) => price % 2 === 1
          expect(heap.best(isOdd)?.cost).toBe(costs.find((price) => price % 2 === 1))
          expect(members.every((each) => heap.has(each) === inside.has(each))).toBe(true)
        }
      }),
    )
  })
})
