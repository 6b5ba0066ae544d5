import type { FinishReason, Message, Sampling } from '@skein/workflows'
import { EngineError, type GenerateRequest } from './engine.ts'
import { grammarFor } from './llama-grammar.ts'
import type {
  Chat,
  ChatOptions,
  ChatWrapper,
  HistoryItem,
  Library,
  Llama,
  Model,
  Sequence,
} from './llama-library.ts'
import type { Finish } from './llama-messages.ts'

/** A model in memory and all that answering with it takes. */
export interface OpenModel {
  readonly library: Library
  readonly llama: Llama
  readonly model: Model
  readonly wrapper: ChatWrapper
  readonly contextLength: number
}

/** How one request is run. */
export interface Turn {
  readonly sequence: Sequence
  readonly signal: AbortSignal
  emit(type: 'text' | 'thinking', text: string): void
}

/** What a prompt has grown by: one that was short enough is not what is too long. */
function withAnswers({ messages }: GenerateRequest): string {
  const { length } = messages.filter(({ role }) => role === 'assistant')
  if (length === 0) return ''
  return length === 1 ? ' with the answer before it' : ` with the ${length} answers before it`
}

/**
 * Answers one request on one sequence.
 *
 * @throws {EngineError} `CONTEXT_OVERFLOW`, `CAPABILITY_MISSING`
 */
export async function answer(
  open: OpenModel,
  request: GenerateRequest,
  turn: Turn,
): Promise<Finish> {
  const history = toHistory(request.messages)
  // The library would shift or cut an overlong prompt without a word, so its tokens are counted first.
  const input = countTokens(open, history)
  const room = open.contextLength - input
  if (room < 1) {
    throw new EngineError(
      'CONTEXT_OVERFLOW',
      `The prompt has ${input} tokens${withAnswers(request)} and ${request.model} takes ${open.contextLength}: shorten it, or use a model with a larger context`,
    )
  }
  const grammar =
    request.schema === undefined ? undefined : await grammarFor(open.llama, request.schema)
  const { sequence } = turn
  const { library, wrapper } = open
  const before = sequence.tokenMeter.getState()
  const times = { start: performance.now(), first: 0 }
  const chat = new library.LlamaChat({ contextSequence: sequence, chatWrapper: wrapper })
  try {
    const result = await respond(chat, history, {
      ...toOptions(request.sampling),
      ...(grammar === undefined ? {} : { grammar }),
      maxTokens: Math.min(request.maxTokens, room),
      signal: turn.signal,
      onResponseChunk: ({ type, text }) => {
        times.first ||= performance.now()
        if (text !== '') turn.emit(type === 'segment' ? 'thinking' : 'text', text)
      },
    })
    const { usedOutputTokens: output } = sequence.tokenMeter.diff(before)
    const end = performance.now()
    const first = times.first || end
    return {
      reason: toReason(result),
      usage: { input, output },
      promptMs: first - times.start,
      generateMs: end - first,
    }
  } finally {
    chat.dispose({ disposeSequence: false })
    // The same request gives the same answer whatever ran before it.
    await sequence.clearHistory()
  }
}

async function respond(chat: Chat, history: HistoryItem[], options: ChatOptions): Promise<string> {
  const { metadata } = await chat.generateResponse(history, options)
  return metadata.stopReason
}

function countTokens({ wrapper, model }: OpenModel, history: HistoryItem[]): number {
  return wrapper
    .generateContextState({ chatHistory: history })
    .contextText.tokenize(model.tokenizer).length
}

/** The conversation as given: no default system prompt, and an empty turn for the model to fill. */
function toHistory(messages: readonly Message[]): HistoryItem[] {
  return [...messages.map(toItem), { type: 'model', response: [] }]
}

function toItem({ role, content, images }: Message): HistoryItem {
  if (images !== undefined && images.length > 0) {
    throw new EngineError('CAPABILITY_MISSING', 'The embedded engine sees no pictures')
  }
  if (role === 'system') return { type: 'system', text: content }
  if (role === 'assistant') return { type: 'model', response: [content] }
  return { type: 'user', text: content }
}

function toOptions(sampling: Sampling = {}): Partial<ChatOptions> {
  const { repeatPenalty, stop, ...same } = sampling
  return {
    ...same,
    ...(repeatPenalty === undefined ? {} : { repeatPenalty: { penalty: repeatPenalty } }),
    ...(stop === undefined ? {} : { customStopTriggers: stop }),
  }
}

function toReason(told: string): FinishReason {
  return told === 'maxTokens' ? 'length' : 'stop'
}
