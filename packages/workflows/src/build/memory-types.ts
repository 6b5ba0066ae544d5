import type { z } from 'zod'
import type { Condition, Input, Output } from '../document/document.ts'

/** The inputs of a workflow, each with its schema. */
export type Shape = Readonly<Record<string, z.ZodType>>

/** The values that a shape describes. Inputs whose schema is optional may be left out. */
export type InferShape<S extends Shape> = Flat<
  { [K in RequiredKeys<S>]: z.output<S[K]> } & {
    [K in Exclude<keyof S, RequiredKeys<S>>]?: z.output<S[K]>
  }
>

type RequiredKeys<S extends Shape> = {
  [K in keyof S]: undefined extends z.output<S[K]> ? never : K
}[keyof S]

type Flat<T> = { [K in keyof T]: T[K] }

/** A place for a step's result, with its key in the type. */
export interface OutputTo<K extends string = string, T extends Output['type'] = Output['type']> {
  readonly type: T
  readonly key: K
  readonly value?: string
}

/** `A` with the members of `B` in place of its own. */
export type Merge<A, B> = Flat<Omit<A, keyof B> & B>

/** Memory after a step whose result is a `V` and goes to the outputs `Os`. */
export type Stored<Mem, Os extends readonly OutputTo[], V> = Os extends readonly [
  OutputTo<infer K, infer T>,
  ...infer R extends readonly OutputTo[],
]
  ? Stored<Merge<Mem, Slot<K, T, V>>, R, V>
  : Mem

type Slot<K extends string, T, V> = T extends 'insert'
  ? unknown
  : { [P in K]: T extends 'push' ? V[] : V }

/** Replaces what is stored under a key. */
export function Write<const K extends string>(key: K): OutputTo<K, 'write'> {
  return { type: 'write', key }
}

/** Appends to the list of a key. */
export function Push<const K extends string>(key: K): OutputTo<K, 'push'> {
  return { type: 'push', key }
}

/** Stores the text for `HaveSimilar` conditions. The key is for people: all texts are looked up together. */
export function Insert<const K extends string>(key: K): OutputTo<K, 'insert'> {
  return { type: 'insert', key }
}

/** The value of a key. */
export function Read(key: string): Input {
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

/** The whole input of the workflow, as an object. */
export function WholeInput(): Input {
  return { type: 'input' }
}

/** Conditions on one key of memory. What they make is data. */
export type Reference<V> = {
  equals(value: V & Comparable): Condition
  notEquals(value: V & Comparable): Condition
} & ([V] extends [string] ? TextReference : unknown) &
  ([V] extends [number] ? NumberReference : unknown) &
  ([V] extends [readonly (infer Item)[]] ? ListReference<Item> : unknown)

type Comparable = string | number | boolean

interface TextReference {
  contains(part: string): Condition
  notContains(part: string): Condition
  /** Whether a text that was inserted is like this one, by 0.95 or the given similarity. */
  similar(least?: number): Condition
}

interface NumberReference {
  above(value: number): Condition
  below(value: number): Condition
  atLeast(value: number): Condition
  atMost(value: number): Condition
}

interface ListReference<Item> {
  includes(item: Item & Comparable): Condition
  lacks(item: Item & Comparable): Condition
  sizeAbove(size: number): Condition
  sizeBelow(size: number): Condition
}

/** Every key of memory, for conditions: `(memory) => memory.verdict.contains('Yes')`. */
export type References<Mem> = { readonly [K in keyof Mem]-?: Reference<NonNullable<Mem[K]>> }
