/** Names in a sentence: `'a', 'b' and 'c'`. */
export function listed(names: readonly string[]): string {
  return enumerated(names.map((name) => `'${name}'`))
}

/** Several things in a sentence: `a, b and c`. */
export function enumerated(texts: readonly string[]): string {
  const last = texts.at(-1) ?? ''
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`
}
