import { END, WorkflowBuilder } from '@skein/workflows'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EngineError } from '../src/engines/engine.ts'
import { Stage, three } from './stage.ts'

let stage: Stage

beforeEach(() => {
  stage = new Stage()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

describe('branches of a task', () => {
  it('[D6] that fail stop the others and take the fallback in the slot that gets free', async () => {
    const { document, id } = new WorkflowBuilder('careful', { text: z.string() })
      .parallelStep({
        id: 'both',
        branches: {
          a: (branch) => branch.generativeStep({ id: 'x', prompt: 'a' }).setReturnValue('x'),
          b: (branch) => branch.generativeStep({ id: 'y', prompt: 'b' }).setReturnValue('y'),
        },
      })
      .generativeStep({ id: 'plan-b', prompt: 'c', outputs: [{ type: 'write', key: 'a' }] })
      .edge('both', END, { fallback: 'plan-b' })
      .edge('plan-b', END)
      .setReturnValue('a')
      .build()
    const { engine, client, node } = await stage.byHand({ name: 'm', slots: 2 })
    client.session.send({ type: 'define', workflow: id, document })
    client.assign({ id }, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(2)
    engine.at(1).fail(new EngineError('BAD_RESPONSE', 'a bad moment'))
    await expect.poll(() => engine.requests.length).toBe(3)
    expect(engine.at(0).signal.aborted).toBe(true)
    engine.at(2).say('saved')
    engine.at(2).finish()
    expect(await client.ends('1')).toMatchObject({
      output: 'saved',
      steps: ['both', 'x', 'y', 'plan-b'],
    })
    expect(node.status()).toMatchObject({ running: 0, waiting: 0 })
  })

  it('[D6] that fail fail the task, once the engine has let go of the others', async () => {
    const { engine, client, node } = await stage.byHand({ name: 'm', slots: 3 })
    client.assign(three, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(3)
    engine.at(1).fail(new EngineError('BAD_RESPONSE', 'a bad moment'))
    expect(await client.ends('1')).toMatchObject({ type: 'fail', code: 'BAD_RESPONSE' })
    expect(engine.requests.map(({ signal }) => signal.aborted)).toEqual([true, false, true])
    expect(node.status()).toMatchObject({ running: 0, waiting: 0 })
  })

  it('[D6] [D15] inside a branch that goes on without them are stopped, and no others', async () => {
    const { document, id } = new WorkflowBuilder('nested', { text: z.string() })
      .parallelStep({
        id: 'outer',
        branches: {
          slow: (branch) => branch.generativeStep({ id: 's', prompt: 's' }).setReturnValue('s'),
          saved: (branch) =>
            branch
              .parallelStep({
                id: 'inner',
                branches: {
                  a: (inner) => inner.generativeStep({ id: 'x', prompt: 'a' }).setReturnValue('x'),
                  b: (inner) => inner.generativeStep({ id: 'y', prompt: 'b' }).setReturnValue('y'),
                },
              })
              .generativeStep({ id: 'rescue', prompt: 'r' })
              .edge('inner', END, { fallback: 'rescue' })
              .setReturnValue('rescue'),
        },
      })
      .setReturnValue('slow', 'saved')
      .build()
    const { engine, client } = await stage.byHand({ name: 'm', slots: 4 })
    client.session.send({ type: 'define', workflow: id, document })
    client.assign({ id }, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(3)
    engine.at(2).fail(new EngineError('BAD_RESPONSE', 'a bad moment'))
    await expect.poll(() => engine.requests.length).toBe(4)
    expect(engine.requests.map(({ signal }) => signal.aborted)).toEqual([false, true, false, false])
    for (const [index, text] of [
      [3, 'ok'],
      [0, 'late'],
    ] as const) {
      engine.at(index).say(text)
      engine.at(index).finish()
    }
    expect(await client.ends('1')).toMatchObject({ output: { slow: 'late', saved: 'ok' } })
  })

  it('[D8] have the time of their own step', async () => {
    const { document, id } = new WorkflowBuilder('timed', { text: z.string() })
      .parallelStep({
        id: 'both',
        branches: {
          a: (branch) =>
            branch.generativeStep({ id: 'x', prompt: 'a', timeoutMs: 50 }).setReturnValue('x'),
          b: (branch) => branch.generativeStep({ id: 'y', prompt: 'b' }).setReturnValue('y'),
        },
      })
      .setReturnValue('a', 'b')
      .build()
    const { client } = await stage.byHand({ name: 'm', slots: 2 })
    client.session.send({ type: 'define', workflow: id, document })
    client.assign({ id }, { task: '1', input: { text: 'x' } })
    expect(await client.ends('1')).toMatchObject({ type: 'fail', code: 'STALLED' })
  })

  it('[D15] are begun again, all of them, where the step is tried again', async () => {
    const { document, id } = new WorkflowBuilder('again', { items: z.array(z.string()) })
      .mapStep({ id: 'all', over: 'items', as: 'item', retry: 1 }, (item) =>
        item.generativeStep({ id: 'x', prompt: '{{item}}' }).setReturnValue('x'),
      )
      .setReturnValue('all')
      .build()
    const { engine, client } = await stage.byHand({ name: 'm', slots: 2 })
    client.session.send({ type: 'define', workflow: id, document })
    client.assign({ id }, { task: '1', input: { items: ['a', 'b', 'c'] } })
    await expect.poll(() => engine.requests.length).toBe(2)
    engine.at(0).fail(new EngineError('BAD_RESPONSE', 'a bad moment'))
    engine.at(1).say('of the first try')
    engine.at(1).finish()
    const live = () => engine.requests.slice(2).filter(({ signal }) => !signal.aborted)
    for (const index of [0, 1, 2]) {
      await expect.poll(() => live().length).toBeGreaterThan(index)
      live()[index]?.say(live()[index]?.request.messages[0]?.content ?? '')
      live()[index]?.finish()
    }
    expect(await client.ends('1')).toMatchObject({ output: ['a', 'b', 'c'] })
  })
})
