import type { OfferedModel } from '@skein/protocol'
import { describe, expect, it } from 'vitest'
import type { Lane, NodeRecord } from '../../src/scheduler/lanes.ts'
import { Roster } from '../../src/scheduler/roster.ts'

function model(name: string, rest: Partial<OfferedModel> = {}): OfferedModel {
  return { name, contextLength: 4096, slots: 2, credits: 3, capabilities: ['chat'], ...rest }
}

function join(roster: Roster, id: string, models: OfferedModel[]): NodeRecord {
  roster.join(id, id)
  const node = roster.nodes.get(id)
  if (!node) throw new RangeError('it did not join')
  roster.offer(node, { models, draining: false }, 0)
  return node
}

function laneOf(node: NodeRecord, name: string): Lane {
  const lane = node.lanes.get(name)
  if (!lane) throw new RangeError(`no lane ${name}`)
  return lane
}

const usage = { input: 10, output: 20 }
const timing = { queueMs: 0, loadMs: 0, promptMs: 0, generateMs: 0 }

/** Most tasks are short, some are very long. */
const VARIED = [0.1, 0.3, 0.2, 5, 0.4, 0.1, 1]

describe('a roster', () => {
  it('counts the credits that there are, as offers come and go', () => {
    const roster = new Roster()
    const a = join(roster, 'a', [model('x'), model('y', { credits: 5 })])
    join(roster, 'b', [model('x')])
    expect(roster.credits).toBe(11)
    roster.offer(a, { models: [model('x', { credits: 1 })], draining: false }, 0)
    expect(roster.credits).toBe(4)
    roster.leave('b', 0)
    expect(roster.credits).toBe(1)
  })

  it('keeps counts of each model that are those of its nodes', () => {
    const roster = new Roster()
    const a = join(roster, 'a', [model('x')])
    join(roster, 'b', [model('x', { slots: 4 })])
    const [index] = roster.indexesOf(['x'])
    expect(index).toMatchObject({ lanes: 2, slots: 6, freeSlots: 6, power: 6, inLine: 0 })
    roster.drain(a, 0)
    expect(index).toMatchObject({ lanes: 1, slots: 4, freeSlots: 4, power: 4 })
    roster.offer(a, { models: [], draining: false }, 0)
    roster.leave('b', 7)
    expect(index).toMatchObject({ lanes: 0, slots: 0, freeSlots: 0, power: 0, lostAt: 7 })
  })

  it('lets embedding models answer nobody who wants any model', () => {
    const roster = new Roster()
    join(roster, 'a', [model('embedder', { capabilities: ['embedding'] }), model('talker')])
    join(roster, 'b', [model('silent about it', { capabilities: [] })])
    expect(roster.indexesOf([])[0]?.lanes).toBe(2)
  })

  it('learns how fast nodes are, whatever the lengths of their tasks', () => {
    const roster = new Roster()
    const slow = laneOf(join(roster, 'slow', [model('x')]), 'x')
    const fast = laneOf(join(roster, 'fast', [model('x')]), 'x')
    for (let round = 0; round < 100; round++) {
      for (const [workflow, ms] of [
        ['short', 100],
        ['long', 5000],
      ] as const) {
        roster.learn(slow, workflow, {
          finish: { usage, timing: { ...timing, generateMs: ms } },
          ms,
        })
        const quick = { ...timing, generateMs: ms / 4 }
        roster.learn(fast, workflow, { finish: { usage, timing: quick }, ms: ms / 4 })
      }
    }
    expect(slow.slowness / fast.slowness).toBeCloseTo(4, 0)
    expect(roster.expectedMs(slow, 'long')).toBeCloseTo(5000, -2)
    expect(roster.expectedMs(fast, 'short')).toBeCloseTo(25, -1)
    expect(roster.expectedMs(fast, 'unknown')).toBeUndefined()
  })

  it('keeps telling nodes apart when tasks are of very different lengths, and then of others', () => {
    const roster = new Roster()
    const lanes = [1, 2, 4, 8].map((speed) => {
      const lane = laneOf(join(roster, `speed ${speed}`, [model('x')]), 'x')
      return { lane, speed }
    })
    const work = (rounds: number, usualMs: number) => {
      for (let round = 0; round < rounds; round++) {
        for (const [i, { lane, speed }] of lanes.entries()) {
          const ms = usualMs * (VARIED[(3 * round + i) % VARIED.length] ?? 1)
          const finish = { usage, timing: { ...timing, generateMs: ms / speed } }
          roster.learn(lane, 'w', { finish, ms: ms / speed })
        }
      }
    }
    work(500, 0.01)
    work(2000, 1200)
    const [slowest = 0, ...faster] = lanes.map(({ lane }) => lane.slowness)
    for (const [i, slowness] of faster.entries()) {
      expect(slowest / slowness / 2 ** (i + 1)).toBeGreaterThan(0.5)
      expect(slowest / slowness / 2 ** (i + 1)).toBeLessThan(2)
    }
    expect(slowest).toBeLessThan(10)
  })

  it('takes the time that passed where a node measures none, without waiting and loading', () => {
    const roster = new Roster()
    const lane = laneOf(join(roster, 'a', [model('x')]), 'x')
    const waited = { ...timing, queueMs: 300, loadMs: 600 }
    roster.learn(lane, 'w', { finish: { usage, timing: waited }, ms: 1000 })
    expect(roster.expectedMs(lane, 'w')).toBeCloseTo(100)
  })

  it('[D31] tells the speed that was measured rather than the one that was offered', () => {
    const roster = new Roster()
    const lane = laneOf(join(roster, 'a', [model('x', { tokensPerSecond: 7 })]), 'x')
    expect(roster.models()[0]?.tokensPerSecond).toBe(7)
    const measured = { ...timing, generateMs: 400 }
    roster.learn(lane, 'w', { finish: { usage, timing: measured }, ms: 400 })
    expect(roster.models()[0]?.tokensPerSecond).toBe(50)
  })

  it('forgives strikes after a success', () => {
    const roster = new Roster()
    const lane = laneOf(join(roster, 'a', [model('x')]), 'x')
    lane.strikes = 5
    roster.learn(lane, 'w', { finish: { usage, timing }, ms: 1 })
    expect(lane.strikes).toBe(0)
  })

  it('does not grant the same credits twice to a model that was taken back and comes again', () => {
    const roster = new Roster()
    const node = join(roster, 'a', [model('x')])
    const lane = laneOf(node, 'x')
    lane.unfinished = 3
    roster.takeBack(lane, 0)
    expect(roster.models()).toEqual([])
    roster.offer(node, { models: [model('x')], draining: false }, 0)
    expect(laneOf(node, 'x')).toBe(lane)
    expect(roster.models()[0]).toMatchObject({ nodes: 1, freeSlots: 0 })
    expect(roster.indexesOf(['x'])[0]?.open.size).toBe(0)
  })
})
