import type { Misfit } from '../document/misfit.ts'
import { placeOf, valueAt } from '../document/place.ts'

/** A document whose wrong places are mended or left out, so that the rest can be followed. */
export interface Mended {
  readonly json: unknown
  /** A place of it as one of the document that it was made of. */
  place(path: string): string
  /** Whether a place has lost what it said. */
  isLeftOut(path: string): boolean
}

/** With more than these wrong, the rest says little. */
const MOST_MISFITS = 100

/** Members of a step that do not say what it reads, writes or leads to. */
const ASIDE: ReadonlySet<PropertyKey> = new Set(
  'title description retry timeoutMs schema models sampling maxTokens rounds type language count concurrency'.split(
    ' ',
  ),
)

/** Members of a document of the kind. */
const ASIDE_IN_ALL: ReadonlySet<PropertyKey> = new Set(['description', 'limits'])

/**
 * Mends what is wrong without a guess about the flow: misspelt keys get the name that was meant, keys that mean
 * nothing and values that the flow does not depend on are left out. `undefined` where anything else is wrong.
 */
export function withoutMisfits(json: unknown, misfits: readonly Misfit[]): Mended | undefined {
  if (misfits.length > MOST_MISFITS) return undefined
  let mended = json
  const names: (readonly [now: string, before: string])[] = []
  const leftOut: string[] = []
  for (const { path, kind, meant } of misfits) {
    const place = kind === 'unknown' ? path : asideIn(path)
    if (place === undefined) return undefined
    const around = place.slice(0, -1)
    const isFree = meant !== undefined && valueAt(mended, [...around, meant]) === undefined
    mended = renamed(mended, place, isFree ? meant : undefined)
    if (isFree) names.push([placeOf([...around, meant]), placeOf(path)])
    else leftOut.push(placeOf(place))
  }
  return {
    json: mended,
    place: (path) => {
      const [now = '', before = ''] = names.find(([name]) => isWithin(path, name)) ?? []
      return before + path.slice(now.length)
    },
    isLeftOut: (path) => leftOut.some((place) => isWithin(path, place)),
  }
}

/** The member that a place belongs to and that the flow does not depend on. */
function asideIn(path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
  if (ASIDE_IN_ALL.has(path[0] ?? '')) return path.slice(0, 1)
  const index = path.findLastIndex(
    (part, at) => path[at - 2] === 'steps' && typeof path[at - 1] === 'number' && ASIDE.has(part),
  )
  return index === -1 ? undefined : path.slice(0, index + 1)
}

/** A copy in which a member has another name, or none. */
function renamed(value: unknown, [key, ...rest]: readonly PropertyKey[], name?: string): unknown {
  if (typeof value !== 'object' || value === null || key === undefined) return value
  if (!Object.hasOwn(value, key)) return value
  const member: unknown = Reflect.get(value, key)
  if (Array.isArray(value)) return value.with(Number(key), renamed(member, rest, name))
  const entries = Object.entries(value).flatMap(([own, entry]): [string, unknown][] => {
    if (own !== key) return [[own, entry]]
    if (rest.length > 0) return [[own, renamed(entry, rest, name)]]
    return name === undefined ? [] : [[name, entry]]
  })
  return Object.fromEntries(entries)
}

/** Whether a place is another one or in it. */
function isWithin(path: string, place: string): boolean {
  return path.startsWith(place) && /^(?:$|[.[])/.test(path.slice(place.length))
}
