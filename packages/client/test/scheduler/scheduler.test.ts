import { describe, expect, it } from 'vitest'
import { always, journeyOf, node, tasks } from './scheduler-tools.ts'
import { request, SimulatedFleet } from './simulated-fleet.ts'

describe('the scheduler', () => {
  it('[N3] gives each node as many tasks as it granted credits, and one more only when one ends', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { credits: 3 }))
    fleet.submit(...tasks(10))
    expect(fleet.has('a')).toBe(3)
    fleet.time.play(1000.1)
    expect(fleet.has('a')).toBe(3)
    expect(fleet.settled.size).toBe(1)
    fleet.time.play(60_000)
    expect(fleet.violations).toEqual([])
    expect(fleet.settled.size).toBe(10)
  })

  it('[N3] takes what waits at a node back when the node lowers its credits, the latest first', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { slots: 2, credits: 10 }))
    fleet.submit(...tasks(10))
    fleet.offer(node('a', { slots: 2 }), 3)
    expect(fleet.cancelled.map(({ task }) => task)).toEqual([
      't9',
      't8',
      't7',
      't6',
      't5',
      't4',
      't3',
    ])
    fleet.join(node('b', { slots: 7, credits: 7 }))
    expect(fleet.has('b')).toBe(7)
    fleet.time.play(60_000)
    expect(fleet.settled.size).toBe(10)
    expect(fleet.violations).toEqual([])
  })

  it('leaves a node as many as it has slots, however few credits it grants', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { slots: 4, credits: 5 }))
    fleet.submit(...tasks(5))
    fleet.offer(node('a', { slots: 4 }), 1)
    expect(fleet.cancelled).toHaveLength(1)
    fleet.offer(node('a', { slots: 4 }), 1)
    expect(fleet.cancelled).toHaveLength(1)
  })

  it('never takes back what a node has begun', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { slots: 1, credits: 4, fate: always('stall') }))
    fleet.submit(...tasks(2))
    fleet.time.play(10)
    for (const task of ['t0', 't1']) {
      fleet.scheduler.progressed('a', { type: 'progress', task, attempt: 1, tokens: 1 })
    }
    fleet.offer(node('a', { slots: 1 }), 1)
    expect(fleet.cancelled).toEqual([])
  })

  it('prefers free slots to places in line, and spreads tasks over equal nodes', () => {
    const fleet = new SimulatedFleet()
    for (const id of ['a', 'b', 'c']) fleet.join(node(id, { slots: 2, credits: 4 }))
    fleet.submit(...tasks(6))
    expect(['a', 'b', 'c'].map((id) => fleet.has(id))).toEqual([2, 2, 2])
  })

  it('spreads tasks over nodes of about the same speed, not over the slots of the fastest', () => {
    const fleet = new SimulatedFleet()
    const speeds = { a: 100, b: 99, c: 98 }
    for (const [id, tokensPerSecond] of Object.entries(speeds)) {
      fleet.join(node(id, { slots: 4, credits: 6, tokensPerSecond }))
    }
    fleet.submit(...tasks(6))
    expect(['a', 'b', 'c'].map((id) => fleet.has(id))).toEqual([2, 2, 2])
  })

  it('[D26] uses the best-ranked model that has room', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('big', { models: ['large'], credits: 1 }))
    fleet.join(node('little', { models: ['small'], credits: 1 }))
    fleet.submit(...tasks(2, { models: ['huge', 'large', 'small'] }))
    expect(fleet.assigned.map(({ details }) => details.model)).toEqual(['large', 'small'])
  })

  it('lets any model answer when none is named, but the demonstration model only when it is alone', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('toy', { models: ['demo'], demonstration: true }))
    fleet.submit(request('first'))
    expect(journeyOf(fleet)).toEqual(['first@toy#1'])
    fleet.join(node('real', { models: ['llama'] }))
    fleet.submit(request('second'), request('third'))
    expect(journeyOf(fleet).slice(1)).toEqual(['second@real#1', 'third@real#1'])
    fleet.kill('real')
    fleet.time.play(60_000)
    expect(journeyOf(fleet).at(-1)).toContain('@toy')
    expect(fleet.settled.size).toBe(3)
  })

  it('does not park the last tasks behind a slow node', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('slow', { speed: 1, tokensPerSecond: 10 }))
    fleet.join(node('fast', { speed: 10, tokensPerSecond: 100 }))
    fleet.submit(...tasks(4))
    fleet.time.play(60_000)
    expect(fleet.assigned.every(({ lease }) => lease.node === 'fast')).toBe(true)
    expect(Math.max(...fleet.ends)).toBeCloseTo(400, 0)
  })

  it('gives a slow node work when there is plenty', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('slow', { speed: 1, tokensPerSecond: 10 }))
    fleet.join(node('fast', { speed: 10, tokensPerSecond: 100 }))
    fleet.submit(...tasks(100))
    expect(fleet.has('slow')).toBe(2)
  })

  it('does not wait for ever for a fast node that does not move', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('slow', { speed: 1, tokensPerSecond: 10 }))
    fleet.join(
      node('stuck', { speed: 10, tokensPerSecond: 100, credits: 1, fate: always('stall') }),
    )
    fleet.submit(...tasks(2))
    expect(journeyOf(fleet)).toEqual(['t0@stuck#1'])
    fleet.time.play(3000)
    expect(journeyOf(fleet)).toContain('t1@slow#1')
  })

  it('takes a slow node at once when nothing runs that could make room', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('slow', { speed: 1, tokensPerSecond: 10 }))
    fleet.join(node('full', { speed: 10, tokensPerSecond: 100 }))
    fleet.scheduler.paused('full', true)
    fleet.submit(request('t'))
    expect(journeyOf(fleet)).toEqual(['t@slow#1'])
  })

  it('lets tasks with different wishes take turns', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { credits: 1 }))
    fleet.submit(...tasks(50, { models: ['m'] }))
    fleet.submit(request('any'))
    fleet.time.play(3500)
    expect(journeyOf(fleet)).toContain('any@a#1')
  })

  it('sends nothing to a node whose session is full, until it is not', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a'))
    fleet.scheduler.paused('a', true)
    fleet.submit(request('t'))
    expect(fleet.assigned).toEqual([])
    fleet.scheduler.paused('a', false)
    expect(journeyOf(fleet)).toEqual(['t@a#1'])
  })

  it('[N11] lets runs take turns, however long the other queue is', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { credits: 1 }))
    fleet.submit(...tasks(50, { run: 'long' }))
    fleet.submit(request('short', { run: 'short' }))
    fleet.time.play(2500)
    expect(journeyOf(fleet).slice(0, 3)).toContain('short@a#1')
  })
})
