import type { JsonSchema } from '../needs.ts'
import { resolveReference } from '../schema/schema.ts'
import { isRecord } from '../records.ts'

/**
 * A value without the keys that its schema does not know. An object keeps them where it lacks one that the schema
 * does know: that may be a known key misspelt.
 */
export function prune(value: unknown, schema: JsonSchema): unknown {
  return pruned(value, schema, schema)
}

function pruned(value: unknown, schema: unknown, root: JsonSchema): unknown {
  if (!isRecord(schema)) return value
  const { $ref: reference } = schema
  if (typeof reference === 'string') return pruned(value, resolveReference(root, reference), root)
  if (Array.isArray(value)) return value.map((item) => pruned(item, schema['items'], root))
  if (!isRecord(value) || !isRecord(schema['properties'])) return value
  return prunedRecord(value, schema['properties'], root)
}

function prunedRecord(
  value: Readonly<Record<string, unknown>>,
  properties: Readonly<Record<string, unknown>>,
  root: JsonSchema,
): unknown {
  const complete = Object.keys(properties).every((key) => Object.hasOwn(value, key))
  const kept = Object.entries(value).filter(([key]) => !complete || Object.hasOwn(properties, key))
  return Object.fromEntries(
    kept.map(([key, member]) => {
      const part = Object.hasOwn(properties, key) ? properties[key] : undefined
      return [key, pruned(member, part, root)]
    }),
  )
}
