/** A place in a document as text: `steps[2].branches.pro.steps[0].prompt`. */
export function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((place, part) => place + memberOf(part, place === ''), '')
}

function memberOf(part: PropertyKey, isFirst: boolean): string {
  if (typeof part === 'number') return `[${part}]`
  const name = String(part)
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name)) return `[${JSON.stringify(name)}]`
  return isFirst ? name : `.${name}`
}

/** What stands at a place of a value; `undefined` where nothing does. */
export function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value = json
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = Reflect.get(value, part)
  }
  return value
}
