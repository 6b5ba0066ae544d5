import { LIVENESS } from '@skein/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createScriptedEngine } from '../src/engines/scripted.ts'
import { FakeClock } from './fake-clock.ts'
import { HandEngine, settled } from './hand-engine.ts'
import { echo, Stage } from './stage.ts'

describe('options of a node', () => {
  let stage: Stage

  beforeEach(() => {
    stage = new Stage()
  })
  afterEach(async () => {
    await stage[Symbol.asyncDispose]()
  })

  it('[F24] name and agent: clients are told both', async () => {
    const options = { name: 'attic', agent: 'skein/7' }
    const node = await stage.start(createScriptedEngine(), options)
    const { session } = await stage.join()
    expect(session.remote).toMatchObject({ role: 'node', name: 'attic', agent: 'skein/7' })
    expect(node.status().name).toBe('attic')
  })

  it('[F24] clock: the time that a task has passes on it', async () => {
    const clock = new FakeClock()
    const engine = new HandEngine({ name: 'm' })
    await stage.start(engine, { clock })
    const client = await stage.join()
    client.assign(echo, { task: '1', input: { text: 'x' }, timeLeftMs: 1000 })
    await expect.poll(() => engine.requests.length).toBe(1)
    clock.advance(900)
    expect(engine.at(0).signal.aborted).toBe(false)
    clock.advance(200)
    expect(engine.at(0).signal.aborted).toBe(true)
    expect(await client.ends('1')).toMatchObject({ type: 'fail', code: 'DEADLINE' })
  })

  it('[F24] clock: a client that says nothing is gone when enough has passed on it', async () => {
    const clock = new FakeClock()
    const node = await stage.start(new HandEngine({ name: 'm' }), { clock })
    await stage.join()
    expect(node.status().clients).toHaveLength(1)
    stage.network.hold('node', 'client')
    for (let ms = 0; ms <= LIVENESS.silentAfterMs; ms += 1000) clock.advance(1000)
    await settled()
    expect(node.status().clients).toHaveLength(0)
  })

  it('[F24] patience: a model that does not begin is given up on the clock of the node', async () => {
    const clock = new FakeClock()
    const engine = new HandEngine({ name: 'm' })
    const patience = { firstTokenMs: 500, betweenTokensMs: 300 }
    await stage.start(engine, { clock, patience })
    const client = await stage.join()
    client.assign(echo, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(1)
    clock.advance(600)
    expect(engine.at(0).signal.aborted).toBe(true)
    expect(await client.ends('1')).toMatchObject({ type: 'fail', code: 'STALLED' })
  })

  it('[F24] drain(signal): what still runs is waited for until it aborts', async () => {
    const { engine, client, node } = await stage.byHand()
    client.assign(echo, { task: '1', input: { text: 'x' } })
    await expect.poll(() => engine.requests.length).toBe(1)
    const patience = new AbortController()
    const drained = node.drain(patience.signal)
    await client.hears('offer', ({ draining }) => draining)
    expect(engine.at(0).signal.aborted).toBe(false)
    patience.abort()
    await drained
    expect(engine.at(0).signal.aborted).toBe(true)
  })
})
