import { isList, isRecord, ownMember } from '../guards.ts'
import type { Absences, Row } from './scope.ts'

/** What is missing of values that are inside others, because a step was skipped. */

export type Inside = string | Absences | undefined

/** A value, and what is missing of it. */
export type Lacking = Pick<Row, 'value' | 'absent'>

/** What is missing of a value once it is inside another: all of it, or something in it. */
export function missingOf({ value, absent }: Lacking): Inside {
  return (value === undefined ? originIn(absent, '') : undefined) ?? absent
}

/** What is missing of the member at that place, by itself. */
export function missingAt(given: Lacking, path: readonly string[]): Inside {
  let missing = missingOf(given)
  let found = given.value
  for (const name of path) {
    if (typeof missing !== 'object') return missing
    missing = ownMember(missing, name)
    found = memberAt(found, name)
    // What has come to be there since is not missing any more.
    if (typeof missing === 'string' && found !== undefined) return undefined
  }
  return missing
}

/** The member of that name, or at that place of a list; none where the value has no such. */
export function memberAt(value: unknown, name: string): unknown {
  if (isList(value)) return value[Number(name)]
  return isRecord(value) ? ownMember(value, name) : undefined
}

/** What is missing of a list of rows; nothing where none lacks anything. */
export function missingOfAll(rows: readonly Lacking[]): Absences | undefined {
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
  const inside = ownMember(absent, column)
  if (typeof inside !== 'object') return absent
  const { [column]: _, ...others } = absent ?? {}
  const missing = inside[index]
  return missing === undefined ? others : { ...others, [column]: missing }
}

/** The step because of which all of that is missing; none where something is there. */
export function originIn(absent: Absences | undefined, name: string): string | undefined {
  const missing = ownMember(absent, name)
  return typeof missing === 'string' ? missing : undefined
}

/** The skipped step because of which there is nothing at all; none if there is something. */
export function originOfNone({ value, absent }: Lacking): string | undefined {
  return value === undefined ? originIn(absent, '') : undefined
}

/** The step because of which there is nothing at that place. */
export function originAt(
  absent: Absences | undefined,
  path: readonly PropertyKey[],
): string | undefined {
  let missing: Inside = absent
  for (const name of path)
    missing = typeof missing === 'object' ? ownMember(missing, String(name)) : undefined
  return typeof missing === 'string' ? missing : undefined
}

/** The first step because of which there is nothing somewhere in the value. */
export function originWithin(absent: Absences | undefined, value: unknown): string | undefined {
  if (!isRecord(value) && !isList(value)) return undefined
  for (const [name, missing] of Object.entries(absent ?? {})) {
    const member = memberAt(value, name)
    if (typeof missing === 'object') {
      const origin = originWithin(missing, member)
      if (origin !== undefined) return origin
    } else if (member === undefined) return missing
  }
  return undefined
}
