import { describe, expect, it } from 'vitest'
import { node, tasks } from './scheduler-tools.ts'
import { request, SimulatedFleet } from './simulated-fleet.ts'

describe('a task that nobody can do', () => {
  it('[D29] is refused at once with the models that there are', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { models: ['x', 'y'] }))
    fleet.submit(request('t', { models: ['z'] }))
    expect(fleet.settled.get('t')).toMatchObject({
      code: 'NO_SUCH_MODEL',
      message: "no node offers 'z'; there is 'x' on 1 node, 'y' on 1 node",
    })
  })

  it('[D29] is refused at once where no node has been found all the time that one is waited for', () => {
    const fleet = new SimulatedFleet(undefined, undefined, 10_000)
    fleet.time.play(4000)
    fleet.submit(request('early'))
    fleet.time.play(9000)
    expect(fleet.settled.size).toBe(0)
    fleet.time.play(10_200)
    expect(fleet.settled.get('early')).toMatchObject({ code: 'NO_NODES' })
    fleet.time.play(15_000)
    fleet.submit(request('late'))
    expect(fleet.settled.get('late')).toMatchObject({ code: 'NO_NODES' })
    fleet.submit(request('patient', { waitMs: 60_000 }))
    expect(fleet.settled.has('patient')).toBe(false)
    fleet.join(node('a'))
    fleet.time.play(16_000)
    fleet.kill('a')
    fleet.submit(request('after'))
    expect(fleet.settled.has('after')).toBe(false)
  })

  it('[D29] waits where it was asked to, and goes when the model comes', () => {
    const fleet = new SimulatedFleet()
    fleet.join(node('a', { models: ['x'] }))
    fleet.submit(request('t', { models: ['z'], waitMs: 60_000 }))
    fleet.time.play(50_000)
    expect(fleet.settled.size).toBe(0)
    fleet.join(node('b', { models: ['z'] }))
    fleet.time.play(55_000)
    expect(fleet.settled.get('t')).toMatchObject({ ok: true })
  })

  it('[D29] waits no longer than it was asked to, also where that is short', () => {
    const fleet = new SimulatedFleet(undefined, undefined, 10_000)
    fleet.submit(request('t', { waitMs: 3000 }))
    fleet.time.play(2900)
    expect(fleet.settled.size).toBe(0)
    fleet.time.play(3200)
    expect(fleet.settled.get('t')).toMatchObject({ code: 'NO_NODES' })
  })

  it('waits for a node that has not spoken yet, or that has just left', () => {
    const fleet = new SimulatedFleet()
    fleet.scheduler.nodeJoined('shy', 'shy')
    fleet.submit(request('t', { models: ['m'] }))
    expect(fleet.settled.size).toBe(0)
    fleet.join(node('a'))
    fleet.join(node('b', { models: ['other'] }))
    fleet.kill('a')
    fleet.submit(request('u', { models: ['m'] }))
    fleet.time.play(5000)
    expect(fleet.settled.size).toBe(0)
    fleet.time.play(60_000)
    expect(fleet.settled.get('u')).toMatchObject({ ok: false, code: 'NO_SUCH_MODEL' })
  })

  it('fails after the patience that is left, and says who was there', () => {
    const fleet = new SimulatedFleet(undefined, undefined, 10_000)
    fleet.join(node('a'))
    fleet.submit(...tasks(20))
    fleet.time.play(500)
    fleet.kill('a')
    fleet.time.play(10_400)
    expect(fleet.settled.size).toBe(0)
    fleet.time.play(10_700)
    expect(fleet.settled.size).toBe(20)
    expect(fleet.settled.get('t19')).toMatchObject({
      code: 'NO_NODES',
      message: "no node is there any more (the last were a). Start one with 'skein node start'",
    })
  })

  it('waits a while for a model whose last node has just left, although there are others', () => {
    const fleet = new SimulatedFleet(undefined, undefined, 10_000)
    fleet.join(node('a'))
    fleet.join(node('b', { models: ['other'] }))
    fleet.kill('a')
    fleet.submit(request('t', { models: ['m'] }))
    expect(fleet.settled.size).toBe(0)
    fleet.join(node('a'))
    fleet.time.play(5000)
    expect(fleet.settled.get('t')).toMatchObject({ ok: true })
  })

  it('fails when only nodes are left that refuse it for good', () => {
    const fleet = new SimulatedFleet(undefined, undefined, 10_000)
    fleet.join(node('a', { fate: () => 'too-large' }))
    fleet.join(node('b', { credits: 0 }))
    fleet.submit(request('t'))
    fleet.time.play(1000)
    expect(fleet.settled.size).toBe(0)
    fleet.kill('b')
    fleet.time.play(9000)
    expect(fleet.settled.size).toBe(0)
    fleet.time.play(60_000)
    expect(fleet.settled.get('t')).toMatchObject({
      code: 'TASK_FAILED',
      message: 'a refused it (too-large): too-large',
    })
  })
})
