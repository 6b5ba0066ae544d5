import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Gate, Line, Ticket } from '../src/gate.ts'

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

describe('a gate, whatever comes and goes', () => {
  it('[N3] leaves no slot idle while anybody waits, and keeps the order of each line', () => {
    const move = fc.record({ line: fc.nat({ max: 2 }), leaves: fc.boolean(), pick: fc.nat() })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(move, { maxLength: 120 }),
        (slots, moves) => {
          const gate = new Gate<number>('m', slots)
          const lines = [0, 1, 2].map(() => new Line(gate))
          const live: Ticket<number>[] = []
          const started = new Map<Line<number>, number>()
          const note = (ticket: Ticket<number> | undefined) => {
            if (ticket === undefined) return
            expect(ticket.task).toBeGreaterThan(started.get(ticket.line) ?? -1)
            started.set(ticket.line, ticket.task)
          }
          for (const [task, { line, leaves, pick }] of moves.entries()) {
            const [gone] = leaves ? live.splice(pick % Math.max(1, live.length), 1) : []
            const place = lines[line]
            if (gone !== undefined) {
              note(gate.release(gone, task))
              gate.settle(gone)
            } else if (place !== undefined) {
              const ticket = new Ticket(task, place)
              gate.enter(ticket, task)
              live.push(ticket)
              if (ticket.state === 'running') note(ticket)
            }
            expect(gate.running).toBe(Math.min(slots, live.length))
            expect(gate.waiting).toBe(live.length - gate.running)
          }
        },
      ),
    )
  })

  it('[N11] lets lines take turns, however long one of them is', () => {
    const gate = new Gate<string>('m', 1)
    const [long, short] = [new Line(gate), new Line(gate)]
    const enter = (task: string, line: Line<string>) => {
      const ticket = new Ticket(task, line)
      gate.enter(ticket, 0)
      return ticket
    }
    let running: Ticket<string> | undefined = enter('now', long)
    for (const task of ['a', 'b', 'c']) enter(task, long)
    for (const task of ['x', 'y']) enter(task, short)
    const order: string[] = []
    while (running !== undefined) {
      running = gate.release(running, 1)
      if (running !== undefined) order.push(running.task)
    }
    expect(order).toEqual(['a', 'x', 'b', 'y', 'c'])
  })
})

function open(slots: number) {
  const gate = new Gate<number>('m', slots)
  return { gate, line: new Line(gate) }
}

describe('a slot that is borrowed', () => {
  it('[N3] is one that stands idle, and counts until it is given back', () => {
    const { gate, line } = open(2)
    gate.enter(new Ticket(1, line), 0)
    expect([gate.borrow(), gate.borrow(), gate.hasFreeSlot]).toEqual([true, false, false])
    expect(gate.running).toBe(1)
    expect(gate.giveBack(0)).toBeUndefined()
    expect(gate.hasFreeSlot).toBe(true)
  })

  it('[N3] goes to whoever waits as soon as it is given back', () => {
    const { gate, line } = open(2)
    gate.enter(new Ticket(1, line), 0)
    gate.borrow()
    const waits = new Ticket(2, line)
    gate.enter(waits, 0)
    expect(waits.state).toBe('waiting')
    expect(gate.giveBack(5)).toBe(waits)
    expect([waits.state, gate.running, gate.waiting]).toEqual(['running', 2, 0])
  })

  it('[N3] is none that somebody waits for', () => {
    const { gate, line } = open(1)
    gate.enter(new Ticket(1, line), 0)
    gate.enter(new Ticket(2, line), 0)
    gate.resize(2)
    expect(gate.borrow()).toBe(false)
  })
})
