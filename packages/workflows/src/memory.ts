import type { Input, Output } from './document.ts'

/** Why a key has no value: the step whose failure or condition left the gap. */
export interface Absence {
  readonly origin: string
  readonly reason: string
}

/**
 * What a workflow remembers: values under keys (`write`), lists that grow (`push`), and texts with their
 * vectors (`insert`). A key that was pushed to reads as its list.
 */
export class Memory {
  readonly #input: Readonly<Record<string, unknown>>
  readonly #values: Map<string, unknown>
  readonly #stacks: Map<string, unknown[]>
  readonly #absent: Map<string, Absence>

  constructor(input: Readonly<Record<string, unknown>>, from?: Memory) {
    this.#input = input
    this.#values = new Map(from === undefined ? Object.entries(input) : from.#values)
    this.#stacks = new Map()
    this.#absent = new Map(from === undefined ? [] : from.#absent)
    if (from === undefined) return
    for (const [key, stack] of from.#stacks) this.#stacks.set(key, [...stack])
  }

  /** A memory of its own that begins with what this one holds. */
  branch(): Memory {
    return new Memory(this.#input, this)
  }

  read(key: string): unknown {
    const value = this.#values.get(key)
    return value === undefined ? this.#stacks.get(key) : value
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
    return [...(this.#stack(key) ?? [])]
  }

  size(key: string): number {
    return this.#stack(key)?.length ?? 0
  }

  /** Notes why a key has no value. */
  leave(key: string, absence: Absence): void {
    this.#absent.set(key, absence)
  }

  absence(key: string): Absence | undefined {
    return this.read(key) === undefined ? this.#absent.get(key) : undefined
  }

  /** What an input of a step is now; `undefined` for what is not there. */
  take(input: Input): unknown {
    if (typeof input === 'string') return this.read(input)
    switch (input.type) {
      case 'read':
        return this.read(input.key)
      case 'pop':
        return this.pop(input.key)
      case 'peek':
        return this.peek(input.key, input.index)
      case 'get_all': {
        const values = this.all(input.key)
        return input.join === undefined ? values : values.map(textOfEntry).join(input.join)
      }
      case 'size':
        return this.size(input.key)
      case 'string':
        return input.value
      case 'input':
        return this.#input
    }
  }

  /** Puts a step's result where its outputs say. `insert` is the interpreter's affair. */
  put(outputs: readonly Output[], result: unknown): void {
    for (const { type, key, value } of outputs) {
      if (type === 'push') this.push(key, value ?? result)
      else this.write(key, value ?? result)
    }
  }

  /** The list of a key; a list that was written or given becomes one that can grow. */
  #stack(key: string): unknown[] | undefined {
    const stack = this.#stacks.get(key)
    if (stack !== undefined) return stack
    const value = this.#values.get(key)
    if (!Array.isArray(value)) return undefined
    const made: unknown[] = [...(value as readonly unknown[])]
    this.#values.delete(key)
    this.#stacks.set(key, made)
    return made
  }
}

function textOfEntry(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
