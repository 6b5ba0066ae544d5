/**
 * The text, if UTF-8 can hold it.
 *
 * @throws {RangeError} naming the place
 */
export function insistOnWellFormed(text: string, place: string): string {
  if (text.isWellFormed()) return text
  throw new RangeError(
    `${place}: half a character (a lone surrogate), which UTF-8 has no bytes for: save it as .jsonl, or replace it with toWellFormed()`,
  )
}
