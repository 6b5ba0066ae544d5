import { ClientError } from './errors.ts'
import { isFunction, isRecord } from './guards.ts'
import { insistOnKnown } from './known-options.ts'

/** What an option may be. */
export interface Rule {
  readonly fits: (value: unknown) => boolean
  /** What fits, for who wrote something else. */
  readonly wanted: string
  readonly isNeeded?: boolean
}

/** Every option that there is, by its name. */
export type Rules = Readonly<Record<string, Rule>>

export const TEXT: Rule = { fits: (value) => typeof value === 'string', wanted: 'a text' }
export const TRUTH: Rule = { fits: (value) => typeof value === 'boolean', wanted: 'true or false' }
export const CLOCK: Rule = {
  fits: isFunction,
  wanted: 'a function that gives the milliseconds since 1970',
}
export const COUNT: Rule = {
  fits: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  wanted: 'a whole number, 1 or more',
}

export const WIDTH: Rule = {
  fits: (value) => value === Infinity || COUNT.fits(value),
  wanted: 'a whole number, 1 or more, or Infinity',
}

/** So many, or more; Infinity is no limit. */
export function atLeast(least: number, what: string): Rule {
  return {
    fits: (value) => typeof value === 'number' && value >= least,
    wanted: `a number${what}, ${least} or more`,
  }
}

/**
 * Refuses options that nobody would heed, and values that cannot be.
 *
 * @throws {ClientError} `INVALID_INPUT` naming what was called, the option and what it may be
 */
export function insistOnFit(what: string, options: unknown, rules: Rules): void {
  insistOnKnown(what, options, Object.keys(rules))
  const given = isRecord(options) ? options : {}
  for (const [name, { fits, wanted, isNeeded = false }] of Object.entries(rules)) {
    const value = given[name]
    if (value === undefined ? !isNeeded : fits(value)) continue
    const message = `${name} of ${what} must be ${wanted}, not ${shown(value)}`
    throw new ClientError('INVALID_INPUT', message)
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null) return 'null'
  return typeof value === 'number' ? String(value) : typeof value
}
