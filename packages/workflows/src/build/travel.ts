import { z } from 'zod'
import { WorkflowError } from '../errors.ts'
import type { JsonSchema } from '../needs.ts'
import { compileSchema } from '../schema/schema.ts'

/**
 * A Zod schema as JSON Schema, so that it can travel.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA` for what JSON Schema cannot say (transforms, dates, own checks)
 */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const made = convert(schema)
  const { $schema: _, ...rest } = made
  compileSchema(rest)
  return rest
}

function convert(schema: z.ZodType): Record<string, unknown> {
  try {
    return z.toJSONSchema(schema, {
      override({ zodSchema, jsonSchema }) {
        refuseOwnChecks(zodSchema)
        if (ZOD_FORMATS.has(jsonSchema.format)) delete jsonSchema.format
      },
    })
  } catch (error) {
    if (error instanceof WorkflowError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new WorkflowError('INVALID_SCHEMA', `the schema cannot travel to a node: ${reason}`, {
      cause: error,
    })
  }
}

/** Names that Zod gives to patterns, and nobody else knows: the pattern says it all. */
const ZOD_FORMATS: ReadonlySet<unknown> = new Set([
  'includes',
  'starts_with',
  'ends_with',
  'lowercase',
  'uppercase',
])

/** A `.refine()` is a function: it would be dropped silently and its promise with it. */
function refuseOwnChecks({ _zod: { def } }: z.core.$ZodTypes): void {
  const checks = def.checks?.map(({ _zod: inner }) => inner.def) ?? []
  if (checks.some((check) => 'pattern' in check && /[^u]/.test(flagsOf(check.pattern)))) {
    throw new WorkflowError(
      'INVALID_SCHEMA',
      'the schema cannot travel to a node: flags of a pattern are lost on the way; write it without them',
    )
  }
  if (!checks.some(({ check }) => check === 'custom')) return
  throw new WorkflowError(
    'INVALID_SCHEMA',
    'the schema cannot travel to a node: it has a check of its own (.refine); check the answer after the run',
  )
}

function flagsOf(pattern: unknown): string {
  return pattern instanceof RegExp ? pattern.flags : ''
}
