import { withoutThinking } from './extract.ts'
import type { FinishReason, JsonSchema } from '../needs.ts'
import type { Reading } from './reading.ts'
import { compileSchema } from '../schema/schema.ts'
import { structureReader } from './structured-answer.ts'
import { textReader } from './text-answer.ts'

/** How the answers of a step are read. */
export interface AnswerReader {
  /** Handed to the model; absent where any text will do. */
  readonly schema?: JsonSchema
  read(text: string, finishReason: FinishReason): Reading
}

const STILL_THINKING: Reading = { ok: false, reason: 'it ends before the thinking does' }

/** Any text, as the model wrote it, without its thinking. */
const plainReader: AnswerReader = {
  read(text) {
    const value = withoutThinking(text)
    return value === undefined ? STILL_THINKING : { ok: true, value }
  },
}

/**
 * Makes the reader for a step's schema: extract, parse, repair, validate.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA`
 */
export function answerReader(schema: JsonSchema | undefined): AnswerReader {
  if (schema === undefined || isFreeText(schema)) return plainReader
  const check = compileSchema(schema)
  const read =
    schema['type'] === 'string' ? textReader(schema, check) : structureReader(schema, check)
  return {
    schema,
    read(text, finishReason) {
      const spoken = withoutThinking(text)
      if (spoken === undefined) return STILL_THINKING
      const reading = read(spoken, finishReason === 'length')
      if (reading.ok || finishReason !== 'length') return reading
      return { ok: false, reason: `it was cut at the token limit: ${reading.reason}` }
    },
  }
}

/** A schema that asks for a text and nothing more of it. */
function isFreeText(schema: JsonSchema): boolean {
  const says = Object.keys(schema).filter((key) => key !== 'description' && key !== 'title')
  return schema['type'] === 'string' && says.length === 1
}
