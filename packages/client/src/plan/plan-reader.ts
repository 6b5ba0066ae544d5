import { z } from 'zod'
import { isList, isRecord } from '../guards.ts'
import { namesOf } from './fit-input.ts'
import { GraphAssembly } from './graph-assembly.ts'
import type { PlanNode } from './plan.ts'
import { PlanBuilder } from './plan-builder.ts'
import {
  at,
  checkKeys,
  checkKind,
  inOrder,
  located,
  partOf,
  record,
  type Json,
  type Part,
  type Said,
} from './plan-data.ts'
import { Names, type Registry } from './registry.ts'
import { invalid, workOf } from './runnable.ts'
import { isJsonSchema, schemaFrom } from './schema-text.ts'
import { emptyPlan } from './step-node.ts'
import { wiringFrom } from './wire-text.ts'

/** What each verb may say besides itself. The order decides where a step says two of them. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  parallel: ['combined', 'as', 'each', 'onError'],
  choose: ['cases'],
  pipe: [],
  graph: [],
  map: [],
  tap: [],
  filter: [],
  scatter: [],
  broadcast: ['as'],
  aggregate: ['by', 'size'],
  batch: [],
  callback: [],
  step: ['version', 'models', 'with', 'when', 'as', 'fallback', 'route'],
  workflow: ['models', 'with', 'when', 'as', 'fallback', 'route'],
  pipeline: ['version', 'input', 'context', 'steps', 'with', 'when', 'as', 'fallback', 'route'],
  when: ['steps', 'otherwise'],
}

/** What a pipeline says of itself. */
const HEAD = ['pipeline', 'version', 'input', 'context', 'steps']

/** All that is said where a step is given as such: nothing about how it runs. */
const WORKS: Readonly<Record<string, readonly string[]>> = {
  step: ['step', 'version'],
  workflow: ['workflow'],
  pipeline: HEAD,
}

const WITH_POLICY: ReadonlySet<string> = new Set(['step', 'workflow', 'pipeline', 'parallel'])

/**
 * The plan that data describes.
 *
 * @throws {ClientError} `INVALID_PLAN` naming the place in the data
 */
export function planFrom(json: unknown, registry: Registry): PlanBuilder {
  return new PlanReader(new Names(registry)).plan(json, '')
}

class PlanReader {
  readonly #names: Names

  constructor(names: Names) {
    this.#names = names
  }

  plan(json: unknown, path: string): PlanBuilder {
    const fields = record(json, path === '' ? 'the plan' : path)
    checkKeys(fields, HEAD, path)
    const plan = this.#fill(this.#start(fields, path), fields['steps'], at(path, 'steps'))
    const { context } = fields
    if (context === undefined) return plan
    return plan.withContext(record(context, at(path, 'context')))
  }

  #start({ pipeline, version, input }: Json, path: string): PlanBuilder {
    if (typeof pipeline !== 'string' || pipeline === '') {
      throw invalid(`${at(path, 'pipeline')} must be the name of the pipeline`)
    }
    const where = at(path, 'input')
    const said = version === undefined ? {} : { version }
    const head = {
      ...PlanBuilder.start(pipeline, {}, said).plan,
      input: undefined,
      inputNames: undefined,
    }
    if (input === undefined) return new PlanBuilder(head)
    // A word or JSON Schema stands for a value that is no object of named inputs.
    if (!isRecord(input) || isJsonSchema(input)) {
      const schema = schemaFrom(input, this.#names.all, where)
      return new PlanBuilder({ ...head, input: schema, inputNames: namesOf(schema) })
    }
    const shape = this.#shape(input, where)
    return PlanBuilder.start(pipeline, shape, said)
  }

  #shape(input: Json, where: string): Record<string, z.ZodType> {
    const fields = Object.entries(input).map(
      ([name, json]) => [name, schemaFrom(json, this.#names.all, at(where, name))] as const,
    )
    return Object.fromEntries(fields)
  }

  #fill(start: PlanBuilder, steps: unknown, path: string): PlanBuilder {
    if (!isList(steps)) throw invalid(`${path} must be a list of steps`)
    return steps.reduce(
      (plan: PlanBuilder, json, i) => this.#add(plan, json, `${path}[${i}]`),
      start,
    )
  }

  #add(plan: PlanBuilder, json: unknown, path: string): PlanBuilder {
    const fields = typeof json === 'string' ? { step: json } : record(json, path)
    const verb = Object.keys(VERBS).find((key) => key in fields)
    if (verb === undefined) {
      throw invalid(`${path} says none of ${Object.keys(VERBS).join(', ')}`)
    }
    checkKeys(fields, [verb, ...(VERBS[verb] ?? [])], path, WITH_POLICY.has(verb))
    return located(path, () => this.#verb(plan, { verb, fields, path }))
  }

