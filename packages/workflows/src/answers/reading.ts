/** What came of reading a model's answer: a value that matches the schema, or why there is none. */
export type Reading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string }

/** The value of a JSON text; `undefined` where it is none. */
export function strictJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
