/** JSON Schema, draft 2020-12, as an object. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** One message of a conversation with a model. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
  /** Pictures, base64. */
  readonly images?: readonly string[]
}

/** How the next token is chosen. What is absent is left to the model server. */
export interface Sampling {
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly minP?: number
  readonly repeatPenalty?: number
  readonly seed?: number
  /** Texts that end the answer. */
  readonly stop?: readonly string[]
}

/** Why a model stopped. `length`: the answer was cut at the token limit. */
export type FinishReason = 'stop' | 'length' | 'repetition' | 'content-filter' | 'tool-calls'

/** A function that a model may call. */
export interface ToolSpec {
  readonly name: string
  readonly description: string
  readonly parameters: JsonSchema
}

/** A call that a model asked for. */
export interface ToolCall {
  readonly name: string
  readonly arguments: unknown
}

/** Tokens read and written. */
export interface Usage {
  readonly input: number
  readonly output: number
}

/** The interpreter wants a model to answer. */
export interface CompletionNeed {
  readonly kind: 'completion'
  readonly step: string
  /** 1 at first; more when the answer was refused and the model is asked again. */
  readonly attempt: number
  readonly messages: readonly Message[]
  /** What the answer must match: an engine that can, constrains the model with it. */
  readonly schema?: JsonSchema
  readonly tools?: readonly ToolSpec[]
  /** Models of this step, best first; absent: those of the task. */
  readonly models?: readonly string[]
  readonly sampling?: Sampling
  /** Most tokens to write; absent: what is left of the model's context. */
  readonly maxTokens?: number
  readonly timeoutMs?: number
}

/** What an interpreter can ask of the world around it. */
export type Need = CompletionNeed

/** A model answered. */
export interface Completion {
  readonly kind: 'completion'
  readonly text: string
  readonly model: string
  readonly finishReason: FinishReason
  readonly usage: Usage
  /** From the asking to the last token, in milliseconds. */
  readonly ms: number
  readonly toolCalls?: readonly ToolCall[]
}

/** The world could not answer; the interpreter takes the step's fallback or fails. */
export interface Failure {
  readonly kind: 'failure'
  readonly code: string
  readonly message: string
  readonly retryable: boolean
}

/** What the interpreter is sent for a `Need`. */
export type Answer = Completion | Failure

/**
 * Where a workflow can be taken up again: the answers so far, in order. The interpreter is a pure
 * function of them, so replaying them restores memory and place exactly, at no cost in tokens.
 */
export interface Checkpoint {
  readonly answers: readonly Answer[]
}

/** One visit to a step: what was asked and what came back. */
export interface StepTrace {
  readonly step: string
  readonly prompt: string
  readonly answer: string
  readonly model: string
  readonly finishReason: FinishReason
  readonly usage: Usage
  readonly ms: number
}

/** What a workflow came to. */
export interface Outcome {
  readonly output: unknown
  /** Step ids in the order they ran. */
  readonly steps: readonly string[]
  readonly trace: readonly StepTrace[]
  readonly usage: Usage
}
