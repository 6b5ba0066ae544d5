import { outputsOf, storedKeys } from '../compile/compile-keys.ts'
import type { Body, Input, Step, WorkflowDocument } from '../document/document.ts'
import type { JsonSchema } from '../needs.ts'

/** What a value is, as far as a document says; `undefined`: it may be anything. */
export type Kind = JsonSchema | undefined

const TEXT: Kind = { type: 'string' }
const LIST: Kind = { type: 'array' }

/** Steps that write one key: where more do, nothing is said of it. */
const MOST_WRITERS = 16

/** What the names that a body can read may be. */
export class Kinds {
  readonly #own = new Map<string, Kind[]>()
  readonly #hidden: ReadonlySet<string>
  readonly #outer: Kinds | undefined

  constructor(outer?: Kinds, hidden: Iterable<string> = []) {
    this.#outer = outer
    this.#hidden = new Set(hidden)
  }

  add(key: string, kind: Kind): void {
    const known = this.#own.get(key)
    if (known === undefined) this.#own.set(key, [kind])
    else if (known.length <= MOST_WRITERS) known.push(kind)
  }

  /** Every kind that a name may have; none where that is not known. */
  of(name: string): readonly JsonSchema[] {
    const all = this.#all(name)
    const known = all.filter((kind) => kind !== undefined)
    return known.length === all.length && all.length <= MOST_WRITERS ? known : []
  }

  #all(name: string): readonly Kind[] {
    if (this.#hidden.has(name)) return [undefined]
    const own = this.#own.get(name) ?? []
    return this.#outer === undefined ? own : [...own, ...this.#outer.#all(name)]
  }
}

/** What the inputs of a document are, and what its memory holds. */
export function givenKinds({ input, memory = {} }: WorkflowDocument): Kinds {
  const kinds = new Kinds()
  for (const [key, schema] of Object.entries(input)) kinds.add(key, schema)
  for (const [key, value] of Object.entries(memory)) {
    kinds.add(key, typeof value === 'string' ? TEXT : undefined)
  }
  return kinds
}

/** The same in a body, with what its steps write; `given` are names of which nothing is known. */
export function bodyKinds(body: Body, outer: Kinds, given: readonly string[]): Kinds {
  const kinds = new Kinds(outer, given)
  for (const step of body.steps) {
    const result = resultOf(step)
    const said = new Set(outputsOf(step).map(({ key }) => key))
    for (const key of storedKeys(step)) if (!said.has(key)) kinds.add(key, undefined)
    for (const { type, key, value } of outputsOf(step)) {
      if (key === undefined) continue
      const kind = value === undefined ? result : TEXT
      kinds.add(key, type === 'push' ? LIST : kind)
    }
  }
  return kinds
}

function resultOf(step: Step): Kind {
  if (step.operator === 'generation') return step.schema ?? TEXT
  if (step.operator === 'map' || step.operator === 'function_calling_raw') return LIST
  return step.operator === 'sample' && step.prompt !== undefined ? TEXT : undefined
}

/** What the names of a step's prompts may be: nothing is known of its inputs that are not a key as it is. */
export function stepKinds(step: Step, around: Kinds): Kinds {
  const inputs = Object.entries(step.inputs ?? {}).filter((entry) => !isSame(...entry))
  const drawn = step.operator === 'sample' ? Object.keys(step.from) : []
  const hidden = [...inputs.map(([name]) => name), ...drawn]
  return hidden.length === 0 ? around : new Kinds(around, hidden)
}

/** Whether a name stands for the key of memory that it names. */
function isSame(name: string, input: Input): boolean {
  return typeof input === 'string' ? input === name : input.type === 'read' && input.key === name
}
