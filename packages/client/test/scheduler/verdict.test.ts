import { describe, expect, it } from 'vitest'
import { judge } from '../../src/scheduler/verdict.ts'
import { always, journeyOf, node, tasks } from './scheduler-tools.ts'
import { request, SimulatedFleet, type Fate } from './simulated-fleet.ts'

describe('a task whose attempt came to nothing', () => {
  it('[N4] goes on elsewhere at once when its node dies, from its last checkpoint [N7]', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { speed: 2 }))
    fleet.submit(request('t'))
    fleet.time.play(300)
    fleet.join(node('b'))
    fleet.kill('a')
    expect(journeyOf(fleet)).toEqual(['t@a#1', 't@b#2'])
    expect(fleet.assigned[1]?.details.answers).toEqual(['half of t'])
  })

  it('prefers nodes that have not tried it', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('bad', { speed: 8, tokensPerSecond: 800, fate: always('fail of the node') }))
    fleet.join(node('good', { tokensPerSecond: 100 }))
    fleet.submit(request('t'))
    fleet.time.play(60_000)
    expect(journeyOf(fleet)).toEqual(['t@bad#1', 't@good#2'])
    expect(fleet.settled.get('t')).toMatchObject({ ok: true, attempts: 2 })
  })

  it('[N10] is poison after three nodes: reported once, and no node pays for it', () => {
    const fleet = new SimulatedFleet()
    for (const id of ['a', 'b', 'c', 'd']) {
      fleet.join(node(id, { fate: (task) => (task === 'bad' ? 'fail of the node' : 'finish') }))
    }
    fleet.submit(request('bad'))
    fleet.time.play(60_000)
    expect(fleet.settled.get('bad')).toMatchObject({ ok: false, code: 'POISON', attempts: 3 })
    expect(new Set(fleet.assigned.map(({ lease }) => lease.node)).size).toBe(3)
    for (const { lanes } of fleet.scheduler.roster.nodes.values()) {
      for (const lane of lanes.values()) expect([lane.strikes, lane.closedUntil]).toEqual([0, 0])
    }
  })

  it('is given up after three failures where there is no third node', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { fate: always('fail of the task') }))
    fleet.submit(request('t'))
    fleet.time.play(60_000)
    expect(fleet.settled.get('t')).toMatchObject({ ok: false, code: 'TASK_FAILED', attempts: 3 })
  })

  it('is given up at once when it fails anywhere', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { fate: always('fail for good') }))
    fleet.join(node('b'))
    fleet.submit(request('t'))
    fleet.time.play(60_000)
    expect(fleet.settled.get('t')).toMatchObject({ ok: false, retryable: false, attempts: 1 })
  })

  it('is given up when its nodes vanish again and again', () => {
    const fleet = new SimulatedFleet()
    fleet.submit(request('t'))
    for (let life = 0; life < 6; life++) {
      fleet.join(node(`n${life}`))
      fleet.kill(`n${life}`)
    }
    expect(fleet.settled.get('t')).toMatchObject({ ok: false, code: 'NODE_LOST', attempts: 6 })
  })

  it('keeps a failing node from swallowing the queue', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('bad', { speed: 100, fate: always('fail of the node') }))
    fleet.join(node('good', { slots: 4, credits: 8 }))
    fleet.submit(...tasks(100))
    fleet.time.play(600_000)
    const done = Array.from(fleet.settled.values()).filter(({ ok }) => ok)
    expect(done).toHaveLength(100)
    const wasted = fleet.assigned.filter(({ lease }) => lease.node === 'bad').length
    expect(wasted).toBeLessThan(20)
  })

  it.each<[Fate, string[]]>([
    ['no-slot', ['t@a#1', 't@b#2']],
    ['draining', ['t@a#1', 't@b#2']],
    ['no-such-model', ['t@a#1', 't@b#2']],
    ['not-allowed', ['t@a#1', 't@b#2']],
    ['too-large', ['t@a#1', 't@b#2']],
  ])('goes to another node when one refuses it: %s', (fate, journey) => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { speed: 8, tokensPerSecond: 800, fate: always(fate) }))
    fleet.join(node('b', { tokensPerSecond: 100 }))
    fleet.submit(request('t'))
    fleet.time.play(60_000)
    expect(journeyOf(fleet)).toEqual(journey)
  })

  it('is given up when no node takes it, with their reason', () => {
    const fleet = new SimulatedFleet()
    for (const id of ['a', 'b']) fleet.join(node(id, { fate: always('too-large') }))
    fleet.submit(request('t'))
    fleet.time.play(60_000)
    expect(fleet.settled.get('t')).toMatchObject({ ok: false, code: 'TASK_FAILED' })
    expect(fleet.settled.get('t')).toHaveProperty('message', 'b refused it (too-large): too-large')
  })

  it('is given up at once when it is invalid', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { fate: always('invalid') }))
    fleet.join(node('b'))
    fleet.submit(request('t'))
    fleet.time.play(60_000)
    expect(journeyOf(fleet)).toHaveLength(1)
    expect(fleet.settled.get('t')).toMatchObject({ ok: false, retryable: false })
  })
})

const record = { failedOn: [], refusedBy: [], refusals: 0, losses: 0, nodes: [] }

/** The verdict on a task that these nodes refused for good. */
function refusedByAll(refusedBy: readonly string[]) {
  return judge({ ...record, refusedBy, refusals: refusedBy.length }, 'too large', () => true)
}

describe('a task that nodes refuse', () => {
  const names = Array.from({ length: 20 }, (_, i) => `n${i}`)

  it('is given up after twenty nodes, however many there are', () => {
    expect(refusedByAll(names.slice(1))).toBeUndefined()
    expect(refusedByAll(names)).toMatchObject({ code: 'TASK_FAILED', message: 'too large' })
  })

  it('is given up after a hundred refusals of any kind', () => {
    expect(judge({ ...record, refusals: 99 }, 'no slot', () => true)).toBeUndefined()
    expect(judge({ ...record, refusals: 100 }, 'no slot', () => true)).toBeDefined()
  })
})
