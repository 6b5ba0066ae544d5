import { z } from 'zod'

/** An origin, as it is read again. */
export const RecordedOrigin = z.object({
  node: z.string(),
  peer: z.string(),
  model: z.string(),
  tokens: z.object({ input: z.number(), output: z.number() }),
  ms: z.number(),
  tokensPerSecond: z.number().exactOptional(),
  artifact: z.string().exactOptional(),
})
