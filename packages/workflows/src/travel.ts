import { z } from 'zod'
import { WorkflowError } from './errors.ts'
import type { JsonSchema } from './needs.ts'
import { compileSchema } from './schema.ts'

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
    return z.toJSONSchema(schema, { override: ({ zodSchema }) => refuseOwnChecks(zodSchema) })
  } catch (error) {
    if (error instanceof WorkflowError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new WorkflowError('INVALID_SCHEMA', `the schema cannot travel to a node: ${reason}`, {
      cause: error,
    })
  }
}

/** A `.refine()` is a function: it would be dropped silently and its promise with it. */
function refuseOwnChecks({ _zod: { def } }: z.core.$ZodTypes): void {
  if (def.checks?.some(({ _zod: inner }) => inner.def.check === 'custom') !== true) return
  throw new WorkflowError(
    'INVALID_SCHEMA',
    'the schema cannot travel to a node: it has a check of its own (.refine); check the answer after the run',
  )
}
