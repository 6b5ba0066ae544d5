import { describe, expect, it } from 'vitest'
import { ModelIndex } from '../../src/scheduler/lanes.ts'
import { WaitingLine, type Waiter } from '../../src/scheduler/waiting-line.ts'

interface Ticket extends Waiter {
  readonly name: string
}

function ticket(run: string, name: string, choosy = false): Ticket {
  return { request: { run }, name, waiting: false, choosy }
}

function newLine() {
  const index = new ModelIndex('m', 0)
  return { line: new WaitingLine<Ticket>(['m'], 0, [index]), index }
}

function drain(line: WaitingLine<Ticket>): string[] {
  const names: string[] = []
  for (let next = line.peek(); next; next = line.peek()) {
    line.take(next)
    names.push(next.name)
  }
  return names
}

describe('a line', () => {
  it('[N11] lets runs take turns, each in its own order', () => {
    const { line } = newLine()
    for (const name of ['a1', 'a2', 'a3', 'a4']) line.push(ticket('a', name))
    for (const name of ['b1', 'b2']) line.push(ticket('b', name))
    expect(drain(line)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4'])
  })

  it('lets those go first who had their turn', () => {
    const { line } = newLine()
    line.push(ticket('a', 'a1'))
    line.giveBack(ticket('a', 'lost'))
    expect(drain(line)).toEqual(['lost', 'a1'])
  })

  it('skips those who left, and counts who waits', () => {
    const { line, index } = newLine()
    const [one, two] = [ticket('a', 'a1'), ticket('a', 'a2')]
    line.push(one)
    line.push(two)
    line.giveBack(ticket('a', 'picky', true))
    expect([line.size, index.waiting]).toEqual([3, 3])
    line.leave(one)
    line.leave(one)
    expect([line.size, index.waiting]).toEqual([2, 2])
    expect(line.everyone().map(({ name }) => name)).toEqual(['picky', 'a2'])
    expect(line.choosyOnes().map(({ name }) => name)).toEqual(['picky'])
    expect(drain(line)).toEqual(['a2'])
  })
})
