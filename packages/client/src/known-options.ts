import { ClientError } from './errors.ts'
import { isRecord } from './guards.ts'

/**
 * Refuses options that nobody would heed: most are misspelt.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the option and those that there are
 */
export function insistOnKnown(what: string, options: unknown, known: readonly string[]): void {
  if (!isRecord(options)) {
    throw new ClientError('INVALID_INPUT', `the options of ${what} must be an object`)
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new ClientError(
    'INVALID_INPUT',
    `${what} has no option '${unknown}'; it has ${known.join(', ')}`,
  )
}
