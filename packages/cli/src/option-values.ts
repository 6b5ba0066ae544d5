import { InvalidArgumentError, Option } from 'commander'

/** Reading the values of options. */

/** An option that may be given several times. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

/** @throws {InvalidArgumentError} */
export function positiveInteger(text: string): number {
  const value = positiveNumber(text)
  if (Number.isInteger(value)) return value
  throw new InvalidArgumentError('It must be a whole number above 0.')
}

/** @throws {InvalidArgumentError} */
export function port(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value < 65_536) return value
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
}

/** @throws {InvalidArgumentError} */
export function positiveNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}

/** How long a run without nodes waits. */
export function waitForNodes(): Option {
  return new Option(
    '--wait-for-nodes [seconds]',
    'wait for a node with the wanted model, for ever or so long',
  ).argParser(positiveNumber)
}

/** @throws {InvalidArgumentError} */
export function someText(text: string): string {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('It must not be empty.')
}
