import { isList, isPlain } from '../guards.ts'

/** What can be named behind a dot. */
const WORD = /^[\p{L}_$][\p{L}\p{N}_$]*$/u

/** What is nested deeper is told no further: at each level all below is looked at. */
const MOST_LEVELS = 500

/**
 * Where in a value that is which does not fit, as a program would reach it: `pattern[2]`. Empty where that is the value
 * itself, or where nobody can say. Looks at all of it again at each level: for what has failed already.
 */
export function placeIn(value: unknown, fits: (member: unknown) => boolean): string {
  const above = new Set<object>()
  let place = ''
  let next = value
  while ((isList(next) || isPlain(next)) && !above.has(next) && above.size < MOST_LEVELS) {
    above.add(next)
    const members: object = next
    const memberOf = (name: string): unknown => Reflect.get(members, name)
    const name = Object.keys(members).find((key) => !fits(memberOf(key)))
    if (name === undefined) break
    if (isList(next)) place += `[${name}]`
    else if (WORD.test(name)) place += place === '' ? name : `.${name}`
    else place += `[${JSON.stringify(name)}]`
    next = memberOf(name)
  }
  return place
}
