import { isRounded } from '@skein/client'

/** JSON whose numbers are kept as they are. Throws a `RangeError` naming what would be rounded, or a `SyntaxError`. */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, insistOnExact) as unknown
}

/** Rounded, two ids would become one. */
function insistOnExact(
  key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (!isRounded(context?.source ?? '', value)) return value
  const place = key === '' ? '' : `${key}: `
  throw new RangeError(
    `${place}a number beyond 2^53 would be rounded; write it in quotes, as a text`,
  )
}
