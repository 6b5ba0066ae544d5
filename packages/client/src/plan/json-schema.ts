import type { JsonSchema } from '@skein/workflows'
import { z } from 'zod'
import { isList, isRecord } from '../guards.ts'

/** The schema that JSON Schema stands for, as far as it can be said. */
export function schemaOfJson(json: JsonSchema): z.ZodType {
  try {
    return z.fromJSONSchema(json)
  } catch {
    // What Zod cannot express is checked where the workflow runs.
    return z.unknown()
  }
}

/**
 * Without what forbids other members, which are dropped of an answer and fail nothing, and without what Zod takes more
 * narrowly than a node does.
 */
export function opened(json: JsonSchema): JsonSchema {
  const entries = Object.entries(json).flatMap(([name, value]) => {
    const isNarrow = name === 'const' && typeof value === 'object'
    if (name === 'format' || isNarrow || (name === 'additionalProperties' && value === false))
      return []
    return [[name, VALUES.has(name) ? value : openedIn(value, MEMBERS.has(name))] as const]
  })
  return Object.fromEntries(entries)
}

function openedIn(value: unknown, isMembers: boolean): unknown {
  if (isList(value)) return value.map((item) => openedIn(item, false))
  if (!isRecord(value)) return value
  if (!isMembers) return opened(value)
  const members = Object.entries(value).map(([name, schema]) => [name, openedIn(schema, false)])
  return Object.fromEntries(members)
}

/** Keywords that hold values, not schemas. */
const VALUES: ReadonlySet<string> = new Set(['const', 'enum', 'default'])

/** Keywords that hold schemas by names, which are no keywords. */
const MEMBERS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
])
