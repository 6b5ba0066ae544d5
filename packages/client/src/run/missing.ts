import { isList, isRecord } from '../guards.ts'
import type { Absences, Row } from './scope.ts'

/** What is missing of values that are inside others, because a step was skipped. */

type Inside = string | Absences | undefined

/** What is missing of a value once it is inside another: all of it, or something in it. */
export function missingOf({ value, absent }: Pick<Row, 'value' | 'absent'>): Inside {
  return (value === undefined ? originIn(absent, '') : undefined) ?? absent
}

/** What is missing of a list of rows; nothing where none lacks anything. */
export function missingOfAll(rows: readonly Pick<Row, 'value' | 'absent'>[]): Absences | undefined {
  let members: Record<string, string | Absences> | undefined
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]
    const missing = row?.absent && missingOf(row)
    if (missing !== undefined) (members ??= {})[i] = missing
  }
  return members
}

/** What is missing of an element that stands for itself again. */
export function missingOfElement(
  absent: Absences | undefined,
  index: number,
): Absences | undefined {
  const missing = absent?.[index]
  return typeof missing === 'string' ? { '': missing } : (missing ?? absent)
}

/** The same where the list is a column, and the element takes its place. */
export function missingInColumn(
  absent: Absences | undefined,
  column: string,
  index: number,
): Absences | undefined {
  const inside = absent?.[column]
  if (typeof inside !== 'object') return absent
  const { [column]: _, ...others } = absent ?? {}
  const missing = inside[index]
  return missing === undefined ? others : { ...others, [column]: missing }
}

/** The step because of which all of that is missing; none where something is there. */
export function originIn(absent: Absences | undefined, name: string): string | undefined {
  const missing = absent?.[name]
  return typeof missing === 'string' ? missing : undefined
}

/** The step because of which there is nothing at that place. */
export function originAt(
  absent: Absences | undefined,
  path: readonly PropertyKey[],
): string | undefined {
  let missing: Inside = absent
  for (const name of path) missing = typeof missing === 'object' ? missing[String(name)] : undefined
  return typeof missing === 'string' ? missing : undefined
}

/** The first step because of which there is nothing somewhere in the value. */
export function originWithin(absent: Absences | undefined, value: unknown): string | undefined {
  if (!isRecord(value) && !isList(value)) return undefined
  for (const [name, missing] of Object.entries(absent ?? {})) {
    const member: unknown = Reflect.get(value, name)
    if (typeof missing === 'object') {
      const origin = originWithin(missing, member)
      if (origin !== undefined) return origin
    } else if (member === undefined) return missing
  }
  return undefined
}
