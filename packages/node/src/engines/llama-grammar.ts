import { grammarOf, WorkflowError, type JsonSchema } from '@skein/workflows'
import type { Grammar, Llama } from './llama-library.ts'

/** A grammar that begins so holds the model to nothing but JSON: without one it answers better. */
const ANYTHING = 'root ::= any\n'

/**
 * Rules that keep the model inside the schema, as far as a grammar can say it; the answer is validated afterwards in
 * any case. Undefined where they would say nothing, or the library cannot follow them.
 */
export async function grammarFor(
  llama: Pick<Llama, 'createGrammar'>,
  schema: JsonSchema,
): Promise<Grammar | undefined> {
  const grammar = rulesOf(schema)
  if (grammar === undefined) return undefined
  try {
    return await llama.createGrammar({ grammar, trimWhitespaceSuffix: true })
  } catch {
    return undefined
  }
}

function rulesOf(schema: JsonSchema): string | undefined {
  try {
    const { text } = grammarOf(schema)
    return text.startsWith(ANYTHING) ? undefined : text
  } catch (error) {
    if (error instanceof WorkflowError) return undefined
    throw error
  }
}
