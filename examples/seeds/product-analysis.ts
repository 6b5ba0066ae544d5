import { pipeline } from '@skein/client'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'

/** Two details of a product description at the same time, and one object of both. The same is in `product-analysis.toml`. */

export const ProductAnalysis = z.object({
  features: z.array(z.string()),
  sentiment: z.enum(['positive', 'neutral', 'negative']),
})

export const extract_features = new WorkflowBuilder('extract_features', { description: z.string() })
  .generativeStep({
    id: 'features',
    prompt: 'Extract features from text: {{description}}',
    schema: ProductAnalysis.shape.features,
  })
  .setReturnValue('features')
  .build()

export const analyze_sentiment = new WorkflowBuilder('analyze_sentiment', {
  description: z.string(),
})
  .generativeStep({
    id: 'sentiment',
    prompt: 'Analyze sentiment of text: {{description}}',
    schema: ProductAnalysis.shape.sentiment,
  })
  .setReturnValue('sentiment')
  .build()

const start = pipeline('analyze_product_in_parallel', { description: z.string() })
const parallels = { features: extract_features, sentiment: analyze_sentiment }

/** `combined_output`: one object. */
export const analyzeProduct = start.parallel(parallels, { combined: ProductAnalysis })

/** `add_each_output`: each result beside the description. */
export const describeProduct = start.parallel(parallels)

/** Both. */
export const describeAndAnalyze = start.parallel(parallels, {
  combined: ProductAnalysis,
  as: 'analysis',
  each: true,
})
