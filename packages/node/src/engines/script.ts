import { z } from 'zod'
import { EngineError } from './engine.ts'

const when = z.strictObject({
  /** Every nth request. */
  every: z.int().positive().optional(),
  /** Requests whose prompt contains this. */
  matching: z.string().optional(),
})

/** What a scripted engine does, as a JSON file can say it. */
export type Script = z.infer<typeof Script>
export const Script = z.strictObject({
  /** @default ['scripted'] */
  models: z.array(z.string().min(1)).nonempty().optional(),
  /** Requests that run at once. @default 1 */
  slots: z.int().positive().optional(),
  /** Tokens of prompt and answer; a token is four characters here. @default 1000000 */
  contextLength: z.int().positive().optional(),
  /** Prompt → answer; of several, the seed chooses one. */
  answers: z.record(z.string(), z.union([z.string(), z.array(z.string()).nonempty()])).optional(),
  /** Prompts without an answer come back as they are. @default false */
  echo: z.boolean().optional(),
  /** Milliseconds each answer takes. @default 0 */
  ms: z.number().nonnegative().optional(),
  /** Answers come in pieces, at this speed. Absent: whole. */
  tokensPerSecond: z.number().positive().optional(),
  faults: z
    .strictObject({
      /** These fail, as if the model server had a bad moment. */
      fail: when.optional(),
      /** These never end. */
      stall: when.optional(),
      /** After so many requests the engine is gone for good. */
      crashAfter: z.int().nonnegative().optional(),
    })
    .optional(),
})

/**
 * Reads a script.
 *
 * @throws {EngineError} `BAD_RESPONSE` naming the key that is wrong
 */
export function parseScript(json: unknown): Script {
  const parsed = Script.safeParse(json)
  if (parsed.success) return parsed.data
  throw new EngineError(
    'BAD_RESPONSE',
    `This is no script for the scripted engine: ${z.prettifyError(parsed.error)}`,
  )
}
