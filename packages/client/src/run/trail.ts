import type { Origin } from '../store/store.ts'

/** What a value came through: a call, or several values that were brought together. None: no step had a part in it. */
export type Trail = CallTrail | JointTrail

export interface CallTrail {
  readonly task: string
  readonly step: string
  readonly attempts: number
  /** Nothing was run: the answer was there. */
  readonly cached: boolean
  readonly origin: Origin
  /** Of what the step was given. */
  readonly from: Trail | undefined
}

export interface JointTrail {
  readonly members: readonly (Trail | undefined)[]
}

/** The origin without prompts and answers: rows carry it for as long as they live. */
export function untraced(origin: Origin): Origin {
  if (origin.trace === undefined) return origin
  const { trace: _, ...rest } = origin
  return rest
}

/** One trail for values that are brought together. */
export function joined(members: readonly (Trail | undefined)[]): Trail | undefined {
  const [first] = members
  return members.every((member) => member === first) ? first : { members }
}

/** Trails of the elements of lists, for as long as somebody holds the list. */
const elements = new WeakMap<object, readonly (Trail | undefined)[]>()

/** The list, whose elements can be told from each other from now on. */
export function withTrails<T extends object>(
  list: T,
  trails: readonly (Trail | undefined)[],
): { readonly value: T; readonly trail: Trail | undefined } {
  elements.set(list, trails)
  return { value: list, trail: joined(trails) }
}

/** What each element of the list came through; none where it is no list that a verb gathered. */
export function trailsIn(list: object): readonly (Trail | undefined)[] | undefined {
  return elements.get(list)
}
