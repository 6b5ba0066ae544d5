import { openSession } from '@skein/protocol'
import { WorkflowBuilder } from '@skein/workflows'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createScriptedEngine } from '../src/engines/scripted.ts'
import { echo, Stage, twice } from './stage.ts'
import { TestClient } from './test-client.ts'

describe('a session with a client', () => {
  let stage: Stage

  beforeEach(() => {
    stage = new Stage()
  })
  afterEach(async () => {
    await stage[Symbol.asyncDispose]()
  })

  it('refuses a second attempt at a task that it still has', async () => {
    const { engine, client } = await stage.byHand()
    client.assign(echo, { task: '1', input: { text: 'x' } })
    client.assign(echo, { task: '1', attempt: 2, input: { text: 'x' } })
    expect(await client.hears('refuse')).toMatchObject({ attempt: 2, code: 'no-slot' })
    engine.at(0).finish()
    expect(await client.hears('finish')).toMatchObject({ attempt: 1 })
  })

  it('[N9] stops the engine when the client cancels, and says that it stopped', async () => {
    const { engine, client } = await stage.byHand()
    client.assign(echo, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(1)
    client.session.send({ type: 'cancel', task: '1', attempt: 2 })
    client.assign({ id: 'unknown' }, { task: 'sign of life' })
    await client.ends('sign of life')
    expect(engine.at(0).signal.aborted).toBe(false)
    client.session.send({ type: 'cancel', task: '1', attempt: 1 })
    expect(await client.ends('1')).toMatchObject({
      type: 'fail',
      code: 'CANCELLED',
      retryable: false,
      fault: 'none',
    })
    expect(engine.at(0).signal.aborted).toBe(true)
  })

  it('[N9] takes a cancelled task out of its line', async () => {
    const { engine, client, node } = await stage.byHand()
    client.assign(echo, { task: '1', input: { text: 'x' } })
    client.assign(echo, { task: '2', input: { text: 'y' } })
    client.session.send({ type: 'cancel', task: '2', attempt: 1 })
    expect(await client.ends('2')).toMatchObject({ code: 'CANCELLED' })
    expect(node.status()).toMatchObject({ running: 1, waiting: 0 })
    engine.at(0).finish()
    await client.ends('1')
    expect(engine.requests).toHaveLength(1)
  })

  it('[N9] stops the engine when the client dies', async () => {
    const { engine, client, node } = await stage.byHand()
    client.assign(echo, { task: '1', input: { text: 'x' } })
    client.assign(echo, { task: '2', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(1)
    stage.network.cut('client', 'node')
    await expect.poll(() => engine.at(0).signal.aborted).toBe(true)
    await expect.poll(() => node.status()).toMatchObject({ running: 0, waiting: 0, clients: [] })
    expect(engine.requests).toHaveLength(1)
  })

  it('[N9] stops the engine when the task’s time is over, and says whose fault it is: nobody’s', async () => {
    const { engine, client } = await stage.byHand()
    client.assign(echo, { task: '1', input: { text: 'x' }, timeLeftMs: 80 })
    client.assign(echo, { task: '2', input: { text: 'x' }, timeLeftMs: 80 })
    for (const task of ['1', '2']) {
      expect(await client.ends(task)).toMatchObject({ code: 'DEADLINE', fault: 'none' })
    }
    expect(engine.at(0).signal.aborted).toBe(true)
    expect(engine.requests).toHaveLength(1)
  })

  it('[N7] tells the progress of long tasks: text and the answers of finished steps', async () => {
    const { engine, client } = await stage.byHand()
    client.assign(twice, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(1)
    engine.at(0).say('first ')
    expect(await client.hears('progress')).toMatchObject({
      task: '1',
      tokens: 1,
      step: 'draft',
      text: 'first ',
    })
    engine.at(0).finish()
    const progress = await client.hears('progress', ({ answers }) => answers !== undefined)
    expect(progress.answers).toMatchObject([{ kind: 'completion', text: 'first ' }])
    engine.at(1).finish()
    await client.ends('1')
  })

  it('[N7] tells no more answers after one that no frame holds: what was told stays a checkpoint', async () => {
    const { engine, client } = await stage.byHand({ name: 'm', contextLength: 1e9 })
    const steps = new WorkflowBuilder('steps', { text: z.string() })
      .generativeStep({ id: 'a', prompt: '{{text}}' })
      .generativeStep({ id: 'b', prompt: 'b' })
      .generativeStep({ id: 'c', prompt: 'c' })
      .generativeStep({ id: 'd', prompt: 'd' })
      .setReturnValue('d')
      .build()
    client.define(steps)
    client.assign(steps, { task: '1', input: { text: 'x' } })
    const said = ['first', 'y'.repeat(5_000_000), 'third']
    for (const [index, text] of said.entries()) {
      await expect.poll(() => engine.requests.length).toBe(index + 1)
      engine.at(index).say(text)
      engine.at(index).finish()
      await expect.poll(() => engine.requests.length).toBe(index + 2)
      const isTold = ({ step = '' }: { readonly step?: string | undefined }) =>
        step === 'bcd'[index]
      engine.at(index + 1).say('…')
      if (index !== 1) await client.hears('progress', isTold)
      else await new Promise((resolve) => setTimeout(resolve, 150))
    }
    const told = client.all('progress').flatMap(({ answers = [] }) => answers)
    expect(told).toMatchObject([{ kind: 'completion', text: 'first' }])
    engine.at(3).finish()
    expect(await client.ends('1')).toMatchObject({ type: 'finish' })
  })

  it('tells no progress of tasks that end at once', async () => {
    const { client } = await stage.scripted({ echo: true })
    for (let task = 0; task < 20; task += 1) {
      client.assign(echo, { task: String(task), input: { text: 'x' } })
      await client.ends(String(task))
    }
    expect(client.all('progress')).toEqual([])
  })

  it('[N7] goes on from a checkpoint', async () => {
    const { engine, client } = await stage.byHand()
    const answer = {
      kind: 'completion',
      text: 'old',
      model: 'm',
      finishReason: 'stop',
      usage: { input: 1, output: 1 },
      ms: 1,
    }
    client.assign(twice, { task: '1', input: { text: 'x' }, checkpoint: { answers: [answer] } })
    await expect.poll(() => engine.requests.length).toBe(1)
    expect(engine.at(0).request.messages[0]?.content).toBe('again old')
    engine.at(0).say('new')
    engine.at(0).finish()
    expect(await client.ends('1')).toMatchObject({ output: 'new' })
  })

  it('brings the trace when it is asked for, and only then', async () => {
    const { client } = await stage.scripted({ echo: true })
    client.assign(echo, { task: '1', input: { text: 'x' }, trace: true })
    expect(await client.ends('1')).toMatchObject({ trace: [{ step: 'answer', answer: 'x' }] })
    client.assign(echo, { task: '2', input: { text: 'x' } })
    expect(await client.ends('2')).not.toHaveProperty('trace')
  })

  it('sends away who is no client, and when the node is full everybody', async () => {
    const node = await stage.start(createScriptedEngine())
    const dial = async (name: string, role: 'client' | 'node') => {
      const transport = stage.network.transport(name)
      const channel = await transport.dial('memory:node', { signal: AbortSignal.timeout(5000) })
      const closed = Promise.withResolvers<string>()
      const session = await openSession(channel, {
        hello: { role, name, agent: 'test' },
        handlers: {
          message: () => {},
          closed: () => {
            closed.resolve('sent away')
          },
        },
      })
      return { session, closed: closed.promise }
    }
    expect(await (await dial('a node', 'node')).closed).toBe('sent away')
    for (let count = 0; count < 256; count += 1) await dial(`client ${count}`, 'client')
    await expect.poll(() => node.status().clients.length).toBe(256)
    expect(await (await dial('one too many', 'client')).closed).toBe('sent away')
    expect(node.status().clients).toHaveLength(256)
  })

  it('keeps results that were not confirmed and tells them again when the client returns', async () => {
    const node = await stage.start(createScriptedEngine({ echo: true, slots: 4 }))
    const transport = stage.network.transport('client')
    const client = await TestClient.connect(transport, 'memory:node')
    client.define(echo)
    await client.hears('offer')
    for (const task of ['1', '2']) client.assign(echo, { task, input: { text: task } })
    await Promise.all([client.ends('1'), client.ends('2')])
    client.session.send({ type: 'acknowledge', task: '1', attempt: 1 })
    await expect.poll(() => node.status().unconfirmed).toBe(1)
    stage.network.cut('client', 'node')
    await client.closed.promise

    const again = await TestClient.connect(transport, 'memory:node')
    expect(await again.ends('2')).toMatchObject({ type: 'finish', attempt: 1, output: '2' })
    expect(again.all('finish')).toHaveLength(1)
    again.session.send({ type: 'acknowledge', task: '2', attempt: 1 })
    await expect.poll(() => node.status().unconfirmed).toBe(0)
  })

  it('[N11] shares its slots among clients in turn', async () => {
    const { engine, node, client: first } = await stage.byHand({ name: 'm', slots: 1 })
    first.assign(echo, { task: 'a1', input: { text: 'a1' } })
    first.assign(echo, { task: 'a2', input: { text: 'a2' } })
    const second = await stage.join('other')
    second.assign(echo, { task: 'b1', input: { text: 'b1' } })
    await expect.poll(() => node.status().waiting).toBe(2)
    engine.at(0).finish()
    await first.ends('a1')
    first.assign(echo, { task: 'a3', input: { text: 'a3' } })
    for (const index of [1, 2]) {
      await expect.poll(() => engine.requests.length).toBe(index + 1)
      engine.at(index).finish()
    }
    const order = engine.requests.map(({ request }) => request.messages[0]?.content)
    expect(order).toEqual(['a1', 'a2', 'b1'])
  })

  it('[N12] drains: takes nothing new, finishes what it has, says goodbye', async () => {
    const { engine, client, node } = await stage.byHand()
    client.assign(echo, { task: '1', input: { text: 'x' } })
    client.assign(echo, { task: '2', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(1)
    const drained = node.drain()
    await client.hears('offer', ({ draining, models }) => draining && models[0]?.credits === 0)
    client.assign(echo, { task: '3', input: { text: 'x' } })
    expect(await client.ends('3')).toMatchObject({ type: 'refuse', code: 'draining' })
    engine.at(0).finish()
    await expect.poll(() => engine.requests.length).toBe(2)
    engine.at(1).finish()
    await drained
    expect(await client.ends('2')).toMatchObject({ type: 'finish' })
    expect(await client.closed.promise).toBeUndefined()
  })

  it('stops draining at once when told to', async () => {
    const { engine, client, node } = await stage.byHand()
    client.assign(echo, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(1)
    await node.drain(AbortSignal.abort())
    expect(engine.at(0).signal.aborted).toBe(true)
    await client.closed.promise
  })

  it('[N16] never says a prompt or an answer in its log', async () => {
    const said: string[] = []
    const logger = {
      info: (text: string) => said.push(text),
      warn: (text: string) => said.push(text),
    }
    await stage.start(createScriptedEngine({ echo: true, faults: { fail: { every: 2 } } }), {
      logger,
    })
    const client = await stage.join()
    client.assign(echo, { task: '1', input: { text: 'my secret' } })
    await client.ends('1')
    client.assign(echo, { task: '2', input: { text: 'my secret' } })
    await client.ends('2')
    await client.session.close()
    await expect.poll(() => said.length).toBeGreaterThan(1)
    expect(said.join('\n')).not.toContain('secret')
  })
})
