import type { FinishReason, Usage } from '@skein/workflows'
import type { EngineErrorCode, GenerateRequest } from './engine.ts'

/** What the engine tells its child process. */
export type ToChild =
  | {
      readonly type: 'open'
      readonly path: string
      readonly slots: number
      readonly contextLength: number
      readonly threads: number
    }
  | { readonly type: 'generate'; readonly id: number; readonly request: GenerateRequest }
  | { readonly type: 'abort'; readonly id: number }

/** What the child process tells the engine. `opened` or `refused` comes first, once. */
export type FromChild =
  | { readonly type: 'opened'; readonly contextLength: number }
  | { readonly type: 'refused'; readonly code: EngineErrorCode; readonly message: string }
  | { readonly type: 'text' | 'thinking'; readonly id: number; readonly text: string }
  | ({ readonly type: 'finish'; readonly id: number } & Finish)
  | {
      readonly type: 'failed'
      readonly id: number
      readonly code: EngineErrorCode
      readonly message: string
    }

export interface Finish {
  readonly reason: FinishReason
  readonly usage: Usage
  readonly promptMs: number
  readonly generateMs: number
}
