import type { AnyStep } from './plan.ts'
import { beyondJsonSchema } from './beyond-json-schema.ts'
import { jsonSchemaOf } from './schema-text.ts'
import { definitionOf } from './step.ts'

/**
 * Names by which one plan, as data, tells its functions and steps from each other: their own, with a number where
 * another has it already. Which one is meant must not be guessed by whoever reads the data.
 */
export class GivenNames {
  readonly #functions = new Map<unknown, string>()
  readonly #steps = new Map<string, string>()
  readonly #taken = new Set<string>()

  function(run: (...values: never[]) => unknown): string {
    return this.#functions.get(run) ?? this.#give(this.#functions, run, run.name || 'anonymous')
  }

  /** Steps of the same definition that take the same are the same. */
  step(step: AnyStep): string {
    const takes = [step.input, ...(step.context ? [step.context] : [])]
    const definition = [definitionOf(step), ...takes.map(textOf)].join('\n')
    return this.#steps.get(definition) ?? this.#give(this.#steps, definition, step.name)
  }

  #give<K>(names: Map<K, string>, key: K, own: string): string {
    let name = own
    for (let number = 2; this.#taken.has(name); number++) name = `${own}-${number}`
    this.#taken.add(name)
    names.set(key, name)
    return name
  }
}

/** A definition says nothing of what a step takes: the same answers come of the same input. */
function textOf(schema: AnyStep['input']): string {
  return JSON.stringify([
    jsonSchemaOf(schema, 'input'),
    jsonSchemaOf(schema, 'output'),
    beyondJsonSchema(schema),
  ])
}
