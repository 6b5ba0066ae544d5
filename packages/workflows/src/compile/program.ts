import { compileBody } from './compile-body.ts'
import { keysOf, Names } from './compile-keys.ts'
import { compileTools } from './compile-tools.ts'
import { DEFAULT_MAX_STEPS, type WorkflowDocument } from '../document/document.ts'
import { blame } from '../errors.ts'
import { compileSchema } from '../schema/schema.ts'
import type { InputPlan, Program } from './station.ts'

const programs = new WeakMap<WorkflowDocument, Program>()

/**
 * Compiles a document, once per object.
 *
 * @throws {WorkflowError} `INVALID_DOCUMENT`, `INVALID_TEMPLATE`, `INVALID_SCHEMA`, naming the culprit
 */
export function programOf(document: WorkflowDocument): Program {
  const known = programs.get(document)
  if (known !== undefined) return known
  const made = compileProgram(document)
  programs.set(document, made)
  return made
}

function compileProgram(document: WorkflowDocument): Program {
  const given = [...Object.keys(document.input), ...Object.keys(document.memory ?? {})]
  const keys = new Names([...given, ...keysOf(document)])
  return {
    name: document.name,
    body: compileBody(document, { keys, tools: compileTools(document.tools ?? []) }),
    inputs: compileInputs(document),
    memory: document.memory ?? {},
    maxSteps: document.limits?.maxSteps ?? DEFAULT_MAX_STEPS,
    maxTokens: document.limits?.maxTokens,
  }
}

function compileInputs(document: WorkflowDocument): ReadonlyMap<string, InputPlan> {
  const optional = new Set(document.optionalInputs)
  return new Map(
    Object.entries(document.input).map(([key, schema]) => {
      try {
        return [key, { optional: optional.has(key), check: compileSchema(schema) }]
      } catch (error) {
        throw blame(error, `input '${key}'`)
      }
    }),
  )
}
