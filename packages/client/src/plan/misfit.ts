import type { z } from 'zod'
import { ClientError } from '../errors.ts'
import { isList, isRecord } from '../guards.ts'

type Issue = z.core.$ZodIssue
type Place = readonly PropertyKey[]

/** A row does not fit a step or pipeline. */
export class Misfit extends ClientError {
  readonly #places: readonly Place[]

  constructor(message: string, places: readonly Place[] = []) {
    super('INVALID_INPUT', message)
    this.#places = places
  }

  /** Where in the row there is nothing, if nothing else is wrong with it. */
  get places(): readonly Place[] {
    return this.#places
  }

  /** Whether that column may be what is lacking. */
  mayBeOf(column: string): boolean {
    const isThere = ([first = column]: Place) => first === column
    return this.#places.some(isThere)
  }
}

/** What a schema says of a row, which may stand for the only input of a step. */
export interface Reading {
  readonly issues: readonly Issue[]
  readonly value: unknown
  /** How far inside the value the row stands. */
  readonly depth: 0 | 1
}

/** Where there is nothing in the row, in each reading in which nothing else is wrong with it. */
export function lackingIn(readings: readonly Reading[]): Place[] {
  return readings.flatMap(({ issues, value, depth }) =>
    issues.every((issue) => isAboutNothing(issue, value))
      ? issues.map(({ path }) => path.slice(depth))
      : [],
  )
}

/** Whether there is nothing where the issue is; of a union, whether one of its members lacks something only. */
export function isAboutNothing(issue: Issue, value: unknown): boolean {
  const place = issue.path.reduce(memberOf, value)
  if (place === undefined) return true
  if (issue.code !== 'invalid_union') return false
  return issue.errors.some(
    (issues) => issues.length > 0 && issues.every((inner) => isAboutNothing(inner, place)),
  )
}

export function memberOf(value: unknown, name: PropertyKey): unknown {
  if (!isRecord(value) && !isList(value)) return undefined
  const isOfAll = name in Object.prototype && !Object.hasOwn(value, name)
  return isOfAll ? undefined : Reflect.get(value, name)
}
