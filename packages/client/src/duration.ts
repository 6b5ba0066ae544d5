import { ClientError, type ClientErrorCode } from './errors.ts'

/** A length of time: milliseconds, or a number with a unit: `'90s'`, `'1.5m'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * A duration in milliseconds.
 *
 * @throws {ClientError} `INVALID_INPUT`, or that code, naming what it was for
 */
export function toMs(
  duration: string | number,
  what: string,
  code: ClientErrorCode = 'INVALID_INPUT',
): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration)) ?? []
  const ms = typeof duration === 'number' ? duration : Number(amount) * (UNITS[unit ?? ''] ?? NaN)
  if (ms >= 0) return ms
  throw new ClientError(
    code,
    `${what} is ${typeof duration === 'number' ? duration : JSON.stringify(duration)}; write milliseconds or a text such as '90s', '5m', '2h'`,
  )
}
