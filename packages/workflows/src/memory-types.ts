import type { z } from 'zod'
import type { Condition, Input, Output } from './document.ts'

/** The inputs of a workflow, each with its schema. */
export type Shape = Readonly<Record<string, z.ZodType>>

/** The values that a shape describes. */
export type InferShape<S extends Shape> = { [K in keyof S]: z.output<S[K]> }

/** A place for a step's result, with its key in the type. */
export interface OutputTo<K extends string = string, T extends Output['type'] = Output['type']> {
  readonly type: T
  readonly key: K
  readonly value?: string
}

type Merge<A, B> = {
  [K in keyof A | keyof B]: K extends keyof B ? B[K] : K extends keyof A ? A[K] : never
}

/** Memory after a step whose result is a `V` and goes to the outputs `Os`. */
export type Stored<Mem, Os extends readonly OutputTo[], V> = Os extends readonly [
  OutputTo<infer K, infer T>,
  ...infer R extends readonly OutputTo[],
]
  ? Stored<Merge<Mem, { [P in K]: T extends 'push' ? V[] : T extends 'insert' ? string : V }>, R, V>
  : Mem

/** Replaces what is stored under a key. */
export function Write<const K extends string>(key: K): OutputTo<K, 'write'> {
  return { type: 'write', key }
}

/** Appends to the list of a key. */
export function Push<const K extends string>(key: K): OutputTo<K, 'push'> {
  return { type: 'push', key }
}

/** The value of a key. */
export function Read<const K extends string>(key: K): Input {
  return { type: 'read', key }
}

/** Takes the last pushed value of a key off; absent when there is none. */
export function Pop(key: string): Input {
  return { type: 'pop', key }
}

/** The pushed value at an index, counted from the first; absent when there is none. */
export function Peek(key: string, index: number): Input {
  return { type: 'peek', key, index }
}

/** All pushed values of a key; an empty list when there are none. */
export function GetAll(key: string): Input {
  return { type: 'get_all', key }
}

/** How many values a key was pushed; 0 when none were. */
export function Size(key: string): Input {
  return { type: 'size', key }
}

/** This very text. */
export function Text(value: string): Input {
  return { type: 'string', value }
}

/** The whole input of the workflow. */
export function WholeInput(): Input {
  return { type: 'input' }
}

/** Conditions on one key of memory. What they make is data. */
export type Reference<V> = {
  equals(value: V & (string | number | boolean)): Condition
  notEquals(value: V & (string | number | boolean)): Condition
} & (V extends string
  ? {
      contains(part: string): Condition
      notContains(part: string): Condition
      similarTo(text: string): Condition
    }
  : unknown) &
  (V extends number
    ? {
        above(value: number): Condition
        below(value: number): Condition
        atLeast(value: number): Condition
        atMost(value: number): Condition
      }
    : unknown) &
  (V extends readonly (infer Item)[]
    ? {
        includes(item: Item & (string | number | boolean)): Condition
        sizeAbove(size: number): Condition
        sizeBelow(size: number): Condition
      }
    : unknown)

/** Every key of memory, for conditions: `(memory) => memory.verdict.contains('Yes')`. */
export type References<Mem> = { readonly [K in keyof Mem]-?: Reference<NonNullable<Mem[K]>> }
