import { describe, expect, it } from 'vitest'
import type { GenerateRequest } from '../../src/engines/engine.ts'
import { parseScript } from '../../src/engines/script.ts'
import { createScriptedEngine } from '../../src/engines/scripted.ts'
import { FakeClock } from '../fake-clock.ts'
import { collect, describeEngine, failureOf, textOf } from './engine-contract.ts'

const never = new AbortController().signal
const ask = (content: string, seed = 0) => ({
  model: 'scripted',
  messages: [{ role: 'user' as const, content }],
  maxTokens: 50,
  sampling: { seed },
})

describeEngine('scripted', () => {
  let messages: GenerateRequest['messages'] = []
  return Promise.resolve({
    engine: createScriptedEngine({
      slots: 2,
      tokensPerSecond: 2000,
      answers: { list: '["a","b","c"]', nice: ['fine', 'good', 'well'] },
      answer: (request) => {
        messages = request.messages
        return request.messages.at(-1)?.content === 'sing' ? 'la '.repeat(3000) : 'la la la'
      },
    }),
    model: 'scripted',
    slots: 2,
    prompt: 'sing a little',
    longPrompt: 'sing',
    listPrompt: 'list',
    seen: () => messages,
    stops: () => 1,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  })
})

describe('the scripted engine', () => {
  it('lets the seed choose among several answers', async () => {
    const engine = createScriptedEngine({ answers: { q: ['a', 'b', 'c'] } })
    const answers = [0, 1, 2, 3].map(async (seed) =>
      textOf(await collect(engine.generate(ask('q', seed), never))),
    )
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'a'])
  })

  it('says back what it has no answer for, when told to', async () => {
    const echoing = createScriptedEngine({ echo: true })
    const silent = createScriptedEngine({ echo: false })
    expect(textOf(await collect(echoing.generate(ask('hello'), never)))).toBe('hello')
    expect(textOf(await collect(silent.generate(ask('hello'), never)))).toBe('')
  })

  it('takes its time', async () => {
    const engine = createScriptedEngine({ echo: true, ms: 40 })
    const start = performance.now()
    const events = await collect(engine.generate(ask('hello'), never))
    expect(performance.now() - start).toBeGreaterThan(30)
    expect(events.at(-1)).toMatchObject({ timing: { loadMs: 0 } })
  })

  it('[F24] clock: the time that it takes passes on it', async () => {
    const clock = new FakeClock()
    const engine = createScriptedEngine({ echo: true, ms: 60_000, clock })
    const answering = collect(engine.generate(ask('hello'), never))
    await expect.poll(() => clock.pending).toBe(1)
    clock.advance(60_000)
    expect((await answering).at(-1)).toMatchObject({ timing: { generateMs: 60_000 } })
  })

  it('[F24] models: has those of its script and no other', async () => {
    const engine = createScriptedEngine({ models: ['a', 'b'], contextLength: 99, slots: 3 })
    expect(await engine.models(never)).toMatchObject([
      { name: 'a', contextLength: 99, slots: 3 },
      { name: 'b', contextLength: 99, slots: 3 },
    ])
    const events = await collect(engine.generate({ ...ask('hello'), model: 'b' }, never))
    expect(events.at(-1)).toMatchObject({ type: 'finish' })
  })

  it('fails and stalls as told', async () => {
    const engine = createScriptedEngine({
      echo: true,
      slots: 2,
      faults: { fail: { every: 2 }, stall: { matching: 'sleep' } },
    })
    expect(textOf(await collect(engine.generate(ask('one'), never)))).toBe('one')
    const failed = await failureOf(collect(engine.generate(ask('two'), never)))
    expect(failed).toMatchObject({ code: 'BAD_RESPONSE', retryable: true })
    const reason = new Error('enough')
    const controller = new AbortController()
    const stalled = failureOf(collect(engine.generate(ask('sleep well'), controller.signal)))
    controller.abort(reason)
    expect(await stalled).toBe(reason)
  })

  it('is gone for good after its crash', async () => {
    const engine = createScriptedEngine({ echo: true, faults: { crashAfter: 1 } })
    expect(textOf(await collect(engine.generate(ask('one'), never)))).toBe('one')
    expect(await failureOf(collect(engine.generate(ask('two'), never)))).toMatchObject({
      code: 'CRASHED',
    })
    expect(await engine.probe(never)).toMatchObject({ reachable: false })
    expect(await failureOf(engine.models(never))).toMatchObject({ code: 'CRASHED' })
  })

  it('refuses a prompt that is longer than its context', async () => {
    const engine = createScriptedEngine({ echo: true, contextLength: 2 })
    expect(await failureOf(collect(engine.generate(ask('much too long'), never)))).toMatchObject({
      code: 'CONTEXT_OVERFLOW',
    })
  })

  it('gives equal texts equal vectors', async () => {
    const vectors = await createScriptedEngine().embed?.(
      { model: 'scripted', texts: ['a', 'b', 'a'] },
      never,
    )
    expect(vectors?.[0]).toEqual(vectors?.[2])
    expect(vectors?.[0]).not.toEqual(vectors?.[1])
  })
})

describe('a script', () => {
  it('is read from JSON', () => {
    const script = { slots: 4, ms: 20, answers: { a: 'b' }, echo: true }
    expect(parseScript(script)).toEqual(script)
  })

  it.each([
    [{ slots: 0 }, 'slots'],
    [{ speed: 3 }, 'speed'],
    [{ answers: { a: 1 } }, 'answers'],
    ['no object', 'object'],
  ])('%o is refused with the key named', (script, key) => {
    expect(() => parseScript(script)).toThrow(key)
  })
})
