import type { z } from 'zod'
import { isRecord, isSchema } from '../guards.ts'
import { listed } from '../listing.ts'
import { columnsOf } from './columns.ts'
import type { ParallelNode, Plan } from './plan.ts'
import { isPolicyOption, type PolicyOptions } from './policy.ts'
import { invalid } from './runnable.ts'

/** The options of `parallel` as JavaScript gives them. */
export interface LooseParallelOptions extends PolicyOptions {
  readonly combined?: z.ZodType
  readonly as?: string
  readonly each?: boolean
  readonly onError?: 'fail' | 'collect'
}

type Settings = Pick<ParallelNode, 'combined' | 'as' | 'each' | 'isTolerant'>

const OWN: ReadonlySet<string> = new Set(['combined', 'as', 'each', 'onError'])

/**
 * Tells what is said about `parallel` from what is said about each of its steps.
 *
 * @throws {ClientError} `INVALID_PLAN` naming the option
 */
export function parallelOptions(options: LooseParallelOptions): {
  readonly settings: Settings
  readonly policy: PolicyOptions
} {
  checkKnown(options)
  const { combined, as, each = combined === undefined, onError = 'fail', ...policy } = options
  checkColumn(as)
  checkGiven({ combined, as, each })
  if (onError !== 'fail' && onError !== 'collect') {
    throw invalid("onError of parallel() is 'fail' or 'collect'")
  }
  return { settings: { combined, as, each, isTolerant: onError === 'collect' }, policy }
}

function checkKnown(options: unknown): void {
  if (!isRecord(options)) throw invalid('the options of parallel() must be an object')
  const unknown = Object.keys(options).find((key) => !OWN.has(key) && !isPolicyOption(key))
  if (unknown !== undefined) throw invalid(`parallel() has an unknown option '${unknown}'`)
}

function checkColumn(as: unknown): void {
  if (as === undefined || (typeof as === 'string' && as !== '')) return
  throw invalid('as of parallel() must be the name of a column')
}

function checkGiven({ combined, as, each }: Omit<Settings, 'isTolerant'>): void {
  if (!combined) {
    if (as !== undefined) throw invalid('as of parallel() names what is combined: say combined')
    if (!each) throw invalid('parallel() needs each, combined, or both')
    return
  }
  if (!isObjectSchema(combined)) {
    throw invalid('combined of parallel() must be a Zod object: z.object({ … })')
  }
  if (each && as === undefined) {
    throw invalid('parallel() with each and combined needs the column for the latter: as')
  }
}

/**
 * Checks that names do not collide, and that the branches make what they are combined to.
 *
 * @throws {ClientError} `INVALID_PLAN` naming the column or field
 */
export function checkParallel(before: Plan, names: readonly string[], settings: Settings): void {
  const { combined, as, each } = settings
  const taken = columnsOf(before) ?? new Set()
  const added = [...(each ? names : []), ...(as === undefined ? [] : [as])]
  const twice = added.find((name, i) => taken.has(name) || added.indexOf(name) !== i)
  if (twice !== undefined) {
    throw invalid(`parallel(): the column '${twice}' is there already; choose another name`)
  }
  if (combined && isObjectSchema(combined)) checkCombined(combined.shape, names)
}

function checkCombined(shape: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  const homeless = names.find((name) => !Object.hasOwn(shape, name))
  if (homeless !== undefined) {
    throw invalid(`combined of parallel() has no field '${homeless}' for that branch`)
  }
  const unfilled = Object.entries(shape).filter(
    ([field, schema]) =>
      !names.includes(field) && !(isSchema(schema) && schema.safeParse(undefined).success),
  )
  if (unfilled.length > 0) {
    const fields = listed(unfilled.map(([field]) => field))
    throw invalid(`combined of parallel() needs ${fields}, which no branch gives`)
  }
}

function isObjectSchema(
  schema: z.ZodType,
): schema is z.ZodType & { readonly shape: Readonly<Record<string, unknown>> } {
  return isSchema(schema) && 'shape' in schema && isRecord(schema.shape)
}
