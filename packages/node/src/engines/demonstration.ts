import { fileURLToPath } from 'node:url'
import type { Engine } from './engine.ts'
import { createLlamaEngine, type LlamaOptions } from './llama.ts'

/** What the model that comes with Skein is called on the network. */
export const DEMONSTRATION_MODEL = 'skein-demo'

const FILE = fileURLToPath(new URL('../../demo-model/demo.gguf', import.meta.url))
/** What it was trained with; its answers are a few dozen tokens. */
const CONTEXT = 1024

/**
 * The toy that comes with Skein, for machines without a model server: 1.2 million parameters that
 * write haiku, lists and rewritings. It shows the network, not intelligence. Greedy unless asked.
 */
export function demonstrationEngine(
  options: Pick<LlamaOptions, 'slots' | 'threads' | 'clock'> = {},
): Engine {
  return createLlamaEngine({
    slots: 4,
    ...options,
    path: FILE,
    name: DEMONSTRATION_MODEL,
    contextLength: CONTEXT,
    demonstration: true,
  })
}
