import { afterEach, describe, expect, it } from 'vitest'
import { createOpenAiEngine, type OpenAiOptions } from '../../src/engines/openai.ts'
import { collect, describeEngine, failureOf, textOf } from './engine-contract.ts'
import {
  type OpenAiFault,
  type OpenAiStandIn,
  type OpenAiStandInOptions,
  startOpenAiStandIn,
} from './openai-stand-in.ts'
import { CALL, COUNT, LIST } from './stand-in-model.ts'

const never = new AbortController().signal
const ask = (content: string) => ({
  model: 'tiny',
  messages: [{ role: 'user' as const, content }],
  maxTokens: 50,
})

describeEngine('openai', async () => {
  const server = await startOpenAiStandIn({ slots: 2 })
  return {
    engine: createOpenAiEngine({ baseUrl: server.url }),
    model: 'tiny',
    slots: 2,
    prompt: 'Say something nice.',
    longPrompt: COUNT,
    listPrompt: LIST,
    stops: server.left,
    seen: () => server.chats.at(-1)?.messages ?? [],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})

describe('the openai engine', () => {
  let server: OpenAiStandIn | undefined

  async function start(options: OpenAiStandInOptions = {}, more: Partial<OpenAiOptions> = {}) {
    server = await startOpenAiStandIn(options)
    return { server, engine: createOpenAiEngine({ baseUrl: server.url, ...more }) }
  }

  afterEach(async () => {
    await server?.[Symbol.asyncDispose]()
  })

  it('learns slots and context from llama-server', async () => {
    const { engine } = await start({ slots: 3 })
    expect(await engine.models(never)).toMatchObject([{ slots: 3, contextLength: 512 }])
    expect(await engine.probe(never)).toMatchObject({ server: 'llama-server' })
  })

  it('learns the context from vLLM, which batches', async () => {
    const { engine } = await start({ kind: 'vllm' })
    expect(await engine.models(never)).toMatchObject([{ slots: 8, contextLength: 32_768 }])
  })

  it('assumes little of a server that tells nothing', async () => {
    const { engine } = await start({ kind: 'plain' })
    expect(await engine.models(never)).toMatchObject([{ slots: 1, contextLength: 4096 }])
  })

  it('prefers what the owner says', async () => {
    const { engine } = await start(
      { models: ['tiny', 'other'] },
      { slots: 5, contextLength: 99, models: ['tiny'] },
    )
    expect(await engine.models(never)).toMatchObject([
      { name: 'tiny', slots: 5, contextLength: 99 },
    ])
  })

  it('[F24] apiKey: every request carries it', async () => {
    const { server: standIn, engine } = await start({}, { apiKey: 'sesame' })
    await collect(engine.generate(ask('hello'), never))
    await engine.embed?.({ model: 'tiny', texts: ['hello'] }, never)
    expect(standIn.keys.length).toBeGreaterThan(3)
    expect(new Set(standIn.keys)).toEqual(new Set(['Bearer sesame']))
  })

  it('tells prompt and generation apart where the server does', async () => {
    const { engine } = await start()
    const events = await collect(engine.generate(ask('hello'), never))
    expect(events.at(-1)).toMatchObject({ timing: { promptMs: 3, generateMs: 7 } })
  })

  it('takes a finish reason for an end where [DONE] is missing', async () => {
    const { server: standIn, engine } = await start()
    standIn.fault = 'no [DONE]'
    const events = await collect(engine.generate(ask('hello there'), never))
    expect(textOf(events)).toBe('hello there [0]')
  })

  it('counts the pieces where the server does not count the tokens', async () => {
    const { server: standIn, engine } = await start()
    standIn.fault = 'no usage'
    const events = await collect(engine.generate(ask('one two three'), never))
    expect(events.at(-1)).toMatchObject({ usage: { input: 0, output: 4 } })
  })

  it.each<[OpenAiFault, string, boolean]>([
    ['busy', 'BUSY', true],
    ['still loading', 'BUSY', true],
    ['wrong key', 'UNAVAILABLE', true],
    ['overlong prompt', 'CONTEXT_OVERFLOW', false],
    ['bad schema', 'SCHEMA_UNSUPPORTED', false],
    ['error in the stream', 'BAD_RESPONSE', true],
    ['cut off', 'CRASHED', true],
    ['not JSON', 'BAD_RESPONSE', true],
    ['endless line', 'BAD_RESPONSE', true],
  ])('takes "%s" for %s', async (fault, code, retryable) => {
    const { server: standIn, engine } = await start({}, { apiKey: 'sk-very-secret' })
    standIn.fault = fault
    const error = await failureOf(collect(engine.generate(ask(COUNT), never)))
    expect(error).toMatchObject({ name: 'EngineError', code, retryable })
    expect(error.message).not.toContain('secret')
  })

  it('[N9] aborts a request for which not even a header has come', async () => {
    const { server: standIn, engine } = await start()
    standIn.fault = 'hang before headers'
    const controller = new AbortController()
    const reason = new Error('cancelled')
    const work = failureOf(collect(engine.generate(ask(COUNT), controller.signal)))
    await expect.poll(() => standIn.chats.length).toBe(1)
    controller.abort(reason)
    expect(await work).toBe(reason)
    await expect.poll(standIn.left).toBe(1)
  })

  it('sends pictures as the protocol wants them', async () => {
    const { server: standIn, engine } = await start()
    const messages = [{ role: 'user' as const, content: 'look', images: ['/9j/abc'] }]
    await collect(engine.generate({ ...ask(''), messages }, never))
    expect(standIn.chats[0]?.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/abc' } },
        ],
      },
    ])
  })

  it('[D12] hands over tools, and the calls that the model asks for', async () => {
    const { server: standIn, engine } = await start()
    const tools = [{ name: 'weather', description: 'Of a city', parameters: { type: 'object' } }]
    const events = await collect(engine.generate({ ...ask(CALL), tools }, never))
    expect(standIn.chats[0]?.tools).toEqual([{ type: 'function', function: tools[0] }])
    expect(events.at(-1)).toMatchObject({
      reason: 'tool-calls',
      toolCalls: [{ name: 'weather', arguments: { city: 'Bern' } }],
    })
  })

  it('embeds, in the order asked', async () => {
    const { engine } = await start()
    expect(await engine.embed?.({ model: 'tiny', texts: ['a', 'abc'] }, never)).toEqual([
      [1, 1],
      [3, 1],
    ])
  })

  it('[N16] never shows a password that stands in the address', async () => {
    const { server: standIn } = await start()
    const baseUrl = standIn.url.replace('http://', 'http://me:hidden@')
    const engine = createOpenAiEngine({ baseUrl })
    const error = await failureOf(collect(engine.generate({ ...ask('x'), model: 'other' }, never)))
    expect(error.message).not.toContain('hidden')
    expect(engine.id).not.toContain('hidden')
  })

  it('says so when the address is another kind of server', async () => {
    const { server: standIn } = await start()
    const engine = createOpenAiEngine({ baseUrl: standIn.url.replace('/v1', '/props') })
    expect(await engine.probe(never)).toMatchObject({ reachable: false })
    expect((await failureOf(engine.models(never))).message).toContain('/v1 included?')
  })
})
