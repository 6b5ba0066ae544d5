import { pipeline } from '@skein/client'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'

const judge = new WorkflowBuilder('judge', { review: z.string() })
  .generativeStep({
    id: 'verdict',
    prompt: 'Return the subject and the sentiment of this text as JSON: {{review}}',
    schema: z.object({
      subject: z.string(),
      sentiment: z.enum(['positive', 'neutral', 'negative']),
    }),
  })
  .setReturnValue('verdict')
  .build()

/** Reviews in, reviews with a verdict out: `skein run examples/sentiment.ts --inputs examples/reviews.jsonl`. */
export const sentiment = pipeline('sentiment', { review: z.string() }).step(judge, {
  as: 'verdict',
  retries: 2,
  minSuccessRatio: 0.9,
})
