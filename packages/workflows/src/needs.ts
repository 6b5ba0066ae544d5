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
  /** Tools of the node that it may call as well, by the node's own names; `ALL`: whatever its owner allows. */
  readonly nodeTools?: readonly string[]
  /** Models of this step, best first; absent: those of the task. */
  readonly models?: readonly string[]
  readonly sampling?: Sampling
  /** Most tokens to write; absent: what is left of the model's context. */
  readonly maxTokens?: number
  readonly timeoutMs?: number
}

/** The interpreter wants texts turned into vectors. */
export interface EmbedNeed {
  readonly kind: 'embed'
  readonly step: string
  readonly texts: readonly string[]
  /** Embedding models, best first; absent: whichever the node has. */
  readonly models?: readonly string[]
}

/** The interpreter wants the web searched. */
export interface SearchNeed {
  readonly kind: 'search'
  readonly step: string
  readonly query: string
  readonly type: 'search' | 'news' | 'scholar'
  /** Language of the results: "en". */
  readonly language: string
  /** Most results wanted. */
  readonly count: number
  readonly timeoutMs?: number
}

/** The request of an HTTP tool, with the arguments of its call filled in. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
}

/** The interpreter wants a tool run. Whether it may is the node owner's decision. */
export interface ToolNeed {
  readonly kind: 'tool'
  readonly step: string
  readonly call: ToolCall
  /** Absent: a tool that the node itself provides under that name. */
  readonly http?: HttpRequest
}

/** A need that asks for one thing. */
export type SingleNeed = CompletionNeed | EmbedNeed | SearchNeed | ToolNeed

/**
 * Several things at once, from branches that run side by side. Begin every need in `start`, stop every one named in
 * `stop`, and send a `BranchAnswer` for whichever ends first; the rest stay under way. A later need of another kind,
 * and the end, stop all that is still under way.
 */
export interface ParallelNeed {
  readonly kind: 'parallel'
  readonly step: string
  readonly start: readonly { readonly branch: string; readonly need: SingleNeed }[]
  readonly stop: readonly string[]
}

/** What an interpreter can ask of the world around it. */
export type Need = SingleNeed | ParallelNeed

/**
 * Nothing is needed: the interpreter has walked some steps on its own, and whoever drives it may do other things before it
 * goes on with `next()`.
 */
export interface Pause {
  readonly kind: 'pause'
}

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

/** One vector per text, in order. */
export interface Embedding {
  readonly kind: 'embedding'
  readonly vectors: readonly (readonly number[])[]
  readonly model: string
}

/** What a search or a tool gave: any JSON value. */
export interface Result {
  readonly kind: 'result'
  readonly value: unknown
}

/** The world could not answer; the interpreter takes the step's fallback or fails. */
export interface Failure {
  readonly kind: 'failure'
  readonly code: string
  readonly message: string
  readonly retryable: boolean
}

/** What answers a need that asks for one thing. */
export type SingleAnswer = Completion | Embedding | Result | Failure

/** One of the things under way in a `ParallelNeed` ended. */
export interface BranchAnswer {
  readonly kind: 'branch'
  readonly branch: string
  readonly answer: SingleAnswer
}

/** What the interpreter is sent for a `Need`. */
export type Answer = SingleAnswer | BranchAnswer
/**
 * Where a workflow can be taken up again: the answers so far, in order. The interpreter is a pure
 * function of them, so replaying them restores memory and place exactly, at no cost in tokens.
 */
export interface Checkpoint {
  readonly answers: readonly Answer[]
}

/** One question of a step: what was asked, and what came back or why nothing did. */
export interface StepTrace {
  readonly step: string
  readonly prompt: string
  readonly answer: string
  readonly model: string
  readonly finishReason: FinishReason
  readonly usage: Usage
  readonly ms: number
  /** Why there was no answer: `answer` and `model` are empty then. */
  readonly error?: string
}

/** What a workflow came to. */
export interface Outcome {
  readonly output: unknown
  /** Step ids in the order they ran. */
  readonly steps: readonly string[]
  readonly trace: readonly StepTrace[]
  readonly usage: Usage
  /** Steps whose answer was cut at the token limit. */
  readonly cut: readonly string[]
  /** Steps that did not run, and the step whose absence began it. */
  readonly skipped: readonly SkippedStep[]
}

/** A step that did not run: its own condition, or something it needs that is not there. */
export interface SkippedStep {
  readonly step: string
  /** The optional step whose failure or condition left the gap; the step itself where it is the first. */
  readonly origin: string
  readonly reason: string
}
