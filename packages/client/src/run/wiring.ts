import { isList, isRecord } from '../guards.ts'
import type { Wiring } from '../plan/plan.ts'

/** What the wires of a graph carry for one row. */
export interface Values {
  readonly input: unknown
  /** What each part gave; none where it was skipped. */
  readonly parts: readonly (Came | undefined)[]
}

/** What came of a part: a value, or nothing, because that step was skipped. */
export type Came = { readonly value: unknown } | { readonly skipped: string }

/** What became of a wiring. */
interface Wired {
  /** Without the fields that are missing. */
  readonly value: unknown
  /** The skipped step that something is missing because of. */
  readonly missing: string | undefined
}

const NOTHING = Symbol('nothing')

/** Follows the wires. A field whose value is missing is left out. */
export function follow(wiring: Wiring, values: Values): Wired {
  const missing: string[] = []
  const value = resolve(wiring, values, missing)
  return { value: value === NOTHING ? undefined : value, missing: missing[0] }
}

function resolve(wiring: Wiring, values: Values, missing: string[]): unknown {
  if (wiring.kind === 'value') return wiring.value
  if (wiring.kind === 'input') return valueAt(values.input, wiring.path)
  if (wiring.kind === 'part') {
    const part = values.parts[wiring.part]
    if (part && 'value' in part) return valueAt(part.value, wiring.path)
    missing.push(part ? part.skipped : '')
    return NOTHING
  }
  if (wiring.kind === 'list') {
    return wiring.items.map((item) => {
      const value = resolve(item, values, missing)
      return value === NOTHING ? undefined : value
    })
  }
  const fields: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(wiring.fields)) {
    const value = resolve(field, values, missing)
    if (value !== NOTHING) fields[name] = value
  }
  return fields
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value
  for (const name of path) {
    if (isList(found)) found = found[Number(name)]
    else found = isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined
  }
  return found
}
