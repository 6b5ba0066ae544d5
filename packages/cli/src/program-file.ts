import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ClientError, plans, type PlanReport, type Runnable } from '@skein/client'
import {
  checkWorkflow,
  fromDria,
  isDria,
  parseWorkflow,
  workflowFrom,
  WorkflowError,
  type JsonSchema,
  type WorkflowDocument,
} from '@skein/workflows'
import { z } from 'zod'
import { CliError, codeOf } from './errors.ts'
import { readDocument, readText } from './files.ts'
import type { InputSchema } from './input.ts'
import { didYouMean } from './suggestion.ts'

/** Finding what a file wants run. */

/** A workflow or a pipeline, and what its rows must look like. */
export interface Program {
  readonly kind: 'workflow' | 'pipeline'
  readonly name: string
  readonly schema: InputSchema
  readonly work: Runnable<unknown, unknown>
  /** Of a workflow. */
  readonly document?: WorkflowDocument
  /** Whether any of it runs on nodes: a plan may consist of local functions only. */
  readonly needsNodes: boolean
  /** The workflows in it, with the step of the pipeline that runs them. */
  readonly workflows: readonly PlannedWorkflow[]
  readonly drawing: Drawable
  /** Looks a pipeline through; a workflow is checked as a document. */
  readonly validate?: () => PlanReport
}

/** What can be shown as text. */
export interface Drawable {
  toMermaid(): string
  describe(): string
}

export interface PlannedWorkflow {
  readonly step: string | undefined
  /** As the file has it: not checked yet. */
  readonly document: unknown
}

const MENDS: Readonly<Record<string, string>> = {
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    'Node runs TypeScript by leaving out the types: write erasable syntax only (no enum, no namespace).',
  ERR_UNKNOWN_FILE_EXTENSION: 'skein takes .ts, .mts, .js, .mjs, .json and .toml files.',
}

/**
 * Loads what a file exports, or the pipeline or workflow that a JSON or TOML file is.
 *
 * @param wanted the name of the export, where a file has several
 * @throws {CliError} `USAGE` saying what is wrong with the file, in its author's terms
 */
export async function loadProgram(file: string, wanted?: string): Promise<Program> {
  if (/\.(?:json|toml)$/.test(file)) return programOfDocument(file)
  await readText(file)
  return choose(candidatesOf(await importFile(file)), file, wanted)
}

/**
 * Everything that a program exports to run, by name.
 *
 * @throws {CliError} `USAGE`
 */
export async function loadPrograms(file: string): Promise<ReadonlyMap<string, Program>> {
  await readText(file)
  const candidates = candidatesOf(await importFile(file))
  if (candidates.size === 0) throw nothingToRun(file)
  return candidates
}

function candidatesOf(exports: Readonly<Record<string, unknown>>): ReadonlyMap<string, Program> {
  const candidates = new Map<string, Program>()
  for (const [name, value] of Object.entries(exports)) {
    const program = programOf(value)
    if (program) candidates.set(name, program)
  }
  return candidates
}

/** A document is a pipeline, or else a workflow. */
async function programOfDocument(file: string): Promise<Program> {
  const document = await readDocument(file)
  return isObject(document) && 'pipeline' in document
    ? readPlan(file)
    : readWorkflow(file, document)
}

async function readPlan(file: string): Promise<Program> {
  await readText(file)
  try {
    return programOfPipeline(await plans.load(file))
  } catch (cause) {
    if (!(cause instanceof ClientError)) throw cause
    throw new CliError('USAGE', cause.message, { cause })
  }
}

function readWorkflow(file: string, json: unknown): Program {
  if (!isDria(json) && !(isObject(json) && 'steps' in json)) {
    throw new CliError('USAGE', `${file}: this is no workflow and no pipeline: it has no steps`, {
      mend: 'A workflow has version, name, input, steps and returns; a pipeline has pipeline and steps.',
    })
  }
  try {
    return programOfWorkflow(workflowFrom(isDria(json) ? fromDria(json) : parseWorkflow(json)))
  } catch (cause) {
    if (!(cause instanceof WorkflowError)) throw cause
    throw unreadableWorkflow(file, json, cause)
  }
}

/** The first mistake as `skein check` tells it. */
function unreadableWorkflow(file: string, json: unknown, cause: WorkflowError): CliError {
  const errors = checkWorkflow(json).filter(({ severity }) => severity === 'error')
  const [first] = errors
  if (first === undefined) return new CliError('USAGE', `${file}: ${cause.message}`, { cause })
  const more = errors.length - 1
  const others = more === 0 ? '' : ` (and ${more} more: skein check ${file} lists all)`
  const place = first.path === '' ? '' : `${first.path}: `
  const { message, mend } = first
  return new CliError('USAGE', `${file}: ${place}${message}${others}`, { cause, mend })
}

const PROGRAM = /\.[cm]?[jt]s$/

async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!PROGRAM.test(file)) {
    const mend = MENDS['ERR_UNKNOWN_FILE_EXTENSION']
    throw new CliError('USAGE', `${file} is neither a program nor JSON`, { mend })
  }
  try {
    const module: unknown = await Promise.race([
      import(pathToFileURL(resolve(file)).href),
      stuck(file),
    ])
    return isObject(module) ? module : {}
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    if (!(cause instanceof Error)) throw new CliError('USAGE', `${file} failed: ${String(cause)}`)
    throw new CliError('USAGE', `${file} cannot be run: ${cause.message}${placeOf(cause, file)}`, {
      cause,
      mend: MENDS[codeOf(cause)],
    })
  }
}

