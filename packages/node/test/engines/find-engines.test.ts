import { afterEach, describe, expect, it, vi } from 'vitest'
import { findEngines } from '../../src/engines/find-engines.ts'
import { startOllamaStandIn } from './ollama-stand-in.ts'
import { startOpenAiStandIn } from './openai-stand-in.ts'
import { serve, type StandInServer } from './stand-in-model.ts'

/** A port of loopback on which nobody listens. */
const NOBODY = 'http://127.0.0.1:1'

describe('looking for engines', () => {
  const servers: StandInServer[] = []
  const keep = <T extends StandInServer>(server: T): T => {
    servers.push(server)
    return server
  }

  afterEach(async () => {
    for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
  })

  it('finds a running Ollama, and then needs no demonstration model', async () => {
    const { url } = keep(await startOllamaStandIn())
    const { engines, findings } = await findEngines({ ollamaHost: url })
    expect(engines.map(({ kind }) => kind)).toEqual(['ollama'])
    expect(findings).toMatchObject([{ found: true, reason: 'Ollama 0.32.15 lends llama3.2:1b' }])
  })

  it('takes the address and the slots of Ollama from the environment', async () => {
    const { url } = keep(await startOllamaStandIn())
    const environment = { OLLAMA_HOST: url.replace('http://', ''), OLLAMA_NUM_PARALLEL: '7' }
    const { engines } = await findEngines({ environment })
    const models = await engines[0]?.models(new AbortController().signal)
    expect(models).toMatchObject([{ name: 'llama3.2:1b', slots: 7 }])
  })

  it('falls back to the demonstration model, and says what it is and what was not there', async () => {
    const { engines, findings } = await findEngines({ ollamaHost: NOBODY })
    expect(engines.map(({ kind }) => kind)).toEqual(['llama'])
    expect(findings[0]).toMatchObject({ found: false })
    expect(findings[0]?.reason).toContain(NOBODY)
    expect(findings[1]?.reason).toContain('a toy')
  })

  it('does not count models that run elsewhere', async () => {
    const { url } = keep(await startOllamaStandIn({ models: [{ name: 'big:cloud' }] }))
    const { engines, findings } = await findEngines({ ollamaHost: url, demonstration: false })
    expect(engines).toEqual([])
    expect(findings[0]?.reason).toContain('ollama pull')
  })

  it('says that a server which answers nonsense is no such server', async () => {
    const server = keep(await startOpenAiStandIn())
    const { findings } = await findEngines({ ollamaHost: server.url, demonstration: false })
    expect(findings[0]).toMatchObject({ found: false })
  })

  it('stops looking when told to', async () => {
    const reason = new Error('enough')
    const { url } = keep(await startOllamaStandIn())
    const looking = findEngines({ ollamaHost: url, signal: AbortSignal.abort(reason) })
    await expect(looking).rejects.toBe(reason)
  })

  it('[F24] signal: stops asking a server that does not answer', async () => {
    const reason = new Error('enough')
    const asked = Promise.withResolvers<undefined>()
    const server = keep(await serve(() => Promise.resolve(asked.resolve(undefined))))
    const controller = new AbortController()
    const { signal } = controller
    // Nothing but the caller ends the look.
    vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(new AbortController().signal)
    const looking = findEngines({ ollamaHost: server.url, demonstration: false, signal })
    await asked.promise
    controller.abort(reason)
    await expect(looking).rejects.toBe(reason)
  })

  it('finds configured servers beside Ollama', async () => {
    const ollama = keep(await startOllamaStandIn())
    const server = keep(await startOpenAiStandIn())
    const { engines } = await findEngines({
      ollamaHost: ollama.url,
      openai: [{ baseUrl: server.url }, { baseUrl: NOBODY }],
    })
    expect(engines.map(({ kind }) => kind)).toEqual(['ollama', 'openai'])
  })
})
