import { compileTools } from '../compile/compile-tools.ts'
import type { ToolDefinition, WorkflowDocument } from '../document/document.ts'
import { placeOf } from '../document/place.ts'
import { WorkflowError } from '../errors.ts'
import type { JsonSchema } from '../needs.ts'
import { faultIn } from '../schema/schema.ts'
import type { BodyFacts } from './facts.ts'
import type { Finding } from './finding.ts'

/** Schemas that cannot be used, of inputs, steps and tools; and tools that cannot be made. */
export function brokenParts(facts: BodyFacts, document: WorkflowDocument): readonly Finding[] {
  const { input, tools = [] } = document
  const names = new Set<string>()
  return [
    ...Object.entries(input).flatMap(([key, schema]) => schemaFault(schema, ['input', key])),
    ...tools.flatMap((tool, index) =>
      typeof tool === 'string' ? [] : toolFaults(tool, ['tools', index], names),
    ),
    ...stepSchemas(facts),
  ]
}

function stepSchemas({ steps }: BodyFacts): readonly Finding[] {
  return steps.flatMap(({ step, path, bodies }) => [
    ...('schema' in step && step.schema !== undefined
      ? schemaFault(step.schema, [...path, 'schema'])
      : []),
    ...bodies.flatMap(stepSchemas),
  ])
}

function schemaFault(schema: JsonSchema, path: readonly PropertyKey[]): readonly Finding[] {
  const fault = faultIn(schema)
  return fault === undefined
    ? []
    : [fault.error].map(({ message }) =>
        unreadable([...path, ...fault.path], message, HOW_SCHEMAS_READ),
      )
}

const HOW_SCHEMAS_READ =
  'JSON Schema is read without if/then/else, references to other documents, and look-around in patterns.'

function toolFaults(
  tool: ToolDefinition,
  path: readonly PropertyKey[],
  names: Set<string>,
): readonly Finding[] {
  const faults: Finding[] = []
  if (names.has(tool.name)) {
    const message = `two tools are called '${tool.name}'`
    faults.push(unreadable([...path, 'name'], message, 'Give one of them another name.'))
  }
  names.add(tool.name)
  if (tool.parameters !== undefined)
    faults.push(...schemaFault(tool.parameters, [...path, 'parameters']))
  if (faults.length > 0) return faults
  try {
    compileTools([tool])
    return []
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
    return [unreadable([...path, 'http'], error.message, HOW_REQUESTS_READ)]
  }
}

const HOW_REQUESTS_READ = 'Texts of a request have {{argument}}; write \\{{ for a brace.'

function unreadable(path: readonly PropertyKey[], message: string, mend: string): Finding {
  return { severity: 'error', code: 'UNREADABLE', path: placeOf(path), message, mend }
}
