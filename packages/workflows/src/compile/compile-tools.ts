import { listed } from './compile-keys.ts'
import type { GenerativeStep, ToolDefinition } from '../document/document.ts'
import { blame, WorkflowError } from '../errors.ts'
import type { JsonSchema } from '../needs.ts'
import { compileSchema } from '../schema/schema.ts'
import type { AskPlan, HttpPlan, ToolPlan } from './station.ts'
import { template } from '../template.ts'
import { isRecord } from '../records.ts'

/** What the tools of a document are: defined in it, or provided by the node. */
export interface ToolTable {
  readonly defined: ReadonlyMap<string, ToolPlan>
  readonly provided: readonly string[]
}

/** Any tool that the node's owner allows. */
export const ALL_TOOLS = 'ALL'

/** @throws {WorkflowError} naming the tool */
export function compileTools(tools: readonly (string | ToolDefinition)[]): ToolTable {
  const defined = new Map<string, ToolPlan>()
  const provided: string[] = []
  for (const tool of tools) {
    if (typeof tool === 'string') provided.push(tool)
    else if (defined.has(tool.name)) throw invalid(`two tools are called '${tool.name}'`)
    else defined.set(tool.name, compileTool(tool))
  }
  return { defined, provided }
}

function compileTool({ name, description, parameters, http }: ToolDefinition): ToolPlan {
  try {
    const plan = http === undefined ? undefined : compileHttp(http)
    const schema = parameters ?? argumentsOf(http)
    return {
      spec: { name, description, parameters: schema },
      check: compileSchema(schema),
      http: plan,
    }
  } catch (error) {
    throw blame(error, `tool '${name}'`)
  }
}

function compileHttp({
  method,
  url,
  headers = {},
  body,
}: NonNullable<ToolDefinition['http']>): HttpPlan {
  return {
    method,
    url: template(url),
    headers: Object.entries(headers).map(([key, value]) => [key, template(value)]),
    body,
  }
}

/** The arguments of a request that does not say: what its texts name, each a text. */
function argumentsOf(http: ToolDefinition['http']): JsonSchema {
  const names = http === undefined ? [] : [...new Set(namesIn(http))]
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    required: names,
  }
}

function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return template(value).names
  if (Array.isArray(value)) return value.flatMap(namesIn)
  return isRecord(value) ? Object.values(value).flatMap(namesIn) : []
}

/**
 * The tools of one step.
 *
 * @throws {WorkflowError} for a tool that is not there or cannot run on a node
 */
export function toolsOf(
  { operator, tools }: GenerativeStep,
  { defined, provided }: ToolTable,
): Pick<AskPlan, 'tools' | 'nodeTools'> {
  if (operator === 'generation') return { tools: new Map(), nodeTools: [] }
  const known = [...defined.keys(), ...provided]
  const wanted = new Set(tools ?? known)
  for (const name of wanted) {
    if (!known.includes(name) && !provided.includes(ALL_TOOLS)) {
      throw invalid(`there is no tool '${name}'; there are ${listed(known)}`)
    }
  }
  const own = [...defined].filter(([name]) => wanted.has(name))
  const custom = own.find(([, { http }]) => http === undefined)
  if (operator === 'function_calling' && custom !== undefined) {
    throw invalid(
      `the tool '${custom[0]}' cannot run on a node: give it a request (http), or use the operator function_calling_raw, which returns the call`,
    )
  }
  return { tools: new Map(own), nodeTools: [...wanted].filter((name) => !defined.has(name)) }
}

function invalid(reason: string): WorkflowError {
  return new WorkflowError('INVALID_DOCUMENT', reason)
}
