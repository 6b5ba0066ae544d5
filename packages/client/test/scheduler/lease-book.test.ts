import { describe, expect, it } from 'vitest'
import { always, journeyOf, node, tasks } from './scheduler-tools.ts'
import { finish, request, SimulatedFleet } from './simulated-fleet.ts'

describe('a lease', () => {
  it('[N6] fences: a result counts only while its attempt is the wanted one', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a'))
    fleet.submit(request('t'))
    fleet.join(node('b'))
    const [first] = fleet.assigned
    fleet.kill('a')
    fleet.join(node('a'))
    if (first) fleet.scheduler.finished('a', finish(first.lease, 1))
    expect(fleet.settled.size).toBe(0)
    expect(fleet.acknowledged).toMatchObject([{ node: 'a', task: 't', attempt: 1 }])
    fleet.time.play(60_000)
    expect(fleet.settled.get('t')).toMatchObject({ ok: true, lease: { node: 'b', attempt: 2 } })
    expect(fleet.violations).toEqual([])
  })

  it('counts by its number: what a node says of another attempt changes nothing', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a'))
    fleet.submit(request('t'))
    fleet.scheduler.finished('a', finish({ node: 'a', task: 't', attempt: 7 }, 1))
    expect(fleet.settled.size).toBe(0)
    expect(fleet.acknowledged).toMatchObject([{ attempt: 7 }])
    fleet.time.play(60_000)
    expect(fleet.settled.get('t')).toMatchObject({ ok: true, lease: { attempt: 1 } })
  })

  it('[N7] takes the answers of all attempts before it along', () => {
    const fleet = new SimulatedFleet()
    for (const id of ['a', 'b', 'c']) {
      fleet.submit(...(id === 'a' ? [request('t')] : []))
      fleet.join(node(id))
      fleet.time.play(fleet.time.now + 600)
      fleet.kill(id)
    }
    const answers = fleet.assigned.map(({ details }) => details.answers?.length ?? 0)
    expect(answers).toEqual([0, 1, 2])
  })

  it('ends as timed out when the node says so first', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { fate: always('stall') }))
    fleet.submit(request('t', { timeoutMs: 1000 }))
    fleet.scheduler.failed('a', {
      type: 'fail',
      task: 't',
      attempt: 1,
      code: 'DEADLINE',
      message: 'too late',
      retryable: false,
      fault: 'none',
    })
    expect(fleet.settled.get('t')).toMatchObject({ code: 'TIMED_OUT', retryable: true })
  })

  it('numbers go on after attempts made before', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a'))
    fleet.submit(request('t', { attemptsBefore: 4 }))
    expect(journeyOf(fleet)).toEqual(['t@a#5'])
  })

  it('ends when its time is over: the node is told, and its credit waits for the answer', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { fate: always('stall'), travelMs: 100, credits: 1 }))
    fleet.submit(request('t', { timeoutMs: 1000 }))
    fleet.time.play(1060)
    expect(fleet.settled.get('t')).toMatchObject({ code: 'TIMED_OUT', retryable: true })
    expect(fleet.cancelled).toHaveLength(1)
    fleet.submit(request('next'))
    expect(journeyOf(fleet)).toEqual(['t@a#1'])
    fleet.time.play(1400)
    expect(journeyOf(fleet)).toEqual(['t@a#1', 'next@a#1'])
  })

  it('keeps its credit for five seconds at most where the node never says that it stopped', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { credits: 1, deaf: true, fate: always('stall') }))
    fleet.submit(request('t', { timeoutMs: 1000 }), request('next', { timeoutMs: 60_000 }))
    fleet.time.play(5900)
    expect(journeyOf(fleet)).toEqual(['t@a#1'])
    fleet.time.play(6200)
    expect(journeyOf(fleet)).toEqual(['t@a#1', 'next@a#1'])
  })

  it('is not given to a node that may still have another attempt at the task', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { credits: 8, deaf: true, fate: always('stall') }))
    fleet.submit(request('t', { timeoutMs: 1000 }))
    fleet.time.play(1100)
    expect(fleet.settled.get('t')).toMatchObject({ code: 'TIMED_OUT' })
    fleet.submit(request('t', { attemptsBefore: 1 }))
    fleet.time.play(5900)
    expect(journeyOf(fleet)).toEqual(['t@a#1'])
    fleet.join(node('b'))
    expect(journeyOf(fleet)).toEqual(['t@a#1', 't@b#2'])
  })

  it('that is over does not end another that still runs', () => {
    const fleet = new SimulatedFleet(
      () => 0.5,
      () => 8000,
    )
    fleet.join(node('a', { deaf: true, fate: always('stall') }))
    fleet.submit(request('t', { timeoutMs: 10_000 }))
    fleet.time.play(4900)
    fleet.join(node('b'))
    fleet.time.play(60_000)
    expect(journeyOf(fleet)).toEqual(['t@a#1', 't@b#2'])
    expect(fleet.settled.get('t')).toMatchObject({ ok: true, lease: { node: 'b' } })
  })

  it('is acknowledged when the result is recorded, and a failure at once', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { fate: (task) => (task === 'bad' ? 'fail for good' : 'finish') }))
    fleet.submit(request('good'), request('bad'))
    fleet.time.play(60_000)
    expect(fleet.acknowledged.map(({ task }) => task).toSorted()).toEqual(['bad', 'good'])
  })

  it('[N9] is called off when its task or its run is cancelled', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { credits: 2 }))
    fleet.submit(...tasks(5, { run: 'r' }), request('other', { run: 's' }))
    fleet.scheduler.cancel('t0')
    expect(fleet.cancelled).toMatchObject([{ task: 't0' }])
    fleet.scheduler.cancelRun('r')
    expect(fleet.cancelled).toHaveLength(2)
    const codes = Array.from(fleet.settled.values(), (end) => (end.ok ? 'done' : end.code))
    expect(codes).toEqual(Array.from({ length: 5 }, () => 'CANCELLED'))
    fleet.time.play(60_000)
    expect(fleet.settled.get('other')).toMatchObject({ ok: true })
  })
})
