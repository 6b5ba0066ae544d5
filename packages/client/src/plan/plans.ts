import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'smol-toml'
import { repeatedNameIn } from '@skein/workflows'
import { ClientError, messageOf } from '../errors.ts'
import { isList, isRecord } from '../guards.ts'
import type { Pipeline } from './pipeline.ts'
import type { Plan } from './plan.ts'
import { diffPlans, type PlanChange } from './plan-diff.ts'
import { isIntact } from './snapshot.ts'
import { planFrom } from './plan-reader.ts'
import { planToToml } from './plan-toml.ts'
import type { Registry } from './registry.ts'
import { invalid, isPlan } from './runnable.ts'

/** A pipeline whose types nobody knows before it is read. */
export type AnyPipeline = Pipeline<unknown, unknown>

/** Pipelines as data: JSON, TOML, snapshots. */
export interface Plans {
  /**
   * The pipeline that JSON describes. The registry brings what it names: steps, workflows, pipelines, functions and schemas.
   *
   * @throws {ClientError} `INVALID_PLAN` naming the place in the data
   */
  fromJson(json: unknown, registry?: Registry): AnyPipeline
  /** The same of TOML. */
  fromToml(text: string, registry?: Registry): AnyPipeline
  /**
   * The same of a file, `.toml` or `.json`. Its `use` lists modules whose exports join the registry; a workflow may be
   * the path of its document. Both are looked for from the file's folder.
   */
  load(file: string, registry?: Registry): Promise<AnyPipeline>
  /**
   * What became of a pipeline: steps that are new, gone, other than they were, or in another place.
   *
   * @throws {ClientError} `INVALID_PLAN` naming the one that is no pipeline, such as a snapshot
   */
  diff(before: { readonly plan: Plan }, after: { readonly plan: Plan }): PlanChange[]
  /** Whether a snapshot, perhaps read from a file, is what was sealed. */
  verify(snapshot: unknown): boolean
  /**
   * The pipeline as TOML, which reads back to the same.
   *
   * @throws {ClientError} `INVALID_PLAN` naming the place of what TOML cannot say, such as null
   */
  toToml(pipeline: { toJSON(): unknown }): string
}

export const plans: Plans = {
  fromJson: read,
  fromToml: (text, registry) => read(tomlOf(text, 'the text'), registry),
  load,
  diff: (before, after) => diffPlans(comparedPlan(before, 'first'), comparedPlan(after, 'second')),
  verify: isIntact,
  toToml: (pipeline) => planToToml(pipeline.toJSON()),
}

function comparedPlan(pipeline: unknown, which: string): Plan {
  const plan: unknown = isRecord(pipeline) ? pipeline['plan'] : undefined
  if (isPlan(plan)) return plan
  throw invalid(
    `plans.diff() compares pipelines, and the ${which} is none; snapshots are of the same plan where their hash is the same`,
  )
}

function read(json: unknown, registry?: Registry): AnyPipeline
function read(json: unknown, registry: Registry = {}): unknown {
  return planFrom(json, registry)
}

async function load(file: string, registry: Registry = {}): Promise<AnyPipeline> {
  const text = await readText(file)
  const json = file.endsWith('.toml') ? tomlOf(text, file) : jsonOf(text, file)
  if (!isRecord(json)) throw invalid(`${file} holds no pipeline`)
  const folder = dirname(resolve(file))
  const { use = [], ...plan } = json
  const modules = await Promise.all(
    (isList(use) ? use : [use]).map((path) => exportsOf(resolve(folder, String(path)), file)),
  )
  const known = [...modules, registry].flatMap((names) => Object.entries(names))
  const whole = await withWorkflows(plan, folder)
  try {
    return read(whole, Object.fromEntries(known))
  } catch (thrown) {
    throw thrown instanceof ClientError ? invalid(`${file}: ${thrown.message}`) : thrown
  }
}

async function exportsOf(path: string, file: string): Promise<Registry> {
  try {
    const module: unknown = await import(pathToFileURL(path).href)
    return isRecord(module) ? module : {}
  } catch (thrown) {
    throw invalid(`${file} uses ${path}, which cannot be loaded: ${messageOf(thrown)}`)
  }
}

/** With the documents of workflows in the place of their paths. */
async function withWorkflows(json: unknown, folder: string): Promise<unknown> {
  if (isList(json)) return Promise.all(json.map((item) => withWorkflows(item, folder)))
  if (!isRecord(json)) return json
  const entries = Object.entries(json).map(async ([key, value]): Promise<[string, unknown]> => {
    if (key !== 'workflow' || typeof value !== 'string' || !value.endsWith('.json')) {
      return [key, await withWorkflows(value, folder)]
    }
    const path = resolve(folder, value)
    return [key, jsonOf(await readText(path), path)]
  })
  return Object.fromEntries(await Promise.all(entries))
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    throw invalid(`${file} cannot be read: ${messageOf(thrown)}`)
  }
}

function tomlOf(text: string, where: string): unknown {
  try {
    return parse(text)
  } catch (thrown) {
    throw invalid(`${where} is no TOML: ${messageOf(thrown)}`)
  }
}

function jsonOf(text: string, where: string): unknown {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (thrown) {
    throw invalid(`${where} is no JSON: ${messageOf(thrown)}`)
  }
  const name = repeatedNameIn(text)
  if (name === undefined) return json
  throw invalid(`${where} has '${name}' twice in one object, of which only the last would count`)
}
