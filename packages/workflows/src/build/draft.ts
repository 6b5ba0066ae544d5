import type { z } from 'zod'
import { storedKeys } from '../compile/compile-keys.ts'
import {
  Edge,
  Step,
  ToolDefinition,
  type Body,
  type PostProcess,
  type Returns,
  type WorkflowDocument,
} from '../document/document.ts'
import { blame, WorkflowError } from '../errors.ts'
import type { Shape } from './memory-types.ts'
import type { JsonSchema } from '../needs.ts'
import { flawText, misfitsOf } from '../document/misfit.ts'
import { parseWorkflow } from '../document/parse.ts'
import { referencesTo } from './references.ts'
import type { BuildOptions, ToolOptions } from './step-options.ts'
import { toJsonSchema } from './travel.ts'
import { withoutAbsent } from '../records.ts'

type LongReturns = Exclude<Returns, string | string[]>

/** A workflow in the making. Nothing of it changes: each step of the making is a new one. */
export interface Draft {
  readonly name: string
  readonly shape: Shape
  readonly steps: readonly Step[]
  /** Prompts that are still to be read, by step. */
  readonly files: ReadonlyMap<string, string>
  readonly edges: readonly Edge[]
  readonly returns: Returns | undefined
  readonly limits: NonNullable<WorkflowDocument['limits']>
  readonly tools: readonly (string | ToolDefinition)[]
  /** Keys that are there from outside: of the workflow around a branch. */
  readonly outer: readonly string[]
}

/** The empty draft. */
export function emptyDraft(name: string, shape: Shape): Draft {
  return {
    name,
    shape,
    steps: [],
    files: new Map(),
    edges: [],
    returns: undefined,
    limits: {},
    tools: [],
    outer: [],
  }
}

/** A draft with a step more, which may still have a Zod schema, a `path` or a function as its condition. */
export function withStep(draft: Draft, loose: Readonly<Record<string, unknown>>): Draft {
  const { path, prompt, ...rest } = loose
  const file = prompt === undefined && typeof path === 'string' && isFile(path) ? path : undefined
  const step = stepOf(draft, { ...rest, prompt: prompt ?? path })
  const files = file === undefined ? draft.files : new Map([...draft.files, [step.id, file]])
  return { ...draft, steps: [...draft.steps, step], files }
}

