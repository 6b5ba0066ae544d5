import type { CompletionNeed, Message, ToolSpec } from '@skein/workflows'
import { EngineError, type GenerateRequest, type ModelInfo } from './engines/engine.ts'
import { withToolPrompt } from './tool-prompt.ts'

/** No tokenizer packs more than this into a token, on average over a text too long to count. */
const MOST_CHARS_PER_TOKEN = 32
/** What a token is, roughly: rather too short than too long. */
const USUAL_CHARS_PER_TOKEN = 3
/** Tokens round each message of a conversation. */
const MESSAGE_TOKENS = 8
/** Room for an answer where the prompt seems to fill the context: it may still be shorter than it seems. */
const LEAST_SHARE = 4
const LEAST_TOKENS = 256

/**
 * What the engine is asked for a need of the workflow. `provided`: the node's own tools that the need
 * names. A model that knows of no tools is told of them in words.
 *
 * @throws {EngineError} `CONTEXT_OVERFLOW`, `CAPABILITY_MISSING`: asking would be in vain
 */
export function toRequest(
  need: CompletionNeed,
  model: ModelInfo,
  provided?: readonly ToolSpec[],
): GenerateRequest {
  const { schema, sampling } = need
  const tools = toolsOf(need, provided)
  const isTold = tools !== undefined && !model.capabilities.includes('tools')
  const messages = isTold ? withToolPrompt(need.messages, tools) : need.messages
  const chars = lengthOf(messages)
  if (chars > model.contextLength * MOST_CHARS_PER_TOKEN) {
    throw new EngineError(
      'CONTEXT_OVERFLOW',
      `The prompt has ${chars} characters, far more than the ${model.contextLength} tokens of ${model.name}: shorten it, or use a model with a larger context`,
    )
  }
  refuseUnseen(messages, model)
  return {
    model: model.name,
    messages,
    maxTokens: need.maxTokens ?? roomFor(chars, messages.length, model.contextLength),
    ...(sampling === undefined ? {} : { sampling }),
    ...(schema !== undefined && model.capabilities.includes('json-schema') ? { schema } : {}),
    ...(tools === undefined || isTold ? {} : { tools }),
  }
}

/** The workflow's own tool hides one of the node that has the same name. */
function toolsOf(
  { tools = [] }: CompletionNeed,
  provided: readonly ToolSpec[] = [],
): readonly ToolSpec[] | undefined {
  if (tools.length === 0 && provided.length === 0) return undefined
  const others = provided.filter(({ name }) => tools.every((tool) => tool.name !== name))
  return [...tools, ...others]
}

/** What is left of the context, as far as it can be known without the model's tokenizer. */
function roomFor(chars: number, messages: number, contextLength: number): number {
  const prompt = Math.ceil(chars / USUAL_CHARS_PER_TOKEN) + MESSAGE_TOKENS * messages
  const least = Math.min(LEAST_TOKENS, Math.ceil(contextLength / LEAST_SHARE))
  return Math.max(least, contextLength - prompt)
}

function lengthOf(messages: readonly Message[]): number {
  let chars = 0
  for (const { content } of messages) chars += content.length
  return chars
}

function refuseUnseen(messages: readonly Message[], { name, capabilities }: ModelInfo): void {
  for (const { images } of messages) {
    if (images === undefined || images.length === 0 || capabilities.includes('vision')) continue
    throw new EngineError('CAPABILITY_MISSING', `${name} sees no pictures`)
  }
}
