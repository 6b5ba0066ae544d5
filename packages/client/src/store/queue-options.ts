import { atLeast, COUNT, insistOnFit, TEXT, TRUTH, type Rule, type Rules } from '../option-rules.ts'

/** What callers write about queues and caches, checked where it arrives: a lease without an end would lose its item. */

const isLength = (value: unknown) => Number.isFinite(value) && Number(value) > 0

const LENGTH: Rule = {
  fits: isLength,
  wanted: 'a number of milliseconds, more than 0',
  isNeeded: true,
}
const MOMENT: Rule = { fits: Number.isFinite, wanted: 'a number of milliseconds since 1970' }

/** Others would be written as one. */
const KEY: Rule = {
  fits: (value) => typeof value === 'string' && value.isWellFormed(),
  wanted: 'a text without halves of characters',
  isNeeded: true,
}
const PUSH: Rules = {
  visibleAt: MOMENT,
  overwrite: TRUTH,
}
const LEASE: Rules = {
  ms: LENGTH,
  limit: COUNT,
}
const RENEWAL: Rules = { ms: LENGTH }
const FAILURE: Rules = {
  error: { ...TEXT, wanted: 'a text that says why', isNeeded: true },
  retryAt: MOMENT,
  maxAttempts: atLeast(1, ''),
}
const SCOPE: Rule = {
  fits: (value) => typeof value === 'string' && /^(run|project)( .*)?$|^network$/s.test(value),
  wanted: "'run', 'project', 'network' or 'project NAME'",
}
const FILTER: Rules = { scope: SCOPE, step: TEXT, before: MOMENT }
const QUEUE: Rules = { project: TEXT }

/** Each throws a ClientError `INVALID_INPUT` that names what was called and the option. */

export function checkPush(key: unknown, options: unknown): void {
  insistOnFit('push()', { key }, { key: KEY })
  insistOnFit('push()', options, PUSH)
}

export function checkLease(options: unknown): void {
  insistOnFit('lease()', options, LEASE)
}

export function checkRenewal(ms: unknown): void {
  insistOnFit('renew()', { ms }, RENEWAL)
}

export function checkFailure(options: unknown): void {
  insistOnFit('fail()', options, FAILURE)
}

export function checkCacheFilter(filter: unknown): void {
  insistOnFit('cache.clear()', filter, FILTER)
}

export function checkQueue(what: 'queues.of()' | 'queues.transaction()', options: unknown): void {
  insistOnFit(what, options, QUEUE)
}
