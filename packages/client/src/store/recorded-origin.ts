import { z } from 'zod'
import { RecordedTrace } from './recorded-trace.ts'

/** An origin, as it is read again. */
export const RecordedOrigin = z.object({
  node: z.string(),
  peer: z.string(),
  model: z.string(),
  tokens: z.object({ input: z.number(), output: z.number() }),
  ms: z.number(),
  tokensPerSecond: z.number().exactOptional(),
  artifact: z.string().exactOptional(),
  route: z.string().exactOptional(),
  steps: z.array(z.string()).exactOptional(),
  trace: z.array(RecordedTrace).exactOptional(),
  absent: z.record(z.string(), z.string()).exactOptional(),
})
