/** A text, or what gives JSON its form. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gs

/**
 * A name that an object of a JSON text has twice, if one has: parsers keep the last of its members, and are silent about
 * the others. The text is valid JSON.
 */
export function repeatedNameIn(text: string): string | undefined {
  const around: Set<string>[] = []
  let latest = ''
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') around.push(new Set())
    else if (token === '}' || token === ']') around.pop()
    else if (token !== ':') latest = token
    else {
      const name = String(JSON.parse(latest))
      const names = around.at(-1)
      if (names?.has(name) === true) return name
      names?.add(name)
    }
  }
  return undefined
}
