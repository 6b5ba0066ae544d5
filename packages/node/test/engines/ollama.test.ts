import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOllamaEngine, ollamaAddress } from '../../src/engines/ollama.ts'
import { pinContext } from '../../src/engines/ollama-models.ts'
import { collect, describeEngine, failureOf, textOf } from './engine-contract.ts'
import {
  type OllamaFault,
  type OllamaStandIn,
  type OllamaStandInOptions,
  startOllamaStandIn,
} from './ollama-stand-in.ts'
import { CALL, COUNT, LIST } from './stand-in-model.ts'

const never = new AbortController().signal
const MODEL = 'llama3.2:1b'
const ask = (content: string, model = MODEL) => ({
  model,
  messages: [{ role: 'user' as const, content }],
  maxTokens: 50,
})

describeEngine('ollama', async () => {
  const server = await startOllamaStandIn()
  return {
    engine: createOllamaEngine({ host: server.url }),
    model: MODEL,
    slots: 1,
    prompt: 'Say something nice.',
    longPrompt: COUNT,
    listPrompt: LIST,
    stops: server.left,
    seen: () => server.chats.at(-1)?.messages ?? [],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})

describe('the ollama engine', () => {
  let server: OllamaStandIn

  async function start(options?: OllamaStandInOptions) {
    server = await startOllamaStandIn(options)
    return createOllamaEngine({ host: server.url })
  }

  beforeEach(async () => {
    server = await startOllamaStandIn()
  })
  afterEach(async () => {
    await server[Symbol.asyncDispose]()
  })

  it('always says how much to write, whether to think, and not to cut the prompt', async () => {
    const engine = createOllamaEngine({ host: server.url })
    await collect(engine.generate(ask('hello'), never))
    expect(server.chats[0]).toMatchObject({
      think: false,
      truncate: false,
      keep_alive: '5m',
      options: { num_predict: 50, num_ctx: 8192 },
    })
  })

  it('[F24] keepAlive: every request says how long its model stays in memory', async () => {
    const engine = createOllamaEngine({ host: server.url, keepAlive: '2h' })
    await collect(engine.generate(ask('hello'), never))
    await engine.embed?.({ model: MODEL, texts: ['hello'] }, never)
    expect([...server.chats, ...server.embeds].map((asked) => asked.keep_alive)).toEqual([
      '2h',
      '2h',
    ])
  })

  it('[F24] slots and contextLength: lends what the owner says, and asks with it', async () => {
    const contextLength = { [MODEL]: 4096 }
    const engine = createOllamaEngine({ host: server.url, slots: 3, contextLength })
    expect(await engine.models(never)).toMatchObject([{ slots: 3, contextLength: 4096 }])
    await collect(engine.generate(ask('hello'), never))
    expect(server.chats[0]?.options['num_ctx']).toBe(4096)
  })

  it('never makes the server load its model again, whatever tasks wish for', async () => {
    const engine = createOllamaEngine({ host: server.url })
    for (const sampling of [
      {},
      { temperature: 1, topK: 3, stop: ['x'] },
      { minP: 0.1, topP: 0.5 },
    ]) {
      await collect(engine.generate({ ...ask('hello'), sampling, maxTokens: 9 }, never))
    }
    expect(server.loads()).toBe(1)
  })

  it('waits for a slow load', async () => {
    const engine = await start({ loadMs: 300 })
    const events = await collect(engine.generate(ask('hello there'), never))
    expect(textOf(events)).toBe('hello there [0]')
  })

  it('tells load, prompt and generation apart, in milliseconds', async () => {
    const engine = createOllamaEngine({ host: server.url })
    const events = await collect(engine.generate(ask('hello'), never))
    expect(events.at(-1)).toMatchObject({
      timing: { queueMs: 5, loadMs: 20, promptMs: 30, generateMs: 35 },
    })
  })

  it('lends a model with the context that it was loaded with by others', async () => {
    const engine = await start({
      models: [{ name: 'm', contextLength: 131_072, loadedWith: 5000 }],
    })
    expect((await engine.models(never))[0]?.contextLength).toBe(5000)
  })

  it('asks servers that list no context for the details', async () => {
    const engine = await start({
      old: true,
      models: [{ name: 'm', contextLength: 2048, capabilities: ['completion', 'vision'] }],
    })
    expect(await engine.models(never)).toMatchObject([
      { contextLength: 2048, capabilities: ['chat', 'json-schema', 'seed', 'vision'] },
    ])
  })

  it('marks models that run on machines of others', async () => {
    const engine = await start({
      models: [
        { name: 'here:1b', contextLength: 2048 },
        { name: 'gpt-oss:120b-cloud' },
        { name: 'proxied', remoteHost: 'https://ollama.com:443' },
      ],
    })
    const models = await engine.models(never)
    expect(models.map(({ name, remote }) => [name, remote])).toEqual([
      ['here:1b', false],
      ['gpt-oss:120b-cloud', true],
      ['proxied', true],
    ])
  })

  it('keeps the text of an answer that repeated itself until the server cut it', async () => {
    const engine = createOllamaEngine({ host: server.url })
    server.fault = 'no done line'
    const events = await collect(engine.generate(ask(COUNT), never))
    expect(textOf(events)).toBe('1 2 ')
    expect(events.at(-1)).toMatchObject({
      type: 'finish',
      reason: 'repetition',
      usage: { output: 2 },
    })
  })

  it('tells a person which model to pull', async () => {
    const engine = createOllamaEngine({ host: server.url })
    const error = await failureOf(collect(engine.generate(ask('hi', 'qwen3:4b'), never)))
    expect(error.message).toContain('ollama pull qwen3:4b')
  })

  it.each<[OllamaFault, string, boolean]>([
    ['busy', 'BUSY', true],
    ['error in the stream', 'BAD_RESPONSE', true],
    ['busy in the stream', 'BUSY', true],
    ['broken connection', 'CRASHED', true],
    ['not JSON', 'BAD_RESPONSE', true],
    ['overlong prompt', 'CONTEXT_OVERFLOW', false],
    ['refused', 'CAPABILITY_MISSING', false],
  ])('takes "%s" for %s', async (fault, code, retryable) => {
    const engine = createOllamaEngine({ host: server.url })
    server.fault = fault
    const error = await failureOf(collect(engine.generate(ask(COUNT), never)))
    expect(error).toMatchObject({ name: 'EngineError', code, retryable })
    expect(error.message).not.toContain('secret words')
  })

  it('[N9] aborts a request for which not even a header has come', async () => {
    const engine = createOllamaEngine({ host: server.url })
    server.fault = 'hang before headers'
    const controller = new AbortController()
    const reason = new Error('cancelled')
    const work = failureOf(collect(engine.generate(ask(COUNT), controller.signal)))
    await expect.poll(() => server.chats.length).toBe(1)
    controller.abort(reason)
    expect(await work).toBe(reason)
    await expect.poll(server.left).toBe(1)
  })

  it('never takes a picture for a file of this machine', async () => {
    const engine = createOllamaEngine({ host: server.url })
    const messages = [{ role: 'user' as const, content: 'look', images: ['/etc/hostname'] }]
    await collect(engine.generate({ ...ask(''), messages }, never))
    expect(server.chats[0]?.messages).toEqual(messages)
  })

  it('[D12] hands over tools, and the calls that the model asks for', async () => {
    const engine = createOllamaEngine({ host: server.url })
    const standIn = server
    const tools = [{ name: 'weather', description: 'Of a city', parameters: { type: 'object' } }]
    const events = await collect(engine.generate({ ...ask(CALL), tools }, never))
    expect(standIn.chats[0]?.tools).toEqual([{ type: 'function', function: tools[0] }])
    expect(events.at(-1)).toMatchObject({
      reason: 'tool-calls',
      toolCalls: [{ name: 'weather', arguments: { city: 'Bern' } }],
    })
  })

  it('embeds', async () => {
    const engine = createOllamaEngine({ host: server.url })
    expect(await engine.embed?.({ model: MODEL, texts: ['a', 'abc'] }, never)).toEqual([
      [1, 1],
      [3, 1],
    ])
  })

  it('says so when no server is there', async () => {
    await server[Symbol.asyncDispose]()
    const engine = createOllamaEngine({ host: server.url })
    const health = await engine.probe(never)
    expect(health.reachable).toBe(false)
    expect(health.problems[0]).toContain(server.url)
    expect(await failureOf(engine.models(never))).toMatchObject({ code: 'UNAVAILABLE' })
  })
})

describe('the context of an Ollama model', () => {
  it.each([
    [{ configured: 3000 }, 4096],
    [{ configured: 9000, most: 131_072 }, 16_384],
    [{ configured: 9000, most: 8000 }, 8000],
    [{ loaded: 4096, most: 131_072 }, 4096],
    [{ loaded: 4096, configured: 8192 }, 8192],
    [{ most: 131_072 }, 8192],
    [{ most: 2048 }, 2048],
    [{}, 8192],
    [{ configured: 999_999 }, 999_999],
  ])('for %o is %i', (wishes, tokens) => {
    expect(pinContext(wishes)).toBe(tokens)
  })
})

describe('the address of an Ollama server', () => {
  it.each([
    [undefined, 'http://127.0.0.1:11434'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['0.0.0.0:8000', 'http://127.0.0.1:8000'],
    [':8000', 'http://127.0.0.1:8000'],
    ['[::]:8000', 'http://127.0.0.1:8000'],
    ['box', 'http://box:11434'],
    ['https://models.example/ollama/', 'https://models.example/ollama'],
    ['http://box', 'http://box'],
  ])('%s is %s', (host, address) => {
    expect(ollamaAddress(host)).toBe(address)
  })
})
