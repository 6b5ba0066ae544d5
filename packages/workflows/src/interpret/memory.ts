import { bounded, refuseLong } from '../bounds.ts'
import type { Input, Output } from '../document/document.ts'
import { textOf } from '../template.ts'

/** Why a key has no value: the step whose failure or condition left the gap. */
export interface Absence {
  readonly origin: string
  readonly reason: string
}

/**
 * What a workflow remembers: values under keys (`write`), lists that grow (`push`), and texts that `HaveSimilar`
 * looks up (`insert`). A key that was pushed to reads as its list; a list that was written or given can be popped.
 *
 * A branch reads through to the memory around it, which stands still meanwhile, and holds only what differs: `undefined` there
 * for what it took away.
 */
export class Memory {
  readonly #input: Readonly<Record<string, unknown>>
  readonly #values: Map<string, unknown>
  readonly #stacks = new Map<string, unknown[]>()
  readonly #absent = new Map<string, Absence | undefined>()
  readonly #inserted: string[] = []
  #insertedChars = 0
  #outer: Memory | undefined

  constructor(
    input: Readonly<Record<string, unknown>>,
    before: Readonly<Record<string, unknown>> = {},
  ) {
    this.#input = input
    this.#values = new Map([...Object.entries(before), ...Object.entries(input)])
  }

  /** A memory of its own that begins with what this one holds and `more`. */
  branch(more: Readonly<Record<string, unknown>>): Memory {
    const made = new Memory(this.#input)
    made.#values.clear()
    made.#outer = this
    made.#insertedChars = this.#insertedChars
    for (const [key, value] of Object.entries(more)) made.write(key, value)
    return made
  }

  read(key: string): unknown {
    const value = this.#value(key)
    return value === undefined ? this.#pushed(key)?.slice() : value
  }

  /** @throws {WorkflowError} `STEP_FAILED` for a value that is too large, as all that store one */
  write(key: string, value: unknown): void {
    this.#values.set(key, bounded(value))
    this.#absent.set(key, undefined)
  }

  push(key: string, value: unknown): void {
    this.#stack(key, []).push(bounded(value))
    this.#absent.set(key, undefined)
  }

  /** Takes the last pushed value off; `undefined` when there is none. */
  pop(key: string): unknown {
    return this.#list(key) === undefined ? undefined : this.#stack(key, []).pop()
  }

  /** The pushed value at this index from the first; `undefined` when there is none. */
  peek(key: string, index: number): unknown {
    return this.#list(key)?.[index]
  }

  /** All pushed values, the first one first. */
  all(key: string): readonly unknown[] {
    return this.#list(key)?.slice() ?? []
  }

  size(key: string): number {
    return this.#list(key)?.length ?? 0
  }

  /** Stores a text for `HaveSimilar`. */
  insert(text: string): void {
    this.#insertedChars += text.length
    refuseLong(this.#insertedChars)
    this.#inserted.push(text)
  }

  get inserted(): readonly string[] {
    return this.#outer === undefined ? this.#inserted : [...this.#outer.inserted, ...this.#inserted]
  }

  /** Notes why a key has no value. */
  leave(key: string, absence: Absence): void {
    this.#values.set(key, undefined)
    this.#absent.set(key, absence)
  }

  absence(key: string): Absence | undefined {
    return this.#absent.has(key) ? this.#absent.get(key) : this.#outer?.absence(key)
  }

  /** What an input of a step is now; `undefined` for what is not there. */
  take(input: Input): unknown {
    if (typeof input === 'string') return this.read(input)
    if (input.type === 'string') return input.value
    if (input.type === 'input') return this.#input
    if (input.type === 'read') return this.read(input.key)
    if (input.type === 'pop') return this.pop(input.key)
    if (input.type === 'peek') return this.peek(input.key, input.index)
    if (input.type === 'size') return this.size(input.key)
    const values = this.all(input.key)
    const { join, after } = input
    return join === undefined && after === undefined ? values : joined(values, { join, after })
  }

  /** Puts a step's result where its outputs say. */
  put(outputs: readonly Output[], result: unknown): void {
    for (const output of outputs) {
      const value = output.value ?? result
      if (output.type === 'insert') this.insert(textOf(value))
      else if (output.type === 'push') this.push(output.key, value)
      else this.write(output.key, value)
    }
  }

  #value(key: string): unknown {
    if (this.#outer === undefined || this.#values.has(key)) return this.#values.get(key)
    return this.#outer.#value(key)
  }

  #pushed(key: string): readonly unknown[] | undefined {
    const own = this.#stacks.get(key)
    return own !== undefined || this.#outer === undefined ? own : this.#outer.#pushed(key)
  }

  /** The list of a key, pushed or written or given. */
  #list(key: string): readonly unknown[] | undefined {
    const pushed = this.#pushed(key)
    if (pushed !== undefined) return pushed
    const value = this.#value(key)
    return Array.isArray(value) ? value : undefined
  }

  /** The list of a key as one that can change; `otherwise` where there is none. */
  #stack(key: string, otherwise: unknown[]): unknown[] {
    const own = this.#stacks.get(key)
    if (own !== undefined) return own
    const pushed = this.#pushed(key)
    const made = pushed?.slice() ?? this.#list(key)?.slice() ?? otherwise
    if (pushed === undefined && made !== otherwise) this.#values.set(key, undefined)
    this.#stacks.set(key, made)
    return made
  }
}

/** One text of several values. */
export function joined(
  values: readonly unknown[],
  {
    join = '',
    after = '',
  }: { readonly join?: string | undefined; readonly after?: string | undefined },
): string {
  const texts = bounded(values.map(textOf))
  refuseLong(texts.length * (join.length + after.length))
  return texts.map((text) => text + after).join(join)
}
