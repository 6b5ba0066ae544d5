import { ClientError } from '../errors.ts'
import { isList, isPlain } from '../guards.ts'
import { namesOf, takesOthers } from './fit-input.ts'
import type { Wiring } from './plan.ts'
import type { z } from 'zod'

/** A value that will be there when the graph runs. Its fields are references, too. */
export type Ref<T> = { readonly '~ref': () => T } & RefFields<T>

type RefFields<T> = 0 extends 1 & T
  ? unknown
  : NonNullable<T> extends readonly unknown[]
    ? unknown
    : NonNullable<T> extends object
      ? { readonly [K in keyof NonNullable<T>]-?: Ref<FieldOf<T, K>> }
      : unknown

/** A field of what may be absent may be absent. */
type FieldOf<T, K extends keyof NonNullable<T>> = undefined extends T
  ? NonNullable<T>[K] | undefined
  : NonNullable<T>[K]

/** What a place of an input takes: a reference, the value itself, or an object or list of these. */
export type Wire<T> =
  | RefTo<T>
  | T
  | (T extends readonly (infer E)[]
      ? readonly Wire<E>[]
      : T extends object
        ? { readonly [K in keyof T]: Wire<T[K]> }
        : never)

/** The same where what is needed may be absent. */
export type LooseWire<T> =
  | RefTo<T | undefined>
  | T
  | (T extends readonly (infer E)[]
      ? readonly LooseWire<E>[]
      : T extends object
        ? { readonly [K in keyof T]: LooseWire<T[K]> }
        : never)

interface RefTo<T> {
  readonly '~ref': () => T
}

/** What references become when the graph has run. */
export type Resolved<W> = W extends { readonly '~ref': () => infer T }
  ? T
  : W extends object
    ? { [K in keyof W]: Resolved<W[K]> }
    : W

interface Target {
  /** The graph that it belongs to. */
  readonly owner: object
  readonly wiring: Extract<Wiring, { kind: 'input' | 'part' }>
  readonly schema: z.ZodType | undefined
  readonly what: string
}

const targets = new WeakMap<object, Target>()

/** Makes a reference. Asked for a field that its schema lacks it throws `INVALID_PLAN`. */
export function refTo(target: Target): object {
  const ref: object = new Proxy(Object.freeze({}), {
    // Whoever awaits a reference asks it for a `then`: where there is none, that is no mistake.
    get: (_, name) =>
      typeof name === 'string' && (name !== 'then' || mayHave(target, name))
        ? field(target, name)
        : undefined,
  })
  targets.set(ref, target)
  return ref
}

/** Names of its fields, where its schema has them all. */
function fieldsOf({ schema }: Target): readonly string[] | undefined {
  return schema && !takesOthers(schema) ? namesOf(schema) : undefined
}

function mayHave(target: Target, name: string): boolean {
  return fieldsOf(target)?.includes(name) ?? true
}

function field(target: Target, name: string): object {
  const { owner, wiring, what } = target
  if (!mayHave(target, name)) {
    const names = fieldsOf(target) ?? []
    const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
    throw new ClientError('INVALID_PLAN', `${what} has no field '${name}'; ${has}`)
  }
  const path = [...wiring.path, name]
  const inner = wiring.kind === 'input' ? { kind: wiring.kind, path } : { ...wiring, path }
  return refTo({ owner, wiring: inner, schema: undefined, what: `${what}.${name}` })
}

/**
 * What a wire means. Every reference must belong to that graph.
 *
 * @throws {ClientError} `INVALID_PLAN`
 */
export function wiringOf(wire: unknown, owner: object, where: string): Wiring {
  if (typeof wire === 'object' && wire !== null) {
    const target = targets.get(wire)
    if (target?.owner === owner) return target.wiring
    if (target) {
      throw new ClientError('INVALID_PLAN', `${where} is wired to ${target.what} of another graph`)
    }
  }
  if (isList(wire)) {
    return { kind: 'list', items: wire.map((item, i) => wiringOf(item, owner, `${where}[${i}]`)) }
  }
  if (!isPlain(wire)) return { kind: 'value', value: wire }
  const fields = Object.entries(wire).map(
    ([name, inner]) => [name, wiringOf(inner, owner, `${where}.${name}`)] as const,
  )
  return { kind: 'object', fields: Object.fromEntries(fields) }
}

/** Places of the parts that a wiring needs, in order. */
export function needsOf(wiring: Wiring): number[] {
  const needs = new Set<number>()
  collect(wiring, needs)
  return [...needs].toSorted((a, b) => a - b)
}

function collect(wiring: Wiring, needs: Set<number>): void {
  if (wiring.kind === 'part') needs.add(wiring.part)
  if (wiring.kind === 'list') for (const item of wiring.items) collect(item, needs)
  if (wiring.kind === 'object') {
    for (const inner of Object.values(wiring.fields)) collect(inner, needs)
  }
}
