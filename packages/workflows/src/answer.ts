import { jsonrepair } from 'jsonrepair'
import { candidates } from './extract.ts'
import type { FinishReason, JsonSchema } from './needs.ts'
import { mismatchText, type Check } from './mismatch.ts'
import { compileSchema } from './schema.ts'

/** What came of reading a model's answer: a value that matches the schema, or why there is none. */
export type Reading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string }

/** How the answers of a step are read. */
export interface AnswerReader {
  /** Handed to the model; absent where any text will do. */
  readonly schema?: JsonSchema
  read(text: string, finishReason: FinishReason): Reading
}

/** Any text, as the model wrote it, without its thinking. */
const plainReader: AnswerReader = {
  read: (text) => ({ ok: true, value: withoutThinking(text).trim() }),
}

/**
 * Makes the reader for a step's schema: extract, parse strictly, repair, validate.
 *
 * Where an answer holds several values that match, the whole text comes before fenced blocks and those
 * before values in prose; two different ones in the same place are refused rather than guessed at.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA`
 */
export function answerReader(schema: JsonSchema | undefined): AnswerReader {
  if (schema === undefined) return plainReader
  const check = compileSchema(schema)
  if (schema['type'] === 'string') return textReader(schema, check)
  return { schema, read: (text, finishReason) => readJson(text, { check, finishReason }) }
}

/** A schema of a text takes the answer as it is, or as a JSON string where the model was held to JSON. */
function textReader(schema: JsonSchema, check: Check): AnswerReader {
  const free = Object.keys(schema).every((key) => ['type', 'description', 'title'].includes(key))
  if (free) return plainReader
  return {
    schema,
    read(text) {
      const bare = withoutThinking(text).trim()
      const wrong = check(bare)
      if (wrong === undefined) return { ok: true, value: bare }
      const quoted = parsed(bare)
      if (typeof quoted === 'string' && check(quoted) === undefined)
        return { ok: true, value: quoted }
      return { ok: false, reason: mismatchText(wrong) }
    },
  }
}

interface JsonReading {
  readonly check: Check
  readonly finishReason: FinishReason
}

function readJson(text: string, { check, finishReason }: JsonReading): Reading {
  const tiers = candidates(withoutThinking(text))
  let reason: string | undefined
  for (const read of [parsed, repaired]) {
    for (const tier of tiers) {
      const values = tier.map(read).filter((value) => value !== undefined)
      const fitting = distinct(values.filter((value) => check(value) === undefined))
      if (fitting.length === 1) return { ok: true, value: fitting[0] }
      if (fitting.length > 1) {
        return {
          ok: false,
          reason: `it holds ${fitting.length} different values that fit; give one`,
        }
      }
      const wrong = values.length === 0 ? undefined : check(values[0])
      reason ??= wrong === undefined ? undefined : mismatchText(wrong)
    }
  }
  const cut = finishReason === 'length' ? 'it was cut at the token limit' : 'it holds no JSON'
  return { ok: false, reason: reason ?? cut }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function repaired(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined
  try {
    return JSON.parse(jsonrepair(text)) as unknown
  } catch {
    return undefined
  }
}

function distinct(values: readonly unknown[]): readonly unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]
}

/** What stands after the model's thinking aloud. */
export function withoutThinking(text: string): string {
  const end = text.lastIndexOf('</think>')
  return end === -1 ? text : text.slice(end + '</think>'.length)
}