/** Whether a `path` names a file: one line that ends in `.md` and reads no variable. */
function isFile(path: string): boolean {
  return path.endsWith('.md') && !/[\n{]/.test(path)
}

function stepOf(draft: Draft, loose: Readonly<Record<string, unknown>>): Step {
  const { id, model, temperature, sampling, schema, when } = loose
  const { model: _, temperature: __, ...rest } = loose
  try {
    const candidate = withoutAbsent({
      ...rest,
      ...(model === undefined ? {} : { models: typeof model === 'string' ? [model] : model }),
      sampling: temperature === undefined ? sampling : { ...Object(sampling), temperature },
      schema: isZod(schema) ? toJsonSchema(schema) : schema,
      when: conditionOf(draft, when),
    })
    return read(Step, candidate, 'steps')
  } catch (error) {
    throw blame(error, `step '${String(id)}'`, String(id))
  }
}

function isZod(schema: unknown): schema is z.ZodType {
  return typeof schema === 'object' && schema !== null && '_zod' in schema
}

/** A condition as data; a function is called with the keys of memory. */
export function conditionOf(draft: Draft, when: unknown): unknown {
  if (typeof when !== 'function') return when
  return Reflect.apply(when, undefined, [referencesTo(new Set(keysSeen(draft)))])
}

/** A draft with a way more. */
export function withEdge(draft: Draft, loose: Readonly<Record<string, unknown>>): Draft {
  const candidate = withoutAbsent({ ...loose, if: conditionOf(draft, loose['if']) })
  return { ...draft, edges: [...draft.edges, read(Edge, candidate, 'edges')] }
}

/** A candidate for one of the lists of a document. */
function read<T>(schema: z.ZodType<T>, candidate: unknown, part: 'edges' | 'steps' | 'tools'): T {
  const result = schema.safeParse(candidate)
  if (result.success) return result.data
  const [misfit] = misfitsOf(result.error, candidate, part)
  throw invalid(misfit === undefined ? part : flawText(misfit, part))
}

/** The keys of memory that a body inside this draft sees. */
export function keysSeen(draft: Draft): readonly string[] {
  return [...Object.keys(draft.shape), ...draft.outer, ...draft.steps.flatMap(storedKeys)]
}

/** A draft with more said about its return value. */
export function withReturns(
  draft: Draft,
  more: { readonly json?: boolean; readonly process?: readonly PostProcess[] },
): Draft {
  const long = longReturns(draft)
  const process = [...(long.process ?? []), ...(more.process ?? [])]
  const returns: LongReturns = { ...long, ...more, process }
  return { ...draft, returns }
}

function longReturns({ returns }: Draft): LongReturns {
  if (returns === undefined) throw invalid('say what the workflow returns first: setReturnValue()')
  if (typeof returns === 'string') return { value: returns }
  if (!Array.isArray(returns)) return returns
  return { values: Object.fromEntries(returns.map((key) => [key, key])) }
}

/** A draft with other limits. */
export function withLimits(draft: Draft, limits: Draft['limits']): Draft {
  return { ...draft, limits: { ...draft.limits, ...limits } }
}

/** A draft with a tool more. */
export function withTool(draft: Draft, tool: string | ToolOptions): Draft {
  const made =
    typeof tool === 'string'
      ? tool
      : read(ToolDefinition, { ...tool, ...parametersOf(tool) }, 'tools')
  return { ...draft, tools: [...draft.tools, made] }
}

function parametersOf({ parameters }: ToolOptions): { readonly parameters?: JsonSchema } {
  return parameters === undefined ? {} : { parameters: toJsonSchema(parameters) }
}

/** @throws {WorkflowError} */
export function bodyOf(draft: Draft): Body {
  const { name, steps, edges, returns } = draft
  const last = steps.at(-1)
  if (last === undefined) {
    throw invalid(`'${name}' has no step: each call returns a new builder, so chain them`)
  }
  if (returns === undefined) {
    throw invalid(`'${name}' returns nothing: add .setReturnValue('${last.id}')`)
  }
  return {
    steps: [...steps],
    ...(edges.length === 0 ? {} : { edges: [...edges] }),
    returns,
  }
}

/** @throws {WorkflowError} */
export function documentOf(draft: Draft, options: BuildOptions): WorkflowDocument {
  const { name, limits, tools, shape } = draft
  return parseWorkflow({
    version: 1,
    name,
    ...inputOf(shape),
    ...(tools.length === 0 ? {} : { tools }),
    ...bodyOf({ ...draft, steps: readFiles(draft, options) }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  })
}

function readFiles({ steps, files }: Draft, { readText }: BuildOptions): readonly Step[] {
  return steps.map((step) => {
    const path = files.get(step.id)
    if (path === undefined) return step
    if (readText === undefined) {
      throw invalid(
        `step '${step.id}' reads its prompt from '${path}': give build({ readText }) a function that reads files, or the text itself as prompt:`,
      )
    }
    return Object.assign({}, step, { prompt: readText(path) })
  })
}

function inputOf(shape: Shape): Pick<WorkflowDocument, 'input' | 'optionalInputs'> {
  const entries = Object.entries(shape)
  const optional = entries.filter(([, schema]) => schema.safeParse(undefined).success)
  const input = Object.fromEntries(
    entries.map(([key, schema]) => {
      try {
        return [key, toJsonSchema(schema)]
      } catch (error) {
        throw blame(error, `input '${key}'`)
      }
    }),
  )
  return optional.length === 0 ? { input } : { input, optionalInputs: optional.map(([key]) => key) }
}

function invalid(message: string): WorkflowError {
  return new WorkflowError('INVALID_DOCUMENT', message)
}
