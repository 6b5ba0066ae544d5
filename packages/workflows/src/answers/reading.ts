/** What came of reading a model's answer: a value that matches the schema, or why there is none. */
export type Reading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string }

/** The value of a JSON text; `undefined` where it is none. */
export function strictJson(text: string): unknown {
  // Most candidates are none, and an exception takes a hundred times as long as a look.
  if (!JSON_START.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

const JSON_START = /^\s*["[{\d\-tfn]/
