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
 */
export class Memory {
  readonly #input: Readonly<Record<string, unknown>>
  readonly #values: Map<string, unknown>
  readonly #stacks: Map<string, unknown[]>
  readonly #absent: Map<string, Absence>
  readonly #inserted: string[]

  constructor(
    input: Readonly<Record<string, unknown>>,
    before: Readonly<Record<string, unknown>> = {},
  ) {
    this.#input = input
    this.#values = new Map([...Object.entries(before), ...Object.entries(input)])
    this.#stacks = new Map()
    this.#absent = new Map()
    this.#inserted = []
  }

  /** A memory of its own that begins with what this one holds and `more`. */
  branch(more: Readonly<Record<string, unknown>>): Memory {
    const made = new Memory(this.#input)
    made.#values.clear()
    for (const [key, value] of this.#values) made.#values.set(key, value)
    for (const [key, stack] of this.#stacks) made.#stacks.set(key, [...stack])
    for (const [key, absence] of this.#absent) made.#absent.set(key, absence)
    made.#inserted.push(...this.#inserted)
    for (const [key, value] of Object.entries(more)) made.write(key, value)
    return made
  }

  read(key: string): unknown {
    const value = this.#values.get(key)
    return value === undefined ? this.#stacks.get(key)?.slice() : value
  }

  write(key: string, value: unknown): void {
    this.#values.set(key, value)
    this.#absent.delete(key)
  }

  push(key: string, value: unknown): void {
    const stack = this.#stack(key)
    if (stack === undefined) this.#stacks.set(key, [value])
    else stack.push(value)
    this.#absent.delete(key)
  }

  /** Takes the last pushed value off; `undefined` when there is none. */
  pop(key: string): unknown {
    return this.#stack(key)?.pop()
  }

  /** The pushed value at this index from the first; `undefined` when there is none. */
  peek(key: string, index: number): unknown {
    return this.#stack(key)?.[index]
  }

  /** All pushed values, the first one first. */
  all(key: string): readonly unknown[] {
    return this.#stack(key)?.slice() ?? []
  }

  size(key: string): number {
    return this.#stack(key)?.length ?? 0
  }

  /** Stores a text for `HaveSimilar`. */
  insert(text: string): void {
    this.#inserted.push(text)
  }

  get inserted(): readonly string[] {
    return this.#inserted
  }

  /** Notes why a key has no value. */
  leave(key: string, absence: Absence): void {
    this.#values.delete(key)
    this.#absent.set(key, absence)
  }

  absence(key: string): Absence | undefined {
    return this.#absent.get(key)
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
    return input.join === undefined ? values : values.map(textOf).join(input.join)
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

  /** The list of a key; a list that was written or given becomes one that can grow. */
  #stack(key: string): unknown[] | undefined {
    const stack = this.#stacks.get(key)
    if (stack !== undefined) return stack
    const value = this.#values.get(key)
    if (!Array.isArray(value)) return undefined
    const made: unknown[] = value.slice()
    this.#values.delete(key)
    this.#stacks.set(key, made)
    return made
  }
}
