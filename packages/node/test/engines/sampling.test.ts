import type { Sampling } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { answer } from '../../src/engines/llama-answer.ts'
import type { Chat, ChatOptions, Library, Sequence } from '../../src/engines/llama-library.ts'
import { toChat } from '../../src/engines/ollama-wire.ts'
import { toBody } from '../../src/engines/openai-wire.ts'

const SAMPLING: Required<Sampling> = {
  temperature: 0.7,
  topP: 0.9,
  topK: 40,
  minP: 0.05,
  repeatPenalty: 1.1,
  seed: 7,
  stop: ['END'],
}
const request = {
  model: 'm',
  messages: [{ role: 'user' as const, content: 'hello' }],
  maxTokens: 50,
  sampling: SAMPLING,
}
const AS_SERVERS_CALL_IT = {
  temperature: 0.7,
  top_p: 0.9,
  top_k: 40,
  min_p: 0.05,
  repeat_penalty: 1.1,
  seed: 7,
  stop: ['END'],
}

const unasked = () => Promise.reject(new RangeError('nobody asks for it'))

/** What node-llama-cpp is asked for. */
async function askedOfLlama(): Promise<ChatOptions | undefined> {
  let asked: ChatOptions | undefined
  class LlamaChat implements Chat {
    generateResponse(_: unknown, options: ChatOptions) {
      asked = options
      return Promise.resolve({ metadata: { stopReason: 'eogToken' } })
    }
    dispose() {}
  }
  const library: Library = {
    LlamaChat,
    LlamaLogLevel: { error: undefined },
    getLlama: unasked,
    resolveChatWrapper: () => null,
  }
  const sequence: Sequence = {
    tokenMeter: { getState: () => 0, diff: () => ({ usedInputTokens: 1, usedOutputTokens: 1 }) },
    clearHistory: () => Promise.resolve(),
  }
  const open = {
    library,
    llama: {
      loadModel: unasked,
      createGrammar: unasked,
    },
    model: {
      trainContextSize: 100,
      tokenizer: undefined,
      createContext: unasked,
    },
    wrapper: { generateContextState: () => ({ contextText: { tokenize: () => [1] } }) },
    contextLength: 100,
  }
  await answer(open, request, { sequence, signal: new AbortController().signal, emit: () => {} })
  return asked
}

describe('how a task wants its tokens chosen', () => {
  it('[F24] reaches Ollama, all of it', () => {
    const { options } = toChat(request, { contextLength: 4096, keepAlive: '5m' })
    expect(options).toEqual({ ...AS_SERVERS_CALL_IT, num_ctx: 4096, num_predict: 50 })
  })

  it('[F24] reaches servers that speak the protocol of OpenAI, all of it', () => {
    const body: unknown = JSON.parse(toBody(request))
    expect(body).toMatchObject({ ...AS_SERVERS_CALL_IT, max_tokens: 50 })
  })

  it('[F24] reaches llama.cpp, all of it', async () => {
    const { repeatPenalty, stop, ...same } = SAMPLING
    expect(await askedOfLlama()).toMatchObject({
      ...same,
      repeatPenalty: { penalty: repeatPenalty },
      customStopTriggers: stop,
      maxTokens: 50,
    })
  })
})
