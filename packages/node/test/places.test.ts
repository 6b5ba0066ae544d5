import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../src/engines/engine.ts'
import { createScriptedEngine } from '../src/engines/scripted.ts'
import { Places, type Place } from '../src/places.ts'
import { Speed } from '../src/speed.ts'
import { settled } from './hand-engine.ts'

const model = {
  info: { name: 'm', contextLength: 1, slots: 1, remote: false, capabilities: [] },
  engine: createScriptedEngine(),
  speed: new Speed(),
}
const never = new AbortController().signal
const reason = new EngineError('ABORTED', 'enough')

/** A node that has so many idle slots to lend. */
function world(idle = 0) {
  const state = { idle, moved: undefined as PromiseWithResolvers<typeof model> | undefined }
  const places = new Places({
    model: () => state.moved?.promise ?? model,
    borrow: () => {
      if (state.idle === 0) return undefined
      state.idle -= 1
      return {
        model,
        leave: () => {
          state.idle += 1
        },
      }
    },
  })
  return { state, places }
}

async function isPending(work: Promise<unknown>): Promise<boolean> {
  await settled()
  return Promise.race([work.then(() => false), Promise.resolve(true)])
}

describe('the places of a task', () => {
  it('[D15] are its own slot and what is idle; then there is a line', async () => {
    const { places, state } = world(1)
    const own = await places.take(undefined, never)
    const borrowed = await places.take(undefined, never)
    const third = places.take(undefined, never)
    expect(await isPending(third)).toBe(true)
    borrowed.leave()
    const place = await third
    expect(state.idle).toBe(0)
    own.leave()
    place.leave()
    expect([places.isOwnFree, state.idle]).toEqual([true, 1])
  })

  it('[N9] are not waited for by who is stopped, nor lost', async () => {
    const { places } = world()
    const own = await places.take(undefined, never)
    const stopped = new AbortController()
    const second = places.take(undefined, stopped.signal)
    const third = places.take(undefined, never)
    stopped.abort(reason)
    await expect(second).rejects.toBe(reason)
    own.leave()
    const place = await third
    place.leave()
    expect(places.isOwnFree).toBe(true)
    await expect(places.take(undefined, stopped.signal)).rejects.toBe(reason)
  })

  it('[N9] go to the next when who waits for a move is stopped', async () => {
    const { places, state } = world()
    state.moved = Promise.withResolvers()
    const stopped = new AbortController()
    const first = places.take(['other'], stopped.signal)
    const second = places.take(undefined, never)
    stopped.abort(reason)
    await expect(first).rejects.toBe(reason)
    expect(await isPending(second)).toBe(true)
    const { resolve } = state.moved
    state.moved = undefined
    resolve(model)
    const place = await second
    place.leave()
    expect(places.isOwnFree).toBe(true)
  })

  it('go to the next when the model of one is not here', async () => {
    const { places, state } = world()
    state.moved = Promise.withResolvers()
    const first = places.take(['gone'], never)
    const second = places.take(undefined, never)
    const { reject } = state.moved
    state.moved = undefined
    reject(new EngineError('MODEL_MISSING', 'gone'))
    await expect(first).rejects.toMatchObject({ code: 'MODEL_MISSING' })
    const place = await second
    place.leave()
    expect(places.isOwnFree).toBe(true)
  })

  it('[D15] [N9] are never too many and never lost, whoever comes, leaves or gives up', async () => {
    const moves = fc.array(fc.record({ what: fc.nat({ max: 2 }), pick: fc.nat() }), {
      maxLength: 60,
    })
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3 }), moves, async (idle, happenings) => {
        const { places, state } = world(idle)
        const held: Place[] = []
        const asking: AbortController[] = []
        let most = 0
        const ask = async () => {
          const controller = new AbortController()
          asking.push(controller)
          const [taken] = await Promise.allSettled([places.take(undefined, controller.signal)])
          if (taken.status === 'fulfilled') held.push(taken.value)
          most = Math.max(most, held.length)
        }
        for (const { what, pick } of happenings) {
          if (what === 0) void ask()
          else if (what === 1) held.splice(pick % Math.max(1, held.length), 1)[0]?.leave()
          else asking[pick % Math.max(1, asking.length)]?.abort(reason)
          if (pick % 2 === 0) await settled()
        }
        for (const controller of asking) controller.abort(reason)
        await settled()
        for (const place of held.splice(0)) place.leave()
        await settled()
        expect(most).toBeLessThanOrEqual(idle + 1)
        expect([places.isOwnFree, state.idle, held.length]).toEqual([true, idle, 0])
      }),
      { numRuns: 200 },
    )
  })
})
