import { parseWorkflow, workflowFrom, WorkflowError } from '@skein/workflows'
import { isFunction, isRecord } from '../guards.ts'
import { fn, invalid, workOf } from './runnable.ts'

/** What a program brings for a plan that comes as data: steps, workflows, pipelines, functions and schemas, by name. */
export type Registry = Readonly<Record<string, unknown>>

/** Finds what data names. */
export class Names {
  readonly #registry: Registry

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /** Everything by name, for schemas. */
  get all(): Registry {
    return this.#registry
  }

  /** A function of the program. */
  function(name: unknown, where: string): (...values: unknown[]) => unknown {
    const found = this.#find(name, where)
    if (isFunction(found)) return found
    return fn(undefined, `${where} is '${String(name)}', which is no function: it`)
  }

  /** A step, workflow or pipeline of the program. */
  runnable(name: unknown, where: string): unknown {
    const found = this.#find(name, where)
    workOf(found, where)
    return found
  }

  /** A workflow: its document, or its name. */
  workflow(given: unknown, where: string): unknown {
    if (typeof given === 'string') return this.runnable(given, where)
    try {
      return workflowFrom(parseWorkflow(given))
    } catch (thrown) {
      if (!(thrown instanceof WorkflowError)) throw thrown
      throw invalid(`${where}: ${thrown.message}`)
    }
  }

  /** By the name that it has there, or else by its own. */
  #find(name: unknown, where: string): unknown {
    if (typeof name !== 'string') throw invalid(`${where} must be a name`)
    if (Object.hasOwn(this.#registry, name)) return this.#registry[name]
    const own = Object.values(this.#registry).find((value) => ownNameOf(value) === name)
    if (own !== undefined) return own
    const names = Object.keys(this.#registry)
    const there = names.length === 0 ? 'it brings nothing' : `it brings ${names.join(', ')}`
    throw invalid(`${where} names '${name}', which the program does not bring; ${there}`)
  }
}

function ownNameOf(value: unknown): unknown {
  if (isFunction(value)) return value.name
  return isRecord(value) && 'toJSON' in value ? value['name'] : undefined
}