  #verb(plan: PlanBuilder, said: Said): PlanBuilder {
    const { verb, fields, path } = said
    if (verb === 'step' || verb === 'workflow' || verb === 'pipeline') {
      return plan.step(this.#work(said), this.#stepOptions(said))
    }
    if (verb === 'map' || verb === 'tap' || verb === 'filter' || verb === 'callback') {
      return plan[verb](this.#function(fields[verb], at(path, verb)))
    }
    if (verb === 'scatter') {
      return plan.scatter(fields['scatter'] === true ? undefined : fields['scatter'])
    }
    return this.#gathering(plan, said)
  }

  #gathering(plan: PlanBuilder, said: Said): PlanBuilder {
    const { verb, fields, path } = said
    if (verb === 'batch') return plan.batch(fields['batch'])
    if (verb === 'broadcast') {
      const { broadcast, as } = fields
      if (as === undefined) return plan.broadcast(broadcast)
      if (typeof as === 'string' && isList(broadcast)) return plan.broadcast(broadcast, { as })
      throw invalid(
        `${at(path, 'as')} names the column for a list of values: broadcast must be one`,
      )
    }
    if (verb === 'aggregate') {
      const { aggregate, by, size } = fields
      if (aggregate !== true) {
        throw invalid(`${at(path, 'aggregate')} must be true; by or size may stand beside it`)
      }
      const grouping = isRecord(by) ? this.#functionIn(by, at(path, 'by')) : by
      return plan.aggregate({ by: grouping, size })
    }
    return this.#branching(plan, said)
  }

