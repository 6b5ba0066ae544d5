import { isRecord } from '../guards.ts'
import { messageOf } from '../errors.ts'

/**
 * A value of a row as JSON; none where it has no form there, such as a function.
 *
 * @param index of the row, from 0
 * @throws {RangeError} naming the place and what cannot be written
 */
export function jsonTextOf(value: unknown, index: number, column?: string): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (thrown) {
    const name = column ?? (isRecord(value) ? culpritIn(value) : undefined)
    const where = name === undefined ? '' : `, ${name}`
    throw new RangeError(`row ${index + 1}${where}: ${reasonOf(thrown)}`, { cause: thrown })
  }
}

/** The first field that cannot be written. */
function culpritIn(row: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(row).find((name) => {
    try {
      JSON.stringify(row[name])
      return false
    } catch {
      return true
    }
  })
}

function reasonOf(thrown: unknown): string {
  const [message = ''] = messageOf(thrown).split('\n')
  if (/BigInt/.test(message)) return 'JSON has no bigint; make it a number or a text'
  return /circular/.test(message) ? 'it holds itself' : message
}
