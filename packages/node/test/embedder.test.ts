import { END, WorkflowBuilder } from '@skein/workflows'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { LentModel } from '../src/catalogue.ts'
import { embedderAmong } from '../src/embedder.ts'
import type { Capability, Engine } from '../src/engines/engine.ts'
import { createOllamaEngine } from '../src/engines/ollama.ts'
import { createOpenAiEngine } from '../src/engines/openai.ts'
import { createScriptedEngine } from '../src/engines/scripted.ts'
import { Speed } from '../src/speed.ts'
import { startOllamaStandIn } from './engines/ollama-stand-in.ts'
import { startOpenAiStandIn } from './engines/openai-stand-in.ts'
import { HandEngine } from './hand-engine.ts'
import { Stage } from './stage.ts'

let stage: Stage

beforeEach(() => {
  stage = new Stage()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

function lent(...models: readonly (readonly [string, ...Capability[]])[]) {
  const engine = createScriptedEngine()
  const rest = { contextLength: 1000, slots: 1, remote: false }
  return new Map(
    models.map(([name, ...capabilities]): [string, LentModel] => [
      name,
      { info: { ...rest, name, capabilities }, engine, speed: new Speed() },
    ]),
  )
}

describe('the choice of an embedding model', () => {
  const models = lent(
    ['talker', 'chat'],
    ['both', 'chat', 'embedding'],
    ['embed-me', 'chat', 'embedding'],
    ['pure', 'embedding'],
  )
  const choose = (wanted?: readonly string[], among = models) => {
    const need = { kind: 'embed', step: 'a', texts: ['x'] } as const
    return embedderAmong(among, wanted === undefined ? need : { ...need, models: wanted })?.info
      .name
  }

  it('[D7] falls on the first of those wanted that is here and can', () => {
    expect(choose(['gone', 'talker', 'both', 'pure'])).toBe('both')
  })

  it('[D7] falls on what is made for it, else on what calls itself so, else on what can', () => {
    expect([choose(), choose(['gone'])]).toEqual(['pure', 'pure'])
    expect(choose([], lent(['both', 'chat', 'embedding'], ['embed-me', 'chat', 'embedding']))).toBe(
      'embed-me',
    )
    expect(choose([], lent(['talker', 'chat'], ['both', 'chat', 'embedding']))).toBe('both')
  })

  it('[D7] falls on none where none can', () => {
    expect(choose(undefined, lent(['talker', 'chat']))).toBeUndefined()
    const engine = new HandEngine()
    const info = { name: 'x', contextLength: 1, slots: 1, remote: false }
    const unable = { info: { ...info, capabilities: ['embedding'] as const }, engine }
    expect(choose(undefined, new Map([['x', { ...unable, speed: new Speed() }]]))).toBeUndefined()
  })
})

describe('HaveSimilar', () => {
  const remembering = new WorkflowBuilder('remembering', { text: z.string() })
    .generativeStep({
      id: 'fact',
      prompt: '{{text}}',
      outputs: [
        { type: 'write', key: 'fact' },
        { type: 'insert', key: 'facts', value: 'geese fly' },
      ],
    })
    .generativeStep({ id: 'known', prompt: 'known', outputs: [{ type: 'write', key: 'fact' }] })
    .generativeStep({ id: 'new', prompt: 'new', outputs: [{ type: 'write', key: 'fact' }] })
    .edge('fact', 'known', { if: { input: 'fact', expression: 'HaveSimilar', expected: 0.99 } })
    .edge('fact', 'new')
    .edge('known', END)
    .edge('new', END)
    .setReturnValue('fact')
    .build()

  async function end(engine: Engine, text: string) {
    await stage.start(engine)
    const client = await stage.join()
    client.define(remembering)
    client.assign(remembering, { task: '1', input: { text } })
    return client.ends('1')
  }

  it.each([
    ['geese fly', 'known'],
    ['a very different thing', 'new'],
  ])('[D7] compares by vectors of the node: %s', async (text, output) => {
    expect(await end(createScriptedEngine({ echo: true }), text)).toMatchObject({ output })
  })

  it('[D7] takes its vectors from a model of Ollama that is made for it', async () => {
    await using standIn = await startOllamaStandIn({
      models: [
        { name: 'talker', capabilities: ['completion'] },
        { name: 'vectors', capabilities: ['embedding'] },
      ],
    })
    const ended = await end(createOllamaEngine({ host: standIn.url }), 'x')
    expect(ended).toMatchObject({ type: 'finish', steps: ['fact', 'known'] })
  })

  it('[D7] takes its vectors from a server that speaks OpenAI’s protocol', async () => {
    await using standIn = await startOpenAiStandIn()
    const ended = await end(createOpenAiEngine({ baseUrl: standIn.url }), 'x')
    expect(ended).toMatchObject({ type: 'finish', steps: ['fact', 'known'] })
  })

  it('[D7] fails where the node has no embedding model, saying so; another node may have one', async () => {
    const engine = new HandEngine({ name: 'm' })
    const ended = end(engine, 'x')
    await expect.poll(() => engine.requests.length).toBe(1)
    engine.at(0).say('x')
    engine.at(0).finish()
    const failed = await ended
    expect(failed).toMatchObject({ code: 'CAPABILITY_MISSING', retryable: true, fault: 'task' })
    expect('message' in failed && failed.message).toContain('embedding model')
  })
})
