import { ClientError } from '../errors.ts'
import { isList } from '../guards.ts'
import { canonicalText } from '../store/fingerprint.ts'
import { hashOf } from '../store/value-text.ts'
import type { Origin } from '../store/store.ts'
import { trailsIn, type CallTrail, type Trail } from './trail.ts'

/** A task that a value came through. */
export interface Ancestor extends Omit<Origin, 'trace'> {
  readonly task: string
  readonly step: string
  readonly attempts: number
  /** Nothing was run: the answer was there. */
  readonly cached: boolean
  /** Ids of the tasks that made what it was given; none where no step did. */
  readonly from: readonly string[]
}

/** Where a value comes from. */
export interface Ancestry {
  /** Of the value: equal values have equal hashes, on every machine. */
  readonly hash: string
  /** Numbers of the inputs that it came from, from 0. Several where equal values came of several inputs. */
  readonly inputs: readonly number[]
  /** Ids of the tasks that made it; none where no step did. */
  readonly makers: readonly string[]
  /** All that it came through, each task after those that it builds on. */
  readonly tasks: readonly Ancestor[]
}

/** A value that a run can tell the ancestry of. */
export interface Traced {
  readonly value: unknown
  readonly trail: Trail | undefined
  /** Numbers of the inputs. */
  readonly inputs: readonly number[]
}

/** Finds values of a run's result by themselves or by their hash. Nothing is hashed before somebody asks. */
export class Ancestries {
  readonly #run: string
  readonly #list: () => readonly Traced[]
  #listed: readonly Traced[] | undefined
  #byHash: ReadonlyMap<string, readonly Traced[]> | undefined

  constructor(run: string, list: () => readonly Traced[]) {
    this.#run = run
    this.#list = list
  }

  /**
   * Where a value or what has this hash comes from. Of equal values, an object means itself; a text or a number, like
   * a hash, all of them.
   *
   * @throws {ClientError} `INVALID_INPUT` nothing in the result is that
   */
  of(value: unknown): Ancestry {
    const found = this.#find(value)
    const [first] = found
    if (!first) throw new ClientError('INVALID_INPUT', this.#unknown(value))
    const { makers, tasks } = follow(found.map(({ trail }) => trail))
    const inputs = [...new Set(found.flatMap((traced) => traced.inputs))].toSorted((a, b) => a - b)
    return { hash: hashOfValue(first.value) ?? '', inputs, makers, tasks }
  }

  get #traced(): readonly Traced[] {
    return (this.#listed ??= this.#list().flatMap(withElements))
  }

  #find(value: unknown): readonly Traced[] {
    if (typeof value === 'object' && value !== null) {
      const itself = this.#traced.filter((traced) => traced.value === value)
      if (itself.length > 0) return itself
    }
    const byHash = (this.#byHash ??= Map.groupBy(
      this.#traced,
      (traced) => hashOfValue(traced.value) ?? '',
    ))
    const hash = hashOfValue(value)
    const equal = hash === undefined ? undefined : byHash.get(hash)
    return equal ?? (typeof value === 'string' ? (byHash.get(value) ?? []) : [])
  }

  #unknown(value: unknown): string {
    const what = typeof value === 'string' ? 'value or hash' : 'value'
    return `the result of run '${this.#run}' has no such ${what}: lineage() takes what is in its output, or an answer in its tasks`
  }
}

/** What was gathered, and each of what was gathered. */
function withElements(traced: Traced): Traced[] {
  const { value, inputs } = traced
  const trails = isList(value) ? trailsIn(value) : undefined
  if (!trails || !isList(value)) return [traced]
  return [traced, ...value.map((element, i) => ({ value: element, trail: trails[i], inputs }))]
}

/** None where it cannot be written down. */
function hashOfValue(value: unknown): string | undefined {
  try {
    return hashOf(canonicalText(value))
  } catch {
    return undefined
  }
}

/** The calls that trails lead to first, and all behind them, those that are built on first. */
function follow(trails: readonly (Trail | undefined)[]): Pick<Ancestry, 'makers' | 'tasks'> {
  const makersOf = nearestCalls()
  const tasks = new Map<string, Ancestor>()
  const seen = new Set<Trail>()
  // A list instead of recursion: a plan may have more steps than the stack has room.
  const open: { readonly trail: Trail; readonly isEntered: boolean }[] = []
  const visit = (trail: Trail | undefined) => {
    if (trail && !seen.has(trail)) open.push({ trail, isEntered: false })
  }
  for (const trail of trails.toReversed()) visit(trail)
  for (let next = open.pop(); next; next = open.pop()) {
    const { trail, isEntered } = next
    if (isEntered) {
      if ('task' in trail) tasks.set(trail.task, ancestorOf(trail, makersOf(trail.from)))
    } else if (!seen.has(trail)) {
      seen.add(trail)
      open.push({ trail, isEntered: true })
      for (const before of behind(trail).toReversed()) visit(before)
    }
  }
  return { makers: makersOf({ members: trails }), tasks: [...tasks.values()] }
}

function behind(trail: Trail): readonly (Trail | undefined)[] {
  return 'task' in trail ? [trail.from] : trail.members
}

function ancestorOf(
  { task, step, attempts, cached, origin }: CallTrail,
  from: readonly string[],
): Ancestor {
  return { task, step, attempts, cached, ...origin, from }
}

/** Finds the calls that a trail leads to first. Many calls may build on the same: their list is made once. */
function nearestCalls(): (trail: Trail | undefined) => readonly string[] {
  const known = new Map<Trail, readonly string[]>()
  const find = (trail: Trail | undefined): readonly string[] => {
    if (!trail) return []
    let found = known.get(trail)
    if (!found) {
      found = 'task' in trail ? [trail.task] : [...new Set(trail.members.flatMap(find))]
      known.set(trail, found)
    }
    return found
  }
  return find
}
