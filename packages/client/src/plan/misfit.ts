import type { z } from 'zod'
import { ClientError } from '../errors.ts'
import { isRecord } from '../guards.ts'

type Issue = z.core.$ZodIssue
type Place = readonly PropertyKey[]

/** A row does not fit a step or pipeline. */
export class Misfit extends ClientError {
  readonly #isLack: boolean
  readonly #places: readonly Place[]

  constructor(message: string, isLack: boolean, places: readonly Place[] = []) {
    super('INVALID_INPUT', message)
    this.#isLack = isLack
    this.#places = places
  }

  /** Whether the row lacks something, and nothing else is wrong with it. */
  get isLack(): boolean {
    return this.#isLack
  }

  /** Where in the row something is wrong, as far as that is known. */
  get places(): readonly Place[] {
    return this.#places
  }

  /** Whether that column may be what is wrong. */
  mayBeOf(column: string): boolean {
    const isThere = ([first = column]: Place) => first === column
    return this.#places.length === 0 || this.#places.some(isThere)
  }
}

/** Whether all that a schema says of a value is that there is nothing where something must be. */
export function lacks({ issues }: z.ZodError, value: unknown): boolean {
  return issues.every((issue) => isAboutNothing(issue, value))
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

function memberOf(value: unknown, name: PropertyKey): unknown {
  return isRecord(value) || Array.isArray(value) ? Reflect.get(value, name) : undefined
}
