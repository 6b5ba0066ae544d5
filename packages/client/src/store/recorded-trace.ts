import type { StepTrace } from '@skein/workflows'
import { z } from 'zod'

/** One visit to a step, as it comes from a node or out of the journal. */
export const RecordedTrace: z.ZodType<StepTrace> = z.object({
  step: z.string(),
  prompt: z.string(),
  answer: z.string(),
  model: z.string(),
  finishReason: z.enum(['stop', 'length', 'repetition', 'content-filter', 'tool-calls']),
  usage: z.object({ input: z.number(), output: z.number() }),
  ms: z.number(),
  error: z.string().exactOptional(),
})
