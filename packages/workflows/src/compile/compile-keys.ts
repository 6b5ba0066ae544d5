import type { Body, Input, Output, Step } from '../document/document.ts'
import { WorkflowError } from '../errors.ts'
import type { Template } from '../template.ts'

/** The names that a place can refer to: its own, and those of what is around it. */
export class Names implements Iterable<string> {
  readonly #own: ReadonlySet<string>
  readonly #outer: Names | undefined

  constructor(own: Iterable<string>, outer?: Names) {
    this.#own = new Set(own)
    this.#outer = outer
  }

  has(name: string): boolean {
    return this.#own.has(name) || this.#outer?.has(name) === true
  }

  *[Symbol.iterator](): Generator<string> {
    if (this.#outer !== undefined) yield* this.#outer
    yield* this.#own
  }
}

/** Every key that the steps of a body store something under. */
export function keysOf(body: Pick<Body, 'steps'>): readonly string[] {
  return body.steps.flatMap(storedKeys)
}

/** The keys that a step stores something under. */
export function storedKeys(step: Step): readonly string[] {
  const keys = outputsOf(step).flatMap(({ key }) => (key === undefined ? [] : [key]))
  return spreads(step) && step.operator === 'parallel'
    ? [...keys, ...Object.keys(step.branches)]
    : keys
}

/** Where a step's result goes; without a word about it, under the step's id. */
export function outputsOf(step: Step): readonly Output[] {
  if (step.outputs !== undefined) return step.outputs
  return spreads(step) ? [] : [{ type: 'write', key: step.id }]
}

/** Whether the values of a step's branches go under their own names. */
export function spreads(step: Step): boolean {
  return step.operator === 'parallel' && step.outputs === undefined
}

/** The key of memory that an input reads; `undefined` for a literal and the whole input. */
export function keyOfInput(input: Input): string | undefined {
  if (typeof input === 'string') return input
  return 'key' in input ? input.key : undefined
}

/** The key without which an input has no value; `undefined` where it always has one. */
export function neededKey(input: Input): string | undefined {
  if (typeof input === 'string') return input
  if (input.required === false) return undefined
  const always = input.type === 'get_all' || input.type === 'size'
  return always || !('key' in input) ? undefined : input.key
}

/** @throws {WorkflowError} for an input that nothing gives a value */
export function refuseUnknownKey(input: Input, known: Names): void {
  const key = keyOfInput(input)
  if (key === undefined || known.has(key)) return
  throw new WorkflowError(
    'INVALID_DOCUMENT',
    `'${key}' is neither an input nor written by a step; there are ${listed(known)}`,
  )
}

/** @throws {WorkflowError} for a prompt that reads what nothing gives a value */
export function refuseUnknownNames({ names }: Template, known: Names): void {
  const unknown = names.find((name) => !known.has(name))
  if (unknown === undefined) return
  throw new WorkflowError(
    'INVALID_TEMPLATE',
    `{{${unknown}}} is neither an input nor written by a step; there are ${listed(known)}`,
  )
}

/** A few names for a message. */
export function listed(names: Iterable<string>): string {
  const all = [...names].map((name) => `'${name}'`)
  if (all.length === 0) return 'none'
  const more = all.length - 12
  return more > 0 ? `${all.slice(0, 12).join(', ')} and ${more} more` : all.join(', ')
}