  #branching(plan: PlanBuilder, said: Said): PlanBuilder {
    const { verb, fields, path } = said
    if (verb === 'parallel') {
      return plan.parallel(this.#branches(said), this.#parallelOptions(said))
    }
    if (verb === 'choose') {
      const cases = this.#branches({ ...said, verb: 'cases' })
      return plan.choose(this.#function(fields['choose'], at(path, 'choose')), cases)
    }
    if (verb === 'when') {
      const { steps, otherwise } = fields
      return plan.when(
        this.#function(fields['when'], at(path, 'when')),
        this.#branch({ steps }, path),
        otherwise && this.#branch({ steps: otherwise }, at(path, 'otherwise')),
      )
    }
    if (verb === 'graph') return plan.graph(this.#graph(fields['graph'], at(path, 'graph')))
    return plan.pipe(this.#piped(fields['pipe'], at(path, 'pipe')))
  }

  #piped(pipe: unknown, path: string): unknown {
    if (typeof pipe === 'string') return this.#names.runnable(pipe, path)
    const fields = record(pipe, path)
    if ('function' in fields) return this.#functionIn(fields, path)
    return this.plan(fields, path)
  }

  #work({ verb, fields, path }: Said): unknown {
    if (verb === 'workflow') return this.#names.workflow(fields['workflow'], at(path, 'workflow'))
    if (verb === 'pipeline') {
      const { pipeline, steps } = fields
      if (steps === undefined) return this.#names.runnable(pipeline, at(path, 'pipeline'))
      const own = HEAD.filter((key) => key in fields)
      return this.plan(Object.fromEntries(own.map((key) => [key, fields[key]])), path)
    }
    const found = this.#names.runnable(fields['step'], at(path, 'step'))
    const work = workOf(found, path)
    const { version } = fields
    if (version === undefined || work.kind !== 'local' || work.step.version === version)
      return found
    throw invalid(
      `${at(path, 'version')} is ${JSON.stringify(version)}, but the program brings version '${work.step.version}' of '${work.step.name}'`,
    )
  }

  #stepOptions({ verb, fields, path }: Said): Record<string, unknown> {
    const own = new Set([verb, 'version', ...(verb === 'pipeline' ? HEAD : [])])
    const options: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(fields)) {
      if (own.has(key)) continue
      options[key] = this.#option(key, value, at(path, key))
    }
    return options
  }

  #option(key: string, value: unknown, path: string): unknown {
    if (key === 'with' || key === 'when' || key === 'fallback') return this.#function(value, path)
    if (key === 'models' && isRecord(value)) return this.#functionIn(value, path)
    checkKind(key, value, path)
    if (key !== 'retry' || !isRecord(value)) return value
    const { filter, ...retry } = value
    for (const name of Object.keys(retry)) checkKind(name, retry[name], at(path, name))
    if (filter === undefined) return retry
    return { ...retry, filter: this.#function(filter, at(path, 'filter')) }
  }

  #parallelOptions({ fields, path }: Said): Record<string, unknown> {
    const { parallel: _, combined, ...said } = fields
    const options: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(said)) {
      options[key] = this.#option(key, value, at(path, key))
    }
    if (combined === undefined) return options
    const where = at(path, 'combined')
    const isShape = isRecord(combined) && !isJsonSchema(combined)
    const schema = isShape
      ? z.object(this.#shape(combined, where))
      : schemaFrom(combined, this.#names.all, where)
    return { ...options, combined: schema }
  }

  #branches({ verb, fields, path }: Said): Record<string, unknown> {
    const branches = record(fields[verb], at(path, verb))
    const built = Object.entries(branches).map(
      ([name, json]) => [name, this.#beside(json, at(at(path, verb), name))] as const,
    )
    return Object.fromEntries(built)
  }

  /** A step as such, which takes on what is said of all branches; or steps that are added to rows. */
  #beside(json: unknown, path: string): unknown {
    const fields = typeof json === 'string' ? { step: json } : record(json, path)
    const verb = Object.keys(WORKS).find((key) => key in fields)
    const known = verb === undefined ? [] : (WORKS[verb] ?? [])
    if (verb === undefined || !Object.keys(fields).every((key) => known.includes(key))) {
      return this.#branch(fields, path)
    }
    return located(path, () => this.#work({ verb, fields, path }))
  }

  /** Steps that are added to the rows which enter a branch. */
  #branch(json: unknown, path: string): (rows: unknown) => unknown {
    const steps =
      isRecord(json) && 'steps' in json && !('pipeline' in json) ? json : { steps: [json] }
    checkKeys(steps, ['steps'], path)
    const where = steps === json ? at(path, 'steps') : path
    return (rows) => {
      if (!(rows instanceof PlanBuilder)) throw invalid(`${path} has nothing to start from`)
      if (steps === json) return this.#fill(rows, steps['steps'], where)
      return this.#add(rows, json, where)
    }
  }

  #graph(json: unknown, path: string): PlanNode {
    const fields = record(json, path)
    checkKeys(fields, ['steps', 'output'], path)
    const { steps, output } = fields
    if (output === undefined) {
      throw invalid(`${at(path, 'output')} must say what the graph gives, such as "$step"`)
    }
    if (!isList(steps)) throw invalid(`${at(path, 'steps')} must be a list of steps`)
    const parts = steps.map((step, i) => partOf(step, `${at(path, 'steps')}[${i}]`))
    const graph = new GraphAssembly(emptyPlan('graph'))
    const places = new Map<string, number>()
    for (const part of inOrder(parts, path)) {
      const place = located(part.path, () => this.#part(graph, part, places))
      places.set(part.name, place)
    }
    const [node] = graph.finish(wiringFrom(output, places, at(path, 'output'))).nodes
    if (node) return node
    throw invalid(`${path} has no step`)
  }

  #part(graph: GraphAssembly, { name, fields, path }: Part, places: Map<string, number>): number {
    const { name: _name, wire, on, when, ...said } = fields
    const verb = ['step', 'workflow', 'pipeline'].find((key) => key in said)
    if (verb === undefined) throw invalid(`${path} says none of step, workflow, pipeline`)
    const known = [verb, 'name', 'wire', 'on', ...(VERBS[verb] ?? [])]
    checkKeys(said, known, path, WITH_POLICY.has(verb))
    const options = this.#stepOptions({ verb, fields: said, path })
    const work = workOf(this.#work({ verb, fields: said, path }), path)
    const wiring = wiringFrom(wire, places, at(path, 'wire'))
    const test = when === undefined ? undefined : this.#function(when, at(path, 'when'))
    if (on === undefined)
      return graph.add({ work, wiring, options: { ...options, name, ...(test && { when: test }) } })
    if (!test) throw invalid(`${at(path, 'when')} must name what is asked of 'on'`)
    const condition = { on: wiringFrom(on, places, at(path, 'on')), test }
    return graph.add({ work, wiring, options: { ...options, name }, condition })
  }

  /** A function where something else might stand as well. */
  #functionIn(fields: Json, path: string): (...values: unknown[]) => unknown {
    checkKeys(fields, ['function'], path)
    return this.#function(fields['function'], at(path, 'function'))
  }

  #function(name: unknown, path: string): (...values: unknown[]) => unknown {
    return this.#names.function(name, path)
  }
}
