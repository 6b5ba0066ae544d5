import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Admission } from '../src/admission.ts'
import { Ticket } from '../src/gate.ts'
import { type Happening, World } from './admission-world.ts'

const MODELS = ['a', 'b'] as const

function lending(slots: number, ...clients: string[]) {
  const admission = new Admission<string>()
  admission.lend([{ name: 'a', slots }], 0)
  for (const client of clients) admission.join(client)
  for (const client of clients) admission.grant(client, 0)
  return admission
}

/** The ticket of a task that must be let in; its first letter is its client. */
function assigned(admission: Admission<string>, task: string, now = 0) {
  const client = task.charAt(0)
  const ticket = admission.assign(client, { models: ['a'], task }, now)
  if (ticket instanceof Ticket) return ticket
  throw new Error(`refused: ${ticket.code}`)
}

describe('admission', () => {
  it('[N3] starts a task where a slot is free and lets the next wait', () => {
    const admission = lending(1, 'x')
    const [first, second] = [assigned(admission, 'x1'), assigned(admission, 'x2')]
    expect([first.state, second.state]).toEqual(['running', 'waiting'])
    expect(admission.end(first, 1)).toBe(second)
    expect(second.state).toBe('running')
  })

  it('[N3] refuses a task beyond the credits, and says how many there are', () => {
    const admission = lending(1, 'x')
    assigned(admission, 'x1')
    assigned(admission, 'x2')
    expect(admission.assign('x', { models: ['a'], task: '3' }, 0)).toMatchObject({
      code: 'no-slot',
      message: expect.stringContaining('2 tasks') as unknown,
    })
  })

  it('[D29] refuses a model that it does not lend, naming those that it does', () => {
    const refusal = lending(1, 'x').assign('x', { models: ['z'], task: '1' }, 0)
    expect(refusal).toMatchObject({ code: 'no-such-model' })
    expect('message' in refusal && refusal.message).toContain('it lends: a')
  })

  it('takes any model for a task that names none, and prefers one with a free slot', () => {
    const admission = new Admission<string>()
    admission.lend(
      MODELS.map((name) => ({ name, slots: 1 })),
      0,
    )
    admission.join('x')
    admission.grant('x', 0)
    const models = ['1', '2'].map((task) => admission.assign('x', { models: [], task }, 0))
    expect(models.map((ticket) => ticket instanceof Ticket && ticket.gate.model)).toEqual([
      'a',
      'b',
    ])
  })

  it('takes nothing while it drains, and grants nothing', () => {
    const admission = lending(2, 'x')
    const ticket = assigned(admission, 'x1')
    admission.drain()
    expect(admission.assign('x', { models: ['a'], task: '2' }, 0)).toMatchObject({
      code: 'draining',
    })
    expect(admission.grant('x', 0).get('a')).toBe(0)
    expect(ticket.state).toBe('running')
  })

  it('[N11] lets clients take turns', () => {
    const admission = lending(1, 'x', 'y')
    const running = assigned(admission, 'x1')
    admission.grant('x', 0)
    admission.grant('y', 0)
    assigned(admission, 'x2')
    const fromY = assigned(admission, 'y1')
    const order: string[] = []
    for (let next = admission.end(running, 1); next !== undefined; next = admission.end(next, 1)) {
      order.push(next.task)
    }
    expect(order).toEqual(['x2', 'y1'])
    expect(fromY.state).toBe('ended')
  })

  it('[N11] divides the window among clients at work, and leaves one to everybody', () => {
    const admission = lending(8, 'x', 'y', 'z')
    assigned(admission, 'x1')
    expect(admission.grant('x', 0).get('a')).toBe(9)
    expect(admission.grant('y', 0).get('a')).toBe(2)
    assigned(admission, 'y2')
    expect(['x', 'y', 'z'].map((client) => admission.grant(client, 0).get('a'))).toEqual([4, 4, 3])
  })

  it('honours a lowered grant only when the client can have heard of it', () => {
    const admission = lending(4, 'x')
    const tickets = [assigned(admission, 'x1'), assigned(admission, 'x2')]
    admission.join('y')
    admission.grant('y', 0)
    assigned(admission, 'y3')
    expect(admission.grant('x', 100).get('a')).toBe(2)
    expect(assigned(admission, 'x4', 200).state).toBe('running')
    expect(admission.assign('x', { models: ['a'], task: '5' }, 5000)).toMatchObject({
      code: 'no-slot',
    })
    expect(tickets).toHaveLength(2)
  })

  it('has more at hand when slots stand idle for want of tasks, and less when they never do', () => {
    const admission = lending(1, 'x')
    const rounds = (idleMs: number, count: number) => {
      let now = 0
      for (let round = 0; round < count; round += 1) {
        const credits = admission.grant('x', now).get('a') ?? 0
        admission.refreshed()
        const tickets = Array.from({ length: credits }, (_, index) =>
          admission.assign('x', { models: ['a'], task: String(index) }, now),
        )
        for (const ticket of tickets) {
          now += 10
          if (ticket instanceof Ticket) admission.end(ticket, now)
        }
        now += idleMs
      }
      return admission.grant('x', now).get('a') ?? 0
    }
    expect(rounds(50, 6)).toBeGreaterThan(3)
    // Half a second of tasks of 10 ms, and the one in the slot.
    expect(rounds(50, 30)).toBe(51)
    const steady = lending(1, 'x')
    steady.refreshed()
    let now = 0
    let line = [assigned(steady, 'x0'), assigned(steady, 'x1')]
    for (let turn = 0; turn < 100; turn += 1) {
      now += 10
      const [first, ...rest] = line
      if (first !== undefined) steady.end(first, now)
      line = [...rest, assigned(steady, `x${turn}`, now)]
    }
    expect(steady.grant('x', now).get('a')).toBe(2)
  })

  it('has no more at hand for a client that uses less than half of its credits', () => {
    const admission = lending(4, 'x')
    admission.refreshed()
    for (let now = 0; now < 10_000; now += 100) {
      const tickets = [assigned(admission, 'x1', now), assigned(admission, 'x2', now)]
      for (const ticket of tickets) admission.end(ticket, now + 10)
    }
    expect(admission.grant('x', 10_000).get('a')).toBe(5)
  })

  it('gives a task that goes on with another model its slot there before new ones', () => {
    const admission = new Admission<string>()
    admission.lend(
      MODELS.map((name) => ({ name, slots: 1 })),
      0,
    )
    admission.join('x')
    admission.grant('x', 0)
    const mover = assigned(admission, 'xmover')
    const behind = assigned(admission, 'xbehind')
    const holder = admission.assign('x', { models: ['b'], task: 'holder' }, 0)
    const newcomer = admission.assign('x', { models: ['b'], task: 'newcomer' }, 0)
    expect(admission.move(mover, 'b', 1)?.next).toBe(behind)
    expect([mover.state, behind.state]).toEqual(['waiting', 'running'])
    const next = holder instanceof Ticket ? admission.end(holder, 2) : undefined
    expect(next).toBe(mover)
    expect(newcomer).toMatchObject({ state: 'waiting' })
    expect(admission.move(mover, 'none', 3)).toBeUndefined()
    expect(admission.end(mover, 4)).toBe(newcomer)
  })

  it('lets tasks in slots that were taken away end, and starts none instead', () => {
    const admission = lending(2, 'x')
    const [first, second] = [assigned(admission, 'x1'), assigned(admission, 'x2')]
    const waiting = assigned(admission, 'x3')
    admission.lend([{ name: 'a', slots: 1 }], 1)
    expect(admission.end(first, 2)).toBeUndefined()
    expect(admission.end(second, 3)).toBe(waiting)
  })

  it('forgets a model that is lent no more', () => {
    const admission = lending(1, 'x')
    const ticket = assigned(admission, 'x1')
    admission.lend([{ name: 'b', slots: 1 }], 1)
    expect([...admission.grant('x', 1).keys()]).toEqual(['b'])
    expect(admission.end(ticket, 2)).toBeUndefined()
    expect(admission.load).toEqual({ running: 0, waiting: 0 })
  })

  it('fills slots that are added', () => {
    const admission = lending(1, 'x')
    assigned(admission, 'x1')
    const waiting = assigned(admission, 'x2')
    expect(admission.lend([{ name: 'a', slots: 2 }], 1)).toEqual([waiting])
  })
})

const client = fc.constantFrom('x', 'y', 'z')
const event: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('assign' as const),
      client,
      models: fc.subarray([...MODELS]),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('end' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('grant' as const), client }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('lend' as const),
      slots: fc.integer({ min: 3, max: 6 }),
    }),
  },
)

describe('admission, whatever happens', () => {
  it('[N3] never runs more than slots, leaves no slot idle while a task waits, and holds what it grants', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        const world = new World()
        for (const happening of events) {
          world.happen(happening)
          expect(world.wrongs()).toEqual([])
        }
        world.endAll()
        expect(world.admission.load).toEqual({ running: 0, waiting: 0 })
      }),
      { numRuns: 300 },
    )
  })
})
