import { END, WorkflowBuilder } from '@skein/workflows'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EngineError } from '../src/engines/engine.ts'
import { FakeClock } from './fake-clock.ts'
import { HandEngine, settled } from './hand-engine.ts'
import { echo, Stage } from './stage.ts'

describe('a node', () => {
  let stage: Stage

  beforeEach(() => {
    stage = new Stage()
  })
  afterEach(async () => {
    await stage[Symbol.asyncDispose]()
  })

  it('[D31] offers its models with slots, credits and what they can do', async () => {
    const { client } = await stage.scripted({ slots: 3 })
    expect(await client.hears('offer')).toMatchObject({
      draining: false,
      models: [{ name: 'scripted', slots: 3, credits: 4, contextLength: 1_000_000 }],
    })
  })

  it('runs a task and says what came of it, where, and at what cost', async () => {
    const { client } = await stage.scripted({ echo: true, slots: 2 })
    client.assign(echo, { task: '1', input: { text: 'hello' }, models: ['scripted'] })
    expect(await client.ends('1')).toMatchObject({
      type: 'finish',
      task: '1',
      attempt: 1,
      output: 'hello',
      model: 'scripted',
      usage: { input: 2, output: 2 },
      steps: ['answer'],
    })
  })

  it('[D34] tells the time in line from the time at work', async () => {
    const { client } = await stage.scripted({ echo: true, ms: 60 })
    client.assign(echo, { task: '1', input: { text: 'a' } })
    client.assign(echo, { task: '2', input: { text: 'b' } })
    const second = await client.ends('2')
    expect(second.type === 'finish' && second.timing.queueMs).toBeGreaterThan(40)
    expect(second.type === 'finish' && second.timing.generateMs).toBeGreaterThan(40)
  })

  it('[N3] never has more at its engine than slots, and fills each slot that gets free', async () => {
    let most = 0
    let running = 0
    const engine = new HandEngine({ name: 'm', slots: 2 })
    await stage.start(engine)
    const client = await stage.join()
    const credits = client.credits('m') ?? 0
    for (let task = 0; task < credits; task += 1) {
      client.assign(echo, { task: String(task), input: { text: 'x' } })
    }
    for (let done = 0; done < credits; done += 1) {
      await expect.poll(() => engine.requests.length).toBe(Math.min(credits, done + 2))
      running = engine.requests.length - done
      most = Math.max(most, running)
      engine.at(done).finish()
      await client.ends(String(done))
    }
    expect(most).toBe(2)
  })

  it('[N3] refuses what is beyond the credits, and goes on', async () => {
    const { engine, client } = await stage.byHand()
    for (const task of ['1', '2', '3']) client.assign(echo, { task, input: { text: task } })
    expect(await client.ends('3')).toMatchObject({ type: 'refuse', code: 'no-slot' })
    engine.at(0).finish()
    expect(await client.ends('1')).toMatchObject({ type: 'finish' })
  })

  it('[D29] refuses a model that it has not, naming those it has', async () => {
    const { client } = await stage.scripted()
    client.assign(echo, { task: '1', input: { text: 'x' }, models: ['gpt-17'] })
    const refusal = await client.ends('1')
    expect(refusal).toMatchObject({ type: 'refuse', code: 'no-such-model' })
    expect('message' in refusal && refusal.message).toMatch(/gpt-17.*scripted/)
  })

  it.each([
    ['a workflow that was never defined', { workflow: 'nowhere' }, 'define it first'],
    [
      'a checkpoint that holds no answers',
      { checkpoint: { answers: ['what?'] } },
      'the checkpoint',
    ],
  ])('refuses %s and lives on', async (_, wrong, message) => {
    const { client } = await stage.scripted({ echo: true })
    client.assign(echo, { task: '1', input: { text: 'x' }, ...wrong })
    const refusal = await client.ends('1')
    expect(refusal).toMatchObject({ type: 'refuse', code: 'invalid' })
    expect('message' in refusal && refusal.message).toContain(message)
    client.assign(echo, { task: '2', input: { text: 'still here' } })
    expect(await client.ends('2')).toMatchObject({ output: 'still here' })
  })

  it('says what is wrong with a malformed document when a task wants it', async () => {
    const { client } = await stage.scripted()
    client.session.send({ type: 'define', workflow: 'bad', document: { version: 1, steps: 5 } })
    client.assign({ id: 'bad' }, { task: '1' })
    expect(await client.ends('1')).toMatchObject({ type: 'refuse', code: 'invalid' })
  })

  it('fails a task whose input does not fit, naming the input, and lives on', async () => {
    const { client } = await stage.scripted({ echo: true })
    client.assign(echo, { task: '1', input: { txet: 'x' } })
    const fail = await client.ends('1')
    expect(fail).toMatchObject({ type: 'fail', code: 'INVALID_INPUT', fault: 'task' })
    expect('message' in fail && fail.message).toContain('txet')
    client.assign(echo, { task: '2', input: { text: 'x' } })
    expect(await client.ends('2')).toMatchObject({ output: 'x' })
  })

  it('fails a prompt that is longer than the context, with both sizes, and lives on', async () => {
    const { client } = await stage.scripted({ echo: true, contextLength: 1000 })
    client.assign(echo, { task: '1', input: { text: 'x'.repeat(2_000_000) } })
    const fail = await client.ends('1')
    expect(fail).toMatchObject({ type: 'fail', code: 'CONTEXT_OVERFLOW', retryable: false })
    expect('message' in fail && fail.message).toMatch(/2000000 characters.*1000 tokens/)
    client.assign(echo, { task: '2', input: { text: 'x' } })
    expect(await client.ends('2')).toMatchObject({ output: 'x' })
  })

  it('fails a result that is too large to send', async () => {
    const { client } = await stage.scripted({
      answers: { x: 'y'.repeat(5_000_000) },
      contextLength: 1e9,
    })
    client.assign(echo, { task: '1', input: { text: 'x' } })
    expect(await client.ends('1')).toMatchObject({ type: 'fail', code: 'FRAME_TOO_LARGE' })
  })

  it('[D15] lets a step use another model, once it has a slot there', async () => {
    const { document, id } = new WorkflowBuilder('mixed', { text: z.string() })
      .generativeStep({ id: 'a', prompt: 'one {{text}}' })
      .generativeStep({ id: 'b', prompt: 'two {{a}}', model: ['big'] })
      .setReturnValue('b')
      .build()
    const { engine, client, node } = await stage.byHand({ name: 'small' }, { name: 'big' })
    client.session.send({ type: 'define', workflow: id, document })
    client.assign(echo, { task: 'holder', input: { text: 'x' }, models: ['big'] })
    client.assign({ id }, { task: '1', input: { text: 'x' }, models: ['small'] })
    await expect.poll(() => engine.requests.length).toBe(2)
    engine.at(1).finish()
    await expect.poll(() => node.status()).toMatchObject({ running: 1, waiting: 1 })
    engine.at(0).finish()
    await expect.poll(() => engine.requests.length).toBe(3)
    expect(engine.at(2).request.model).toBe('big')
    engine.at(2).say('done')
    engine.at(2).finish()
    expect(await client.ends('1')).toMatchObject({ output: 'done', model: 'big' })
    expect(node.status()).toMatchObject({ running: 0, waiting: 0 })
  })

  it('[D15] goes back to the models of the task after a step with its own', async () => {
    const { document, id } = new WorkflowBuilder('there and back', { text: z.string() })
      .generativeStep({ id: 'a', prompt: '{{text}}', model: 'big' })
      .generativeStep({ id: 'b', prompt: 'b' })
      .setReturnValue('b')
      .build()
    const { engine, client, node } = await stage.byHand({ name: 'small' }, { name: 'big' })
    client.session.send({ type: 'define', workflow: id, document })
    client.assign({ id }, { task: '1', input: { text: 'x' }, models: ['gone', 'small'] })
    for (const [index, model] of ['big', 'small'].entries()) {
      await expect.poll(() => engine.requests.length).toBe(index + 1)
      expect(engine.at(index).request.model).toBe(model)
      engine.at(index).finish()
    }
    expect(await client.ends('1')).toMatchObject({ type: 'finish', model: 'small' })
    expect(node.status()).toMatchObject({ running: 0, waiting: 0 })
  })

  it('[D6] fails a step whose own models are not here, so that another node may try', async () => {
    const { document, id } = new WorkflowBuilder('own', { text: z.string() })
      .generativeStep({ id: 'a', prompt: '{{text}}', model: 'huge' })
      .edge('a', END)
      .setReturnValue('a')
      .build()
    const { client } = await stage.scripted()
    client.session.send({ type: 'define', workflow: id, document })
    client.assign({ id }, { task: '1', input: { text: 'x' } })
    expect(await client.ends('1')).toMatchObject({ code: 'MODEL_MISSING', retryable: true })
  })

  it('[D31] measures how fast its model is and says so in its offer', async () => {
    const { engine, client } = await stage.byHand({ name: 'm', slots: 8 })
    client.assign(echo, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(1)
    engine.at(0).finish({
      usage: { input: 1, output: 100 },
      timing: { queueMs: 0, loadMs: 0, promptMs: 0, generateMs: 1000 },
    })
    await client.ends('1')
    const offer = await client.hears('offer', ({ models }) => models[0]?.tokensPerSecond === 100)
    expect(offer.models[0]?.name).toBe('m')
  })

  it('[D29] makes no offer before its engines have said what they have', async () => {
    const engine = new HandEngine({ name: 'm' })
    const slow = Promise.withResolvers<void>()
    const models = engine.models.bind(engine)
    engine.models = async () => {
      await slow.promise
      return models()
    }
    const started = stage.start(engine)
    const joined = stage.join()
    await expect.poll(() => stage.isJoined('client')).toBe(true)
    slow.resolve()
    const client = await joined
    await started
    expect(client.all('offer').map((offer) => offer.models.length)).toEqual([1])
  })

  it('takes models back that its engine lost, and offers those that came', async () => {
    const { engine, client } = await stage.byHand()
    client.assign(echo, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(1)
    const [model] = await engine.models()
    engine.set()
    engine.at(0).fail(new EngineError('CRASHED', 'gone'))
    expect(await client.ends('1')).toMatchObject({
      code: 'CRASHED',
      retryable: true,
      fault: 'node',
    })
    await client.hears('offer', ({ models }) => models.length === 0)
    client.assign(echo, { task: '2', input: { text: 'x' } })
    expect(await client.ends('2')).toMatchObject({ type: 'refuse', code: 'no-such-model' })
    if (model !== undefined) engine.set(model)
  })

  it('says nothing twice', async () => {
    const clock = new FakeClock()
    const engine = new HandEngine({ name: 'm' })
    await stage.start(engine, { clock })
    const client = await stage.join()
    for (const task of ['1', '2']) {
      client.assign(echo, { task, input: { text: 'x' } })
      await expect.poll(() => engine.requests.length).toBe(Number(task))
      engine.at(-1).fail(new EngineError('BAD_RESPONSE', 'a bad moment'))
      await client.ends(task)
      clock.advance(1000)
      await settled()
    }
    client.assign({ id: 'unknown' }, { task: 'sign of life' })
    await client.ends('sign of life')
    expect(client.all('offer')).toHaveLength(1)
  })

  it('offers nothing while its engine is not there, and says why', async () => {
    const engine = new HandEngine({ name: 'm' })
    engine.gone = new EngineError('UNAVAILABLE', 'no server')
    const warnings: string[] = []
    const logger = { info: () => {}, warn: (message: string) => warnings.push(message) }
    const node = await stage.start(engine, { logger })
    const client = await stage.join()
    expect(await client.hears('offer')).toMatchObject({ models: [] })
    expect(node.status().problems).toEqual(['no server'])
    expect(warnings).toEqual(['no server'])
  })

  it('tells how it is', async () => {
    const { engine, client, node } = await stage.byHand({ name: 'm', demonstration: true })
    client.assign(echo, { task: '1', input: { text: 'x' } })
    client.assign(echo, { task: '2', input: { text: 'x' } })
    await expect.poll(() => node.status().running).toBe(1)
    expect(node.status()).toMatchObject({
      peer: 'node',
      name: 'a node',
      addresses: ['memory:node'],
      draining: false,
      running: 1,
      waiting: 1,
      done: 0,
      failed: 0,
      models: [{ name: 'm', engine: 'hand', slots: 1, demonstration: true }],
      clients: [{ peer: 'client', name: 'test', running: 1, waiting: 1 }],
      problems: [],
    })
    engine.at(0).finish()
    await expect.poll(() => engine.requests.length).toBe(2)
    engine.at(1).fail(new EngineError('BAD_RESPONSE', 'bad'))
    await client.ends('2')
    expect(node.status()).toMatchObject({ running: 0, done: 1, failed: 1 })
  })
})
