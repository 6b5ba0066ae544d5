import { describe, expect, it } from 'vitest'
import { always, journeyOf, node, tasks } from './scheduler-tools.ts'
import { request, SimulatedFleet } from './simulated-fleet.ts'
import { seededRandom } from '../virtual-time.ts'

function ofSpeed(speed: number) {
  return node(`x${speed}`, { speed, tokensPerSecond: 50 * speed })
}

describe('hedging', () => {
  it('doubles a task on a much faster idle node once the queue is empty, and the first result wins', () => {
    const lengths: Record<string, number> = { long: 20_000 }
    const fleet = new SimulatedFleet(
      () => 0.5,
      (task) => lengths[task] ?? 1000,
    )
    fleet.join(node('slow', { credits: 1 }))
    fleet.join(node('fast', { speed: 10, credits: 1 }))
    fleet.submit(...tasks(60), request('long'), ...tasks(60).map(({ id }) => request(`u${id}`)))
    fleet.time.play(600_000)
    const journey = journeyOf(fleet).filter((step) => step.startsWith('long@'))
    const [settlement] = [fleet.settled.get('long')]
    expect(fleet.settled.size).toBe(121)
    expect(fleet.violations).toEqual([])
    expect(journey.length).toBeLessThanOrEqual(3)
    expect(settlement).toMatchObject({ ok: true })
  })

  it('[N4] starts a task elsewhere when its node lives but does not get on', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { speed: 2, tokensPerSecond: 100, fate: always('stall') }))
    fleet.submit(request('t'))
    fleet.join(node('b', { tokensPerSecond: 50 }))
    fleet.time.play(4900)
    expect(journeyOf(fleet)).toEqual(['t@a#1'])
    fleet.time.play(8000)
    expect(journeyOf(fleet)).toEqual(['t@a#1', 't@b#2'])
    expect(fleet.settled.get('t')).toMatchObject({ ok: true, lease: { node: 'b' } })
    expect(fleet.cancelled).toMatchObject([{ node: 'a', attempt: 1 }])
  })

  it('runs a task three times at once at most', () => {
    const fleet = new SimulatedFleet(
      () => 0.5,
      (task) => (task === 'long' ? 1_000_000 : 1000),
    )
    fleet.join(ofSpeed(1))
    fleet.submit(...tasks(4))
    fleet.time.play(10_000)
    fleet.submit(request('long'))
    for (const [at, speed] of [
      [12_000, 4],
      [14_000, 16],
      [16_000, 64],
    ] as const) {
      fleet.time.play(at)
      fleet.join(ofSpeed(speed))
    }
    fleet.time.play(60_000)
    expect(journeyOf(fleet).filter((step) => step.startsWith('long@'))).toEqual([
      'long@x1#1',
      'long@x4#2',
      'long@x16#3',
    ])
  })

  it('is bounded', () => {
    const random = seededRandom(3)
    const fleet = new SimulatedFleet(random, () => 500 + random() * 1000)
    fleet.join(node('dead', { slots: 50, credits: 100, fate: always('stall') }))
    fleet.join(node('live', { slots: 50, credits: 100 }))
    fleet.submit(...tasks(100, { timeoutMs: 30_000 }))
    fleet.time.play(29_000)
    const doubled = fleet.assigned.filter(({ lease }) => lease.attempt > 1).length
    expect(doubled).toBeGreaterThan(0)
    expect(doubled).toBeLessThanOrEqual(8 + 100 / 20)
  })
})
