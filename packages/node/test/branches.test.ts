import { WorkflowBuilder } from '@skein/workflows'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createScriptedEngine } from '../src/engines/scripted.ts'
import type { HandEngine } from './hand-engine.ts'
import { settled } from './hand-engine.ts'
import { echo, Stage, three } from './stage.ts'
import { callOnce, lab, serve } from './tool-world.ts'

let stage: Stage

beforeEach(() => {
  stage = new Stage()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

/** Answers each request as it comes with its own prompt; gives the most that were there at once. */
async function answerAll(engine: HandEngine, count: number): Promise<number> {
  let most = 0
  for (let done = 0; done < count; done += 1) {
    await expect.poll(() => engine.requests.length).toBeGreaterThan(done)
    await settled()
    most = Math.max(most, engine.requests.length - done)
    engine.at(done).say(`[${engine.at(done).request.messages[0]?.content ?? ''}]`)
    engine.at(done).finish()
  }
  return most
}

describe('branches of a task', () => {
  it('[D15] take turns in its one slot', async () => {
    const { engine, client, node } = await stage.byHand({ name: 'm', slots: 1 })
    client.assign(three, { task: '1', input: { text: 'x' } })
    expect(await answerAll(engine, 4)).toBe(1)
    expect(await client.ends('1')).toMatchObject({
      output: '[[a x] [b x] [c x]]',
      usage: { input: 12, output: 8 },
    })
    expect(node.status()).toMatchObject({ running: 0, waiting: 0, done: 1 })
  })

  it('[D15] take slots that stand idle besides', async () => {
    const { engine, client, node } = await stage.byHand({ name: 'm', slots: 2 })
    client.assign(three, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(2)
    expect(node.status()).toMatchObject({ running: 1, waiting: 0 })
    expect(await answerAll(engine, 4)).toBe(2)
    expect(await client.ends('1')).toMatchObject({ type: 'finish' })
  })

  it('[N3] give a borrowed slot to the next task that waits, and never have more than there are', async () => {
    const { engine, client, node } = await stage.byHand({ name: 'm', slots: 2 })
    client.assign(three, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(2)
    client.assign(echo, { task: '2', input: { text: 'other' } })
    await expect.poll(() => node.status()).toMatchObject({ running: 1, waiting: 1 })
    engine.at(1).finish()
    await expect.poll(() => engine.requests.length).toBe(3)
    expect(engine.at(2).request.messages[0]?.content).toBe('other')
    engine.at(0).finish()
    await expect.poll(() => engine.requests.length).toBe(4)
    engine.at(2).finish()
    expect(await client.ends('2')).toMatchObject({ type: 'finish' })
    engine.at(3).finish()
    await expect.poll(() => engine.requests.length).toBe(5)
    engine.at(4).finish()
    expect(await client.ends('1')).toMatchObject({ type: 'finish' })
    expect(node.status()).toMatchObject({ running: 0, waiting: 0 })
  })

  it('[D15] of many tasks and models come to their ends', async () => {
    const { document, id } = new WorkflowBuilder('mixed', { text: z.string() })
      .parallelStep({
        id: 'all',
        branches: {
          a: (branch) =>
            branch.generativeStep({ id: 'x', prompt: 'a', model: 'p' }).setReturnValue('x'),
          b: (branch) =>
            branch.generativeStep({ id: 'y', prompt: 'b', model: 'q' }).setReturnValue('y'),
          c: (branch) => branch.generativeStep({ id: 'z', prompt: 'c' }).setReturnValue('z'),
        },
      })
      .generativeStep({ id: 'join', prompt: '{{a}} {{b}} {{c}}', model: 'q' })
      .setReturnValue('join')
      .build()
    const engine = createScriptedEngine({ models: ['p', 'q'], echo: true, ms: 2 })
    const node = await stage.start(engine)
    const clients = [await stage.join('one'), await stage.join('two')]
    for (const client of clients) client.session.send({ type: 'define', workflow: id, document })
    for (let task = 0; task < 20; task += 1) {
      for (const client of clients) {
        client.assign({ id }, { task: String(task), input: { text: 'x' } })
      }
      for (const client of clients) {
        expect(await client.ends(String(task))).toMatchObject({ output: 'a b c', model: 'q' })
      }
    }
    expect(node.status()).toMatchObject({ running: 0, waiting: 0, done: 40 })
  })

  it('[D15] of a map run as many at once as it says', async () => {
    const { document, id } = new WorkflowBuilder('mapped', { items: z.array(z.string()) })
      .mapStep({ id: 'all', over: 'items', as: 'item', concurrency: 2 }, (item) =>
        item.generativeStep({ id: 'x', prompt: '{{item}}' }).setReturnValue('x'),
      )
      .setReturnValue('all')
      .build()
    const { engine, client } = await stage.byHand({ name: 'm', slots: 8 })
    client.session.send({ type: 'define', workflow: id, document })
    client.assign({ id }, { task: '1', input: { items: ['a', 'b', 'c', 'd', 'e'] } })
    expect(await answerAll(engine, 5)).toBe(2)
    expect(await client.ends('1')).toMatchObject({ output: ['[a]', '[b]', '[c]', '[d]', '[e]'] })
  })

  it('[N9] all stop when the client cancels: those at work, those in line, and what is borrowed', async () => {
    const { engine, client, node } = await stage.byHand({ name: 'm', slots: 2 })
    client.assign(three, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(2)
    client.session.send({ type: 'cancel', task: '1', attempt: 1 })
    expect(await client.ends('1')).toMatchObject({ type: 'fail', code: 'CANCELLED' })
    expect([engine.at(0).signal.aborted, engine.at(1).signal.aborted]).toEqual([true, true])
    expect(engine.requests).toHaveLength(2)
    client.assign(three, { task: '2', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(4)
    expect(node.status()).toMatchObject({ running: 1, waiting: 0 })
  })

  it('[N9] all stop at the deadline and when the client dies', async () => {
    const { engine, client, node } = await stage.byHand({ name: 'm', slots: 3 })
    client.assign(three, { task: '1', input: { text: 'x' }, timeLeftMs: 100 })
    expect(await client.ends('1')).toMatchObject({ code: 'DEADLINE' })
    expect(engine.requests.every(({ signal }) => signal.aborted)).toBe(true)
    client.assign(three, { task: '2', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(6)
    stage.network.cut('client', 'node')
    await expect.poll(() => engine.requests.every(({ signal }) => signal.aborted)).toBe(true)
    await expect.poll(() => node.status()).toMatchObject({ running: 0, waiting: 0 })
  })

  it('[N9] that run tools stop them all when the client cancels', async () => {
    const arrived = Promise.withResolvers<void>()
    let open = 0
    await using server = await serve((request) => {
      open += 1
      request.on('close', () => {
        open -= 1
      })
      if (open === 2) arrived.resolve()
    })
    const { document, id } = twoLookers(`http://api.test:${server.port}/`)
    const tools = { hosts: [{ host: 'api.test', port: server.port, insecure: true }] }
    await stage.start(
      createScriptedEngine({ answer: (request) => callOnce(request) }),
      { tools },
      { http: lab },
    )
    const client = await stage.join()
    client.session.send({ type: 'define', workflow: id, document })
    client.assign({ id }, { task: '1', input: { text: 'x' } })
    await arrived.promise
    client.session.send({ type: 'cancel', task: '1', attempt: 1 })
    expect(await client.ends('1')).toMatchObject({ code: 'CANCELLED' })
    await expect.poll(() => open).toBe(0)
  })

  it('[N7] tell their answers as they come, and go on from them elsewhere', async () => {
    const { engine, client } = await stage.byHand({ name: 'm', slots: 3 })
    client.assign(three, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(3)
    engine.at(1).say('second')
    engine.at(1).finish()
    const progress = await client.hears('progress', ({ answers }) => answers !== undefined)
    expect(progress).toMatchObject({
      step: 'x',
      tokens: 2,
      answers: [{ kind: 'branch', branch: 'b', answer: { text: 'second' } }],
    })
    expect(progress.text).toBeUndefined()
    const { answers = [] } = progress
    client.session.send({ type: 'cancel', task: '1', attempt: 1 })
    await client.ends('1')
    client.assign(three, { task: '2', input: { text: 'x' }, checkpoint: { answers } })
    await expect.poll(() => engine.requests.length).toBe(5)
    expect([3, 4].map((index) => engine.at(index).request.messages[0]?.content)).toEqual([
      'a x',
      'c x',
    ])
  })

  it.each([
    ['has no name', { kind: 'branch', answer: { kind: 'result', value: 1 } }],
    ['has no answer', { kind: 'branch', branch: 'a' }],
    ['is in a branch itself', { kind: 'branch', branch: 'a', answer: { kind: 'branch' } }],
    ['has no vectors', { kind: 'branch', branch: 'a', answer: { kind: 'embedding' } }],
  ])('are refused from a checkpoint whose answer %s', async (_, answer) => {
    const { client } = await stage.byHand({ name: 'm' })
    client.assign(three, { task: '1', input: { text: 'x' }, checkpoint: { answers: [answer] } })
    expect(await client.ends('1')).toMatchObject({ type: 'refuse', code: 'invalid' })
  })
})

/** Two branches that use the tool. */
function twoLookers(url: string) {
  return new WorkflowBuilder('lookers', { text: z.string() })
    .addTool({ name: 'look', description: 'Looks', http: { method: 'GET', url } })
    .parallelStep({
      id: 'both',
      branches: {
        a: (branch) =>
          branch
            .generativeStep({ id: 'x', operator: 'function_calling', prompt: 'a' })
            .setReturnValue('x'),
        b: (branch) =>
          branch
            .generativeStep({ id: 'y', operator: 'function_calling', prompt: 'b' })
            .setReturnValue('y'),
      },
    })
    .setReturnValue('a', 'b')
    .build()
}
