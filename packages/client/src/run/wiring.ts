import type { Wiring } from '../plan/plan.ts'
import { memberAt, missingAt, type Inside, type Lacking } from './missing.ts'
import type { Absences } from './scope.ts'

/** What the wires of a graph carry for one row. */
export interface Values {
  readonly input: Lacking
  /** What each part gave; where it was skipped, all of that is missing. */
  readonly parts: readonly (Lacking | undefined)[]
}

const NOTHING = Symbol('nothing')

/** Follows the wires. A field is left out that is missing of what a part gave. */
export function follow(wiring: Wiring, values: Values): unknown {
  const value = resolve(wiring, values)
  return value === NOTHING ? undefined : value
}

/** What is missing of that, because of which steps. */
export function missingOfWires(wiring: Wiring, values: Values): Absences | undefined {
  const missing = missingIn(wiring, values)
  return typeof missing === 'string' ? { '': missing } : missing
}

function resolve(wiring: Wiring, values: Values): unknown {
  if (wiring.kind === 'value') return wiring.value
  if (wiring.kind === 'input') return valueAt(values.input.value, wiring.path)
  if (wiring.kind === 'part') return givenBy(values.parts[wiring.part], wiring.path)
  if (wiring.kind === 'list') return wiring.items.map((item) => follow(item, values))
  const fields = Object.entries(wiring.fields).flatMap(([name, field]) => {
    const value = resolve(field, values)
    return value === NOTHING ? [] : [[name, value] as const]
  })
  return Object.fromEntries(fields)
}

function givenBy(part: Lacking | undefined, path: readonly string[]): unknown {
  const isMissing = part?.absent && typeof missingAt(part, path) === 'string'
  return part && !isMissing ? valueAt(part.value, path) : NOTHING
}

function missingIn(wiring: Wiring, values: Values): Inside {
  if (wiring.kind === 'value') return undefined
  if (wiring.kind === 'input') return missingAt(values.input, wiring.path)
  if (wiring.kind === 'part') {
    const part = values.parts[wiring.part]
    return part && missingAt(part, wiring.path)
  }
  const members = wiring.kind === 'list' ? wiring.items : wiring.fields
  let absent: Record<string, string | Absences> | undefined
  for (const [name, member] of Object.entries(members)) {
    const missing = missingIn(member, values)
    if (missing !== undefined) (absent ??= {})[name] = missing
  }
  return absent
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce(memberAt, value)
}
