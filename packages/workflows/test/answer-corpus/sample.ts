import type { FinishReason, JsonSchema } from '../../src/index.ts'

/** Answers as models write them, each with the value that it means, or with why it must be refused. */
export interface Sample {
  readonly about: string
  readonly text: string
  readonly finishReason?: FinishReason
  readonly value?: unknown
  /** Part of the reason; present: the answer must not be taken. */
  readonly refused?: string
}

/** What was asked for, and answers to it. */
export interface Family {
  readonly schema: JsonSchema
  readonly samples: readonly Sample[]
}
