import { ClientError } from '../errors.ts'
import { isRecord } from '../guards.ts'
import { insistOnKnown } from '../known-options.ts'

/** What callers write about queues and caches, checked where it arrives: a lease without an end would lose its item. */

interface Rule {
  readonly fits: (value: unknown) => boolean
  /** What fits, for who wrote something else. */
  readonly wanted: string
  readonly isNeeded?: boolean
}

type Rules = Readonly<Record<string, Rule>>

const isText = (value: unknown) => typeof value === 'string'
const isLength = (value: unknown) => Number.isFinite(value) && Number(value) > 0

const LENGTH: Rule = {
  fits: isLength,
  wanted: 'a number of milliseconds, more than 0',
  isNeeded: true,
}
const MOMENT: Rule = { fits: Number.isFinite, wanted: 'a number of milliseconds since 1970' }
const TEXT: Rule = { fits: isText, wanted: 'a text' }

const PUSH: Rules = {
  visibleAt: MOMENT,
  overwrite: { fits: (value) => typeof value === 'boolean', wanted: 'true or false' },
}
const LEASE: Rules = {
  ms: LENGTH,
  limit: {
    fits: (value) => Number.isSafeInteger(value) && Number(value) > 0,
    wanted: 'a whole number, 1 or more',
  },
}
const RENEWAL: Rules = { ms: LENGTH }
const FAILURE: Rules = {
  error: { fits: isText, wanted: 'a text that says why', isNeeded: true },
  retryAt: MOMENT,
  maxAttempts: {
    fits: (value) => typeof value === 'number' && value >= 1,
    wanted: 'a number, 1 or more',
  },
}
const FILTER: Rules = { scope: TEXT, step: TEXT, before: MOMENT }

/** Each throws a ClientError `INVALID_INPUT` that names what was called and the option. */

export function checkPush(options: unknown): void {
  check('push()', options, PUSH)
}

export function checkLease(options: unknown): void {
  check('lease()', options, LEASE)
}

export function checkRenewal(ms: unknown): void {
  check('renew()', { ms }, RENEWAL)
}

export function checkFailure(options: unknown): void {
  check('fail()', options, FAILURE)
}

export function checkCacheFilter(filter: unknown): void {
  check('cache.clear()', filter, FILTER)
}

function check(what: string, options: unknown, rules: Rules): void {
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
  return typeof value === 'number' ? String(value) : typeof value
}
