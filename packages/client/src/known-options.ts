import { ClientError } from './errors.ts'
import { isRecord } from './guards.ts'

/**
 * Refuses options that nobody would heed: most are misspelt.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option and those that there are
 */
export function insistOnKnown(what: string, options: unknown, known: readonly string[]): void {
  const unknown = Object.keys(given(what, options)).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new ClientError(
    'INVALID_INPUT',
    `${what} has no option '${unknown}'; it has ${known.join(', ')}`,
  )
}

/**
 * The options, if they are any.
 *
 * @throws {ClientError} `INVALID_INPUT` naming what they are of
 */
export function given<T>(what: string, options: T): T & object {
  if (isRecord(options)) return options
  throw new ClientError('INVALID_INPUT', `the options of ${what} must be an object`)
}