/** Rejects when nothing is left to happen in this process, and the file still waits. */
function stuck(file: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.once('beforeExit', () => {
      reject(
        new CliError('USAGE', `${file} never comes to its end: it awaits what nothing will bring`, {
          mend: 'Look at the awaits outside of its functions.',
        }),
      )
    })
  })
}

/** Where in the user's file it happened: " (haiku.ts:12:3)". */
function placeOf({ stack = '' }: Error, file: string): string {
  const name = basename(file)
  const [, after] = stack.split(`/${name}:`, 2)
  const place = /^\d+(?::\d+)?/.exec(after ?? '')
  return place ? ` (${name}:${place[0]})` : ''
}

function choose(
  candidates: ReadonlyMap<string, Program>,
  file: string,
  wanted: string | undefined,
): Program {
  if (wanted !== undefined) return chooseNamed(candidates, file, wanted)
  const [first, ...others] = candidates
  const found = candidates.get('default') ?? (others.length === 0 ? first?.[1] : undefined)
  if (found) return found
  if (first === undefined) throw nothingToRun(file)
  throw new CliError('USAGE', `${file} exports several pipelines or workflows`, {
    mend: `${listOf(candidates)} Choose one: --export ${first[0]}`,
  })
}

function nothingToRun(file: string): CliError {
  return new CliError('USAGE', `${file} exports no pipeline and no workflow`, {
    mend: "Export one: export const haiku = pipeline('haiku', { … }).step(…)",
  })
}

function chooseNamed(
  candidates: ReadonlyMap<string, Program>,
  file: string,
  wanted: string,
): Program {
  const found = candidates.get(wanted)
  if (found) return found
  throw new CliError(
    'USAGE',
    `${file} exports no pipeline or workflow named ${wanted}.${didYouMean(wanted, candidates.keys())}`,
    { mend: listOf(candidates) },
  )
}

function listOf(candidates: ReadonlyMap<string, Program>): string {
  if (candidates.size === 0) return 'It exports none at all.'
  return `It exports ${[...candidates.keys()].join(', ')}.`
}

/** By shape, not by class: the file may bring its own copy of our packages. */
function programOf(value: unknown): Program | undefined {
  if (isWorkflow(value)) return programOfWorkflow(value)
  return isPipeline(value) ? programOfPipeline(value) : undefined
}

function programOfPipeline(value: PipelineLike): Program {
  const workflows = workflowsIn(stepsOf(value.toJSON()))
  const { name, plan } = value
  const needsNodes = workflows.length > 0
  return {
    kind: 'pipeline',
    name,
    // What says nothing of its input takes any.
    schema: plan.input ?? z.unknown(),
    work: value,
    needsNodes,
    workflows,
    drawing: value,
    validate: () => value.validate(),
  }
}

interface PipelineLike extends Runnable<unknown, unknown>, Drawable {
  validate(): PlanReport
  readonly plan: { readonly input: InputSchema | undefined }
}

function isPipeline(value: unknown): value is PipelineLike {
  if (!isObject(value) || !isObject(value['plan'])) return false
  return Array.isArray(value['plan']['nodes'])
}

/** The steps of a plan as JSON. */
function stepsOf(json: unknown): unknown {
  return isObject(json) ? json['steps'] : undefined
}

/** Every workflow of a plan as JSON, in order. */
function workflowsIn(json: unknown, around = ''): readonly PlannedWorkflow[] {
  if (!isObject(json)) return []
  const { workflow, pipeline } = json
  const named = [pipeline, isObject(workflow) ? workflow['name'] : undefined]
  const name = named.find((text) => typeof text === 'string')
  const place = name === undefined ? around : `${around}${name}`
  if (isObject(workflow)) return [{ step: place, document: workflow }]
  const inner = name === undefined ? around : `${place}/`
  return Object.values(json).flatMap((member) => workflowsIn(member, inner))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

interface WorkflowLike extends Drawable {
  readonly name: string
  readonly document: WorkflowDocument
  toJSON(): unknown
}

function isWorkflow(value: unknown): value is WorkflowLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    'document' in value &&
    'id' in value &&
    'toMermaid' in value
  )
}

function programOfWorkflow(workflow: WorkflowLike): Program {
  const { name, input, optionalInputs = [] } = workflow.document
  const fields = Object.entries(input).map(([key, schema]) => {
    const field = fieldOf(schema)
    return [key, optionalInputs.includes(key) ? field.optional() : field] as const
  })
  const schema = z.object(Object.fromEntries(fields))
  const { document } = workflow
  const workflows = [{ step: undefined, document }]
  const parts = { document, needsNodes: true, workflows, drawing: workflow }
  return { kind: 'workflow', name, schema, work: workflow, ...parts }
}

function fieldOf(schema: JsonSchema): z.ZodType {
  try {
    return z.fromJSONSchema(schema)
  } catch {
    // What Zod cannot express is checked where the workflow runs.
    return z.unknown()
  }
}
