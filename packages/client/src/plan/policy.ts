import { toMs, type Duration } from '../duration.ts'
import { ClientError } from '../errors.ts'
import { isFunction, isRecord } from '../guards.ts'
import { TRUTH, WIDTH, type Rule } from '../option-rules.ts'

/** How a failed step is tried again. */
export interface RetryOptions {
  /** Tries in all, the first included. */
  readonly attempts: number
  /** Before the second try. @default 0 */
  readonly delay?: Duration
  /** Each delay is this many times the one before. @default 2 */
  readonly factor?: number
  /** The longest delay. @default '1m' */
  readonly cap?: Duration
  /** Spreads each delay over half to all of its length. @default true */
  readonly jitter?: boolean
  /** Which errors are worth another try. @default those that might go away */
  readonly filter?: (error: ClientError) => boolean
}

/** Which answers are given again, and for how long. */
export interface CacheOptions {
  /** Whose answers: of this run, of all runs of the project, or of everybody who uses the store. @default 'project' */
  readonly scope?: 'run' | 'project' | 'network'
  /** An older answer is not given again. @default however old */
  readonly ttl?: Duration
}

/** What may be said about any step. */
export interface PolicyOptions {
  /**
   * Asked the same again, the step gives the answer that it gave: same definition, input and declared context,
   * and for workflows the same models. @default false
   */
  readonly cache?: boolean | CacheOptions
  /** Rows in this step at the same time, at most. @default as many as the run */
  readonly concurrency?: number
  /** More tries after a failure. Short for `retry: { attempts: retries + 1 }`. @default 0 */
  readonly retries?: number
  readonly retry?: RetryOptions
  /** Longest time of one try: at its node, or of a local function. @default '10m' for workflows, none otherwise */
  readonly timeout?: Duration
  /**
   * The run fails when a smaller share of this step's rows succeeds. Below 1, failed rows are dropped and
   * listed. @default 1
   */
  readonly minSuccessRatio?: number
  /** The first failure ends the run. @default false */
  readonly failFast?: boolean
}

/** What is said inside of these: where the type of options is inferred, the compiler does not look for other names. */
export interface Known<Said> {
  readonly retry?: KnownInside<Said, 'retry', RetryOptions>
  readonly cache?: KnownInside<Said, 'cache', CacheOptions>
}

type KnownInside<Said, Name extends string, Options> = Said extends {
  readonly [K in Name]: infer Inside extends object
}
  ? { readonly [K in Exclude<keyof Inside, keyof Options>]: never }
  : unknown

/** The same, checked and filled in. */
export interface Policy {
  readonly concurrency: number
  readonly attempts: number
  readonly delayMs: number
  readonly factor: number
  readonly maxDelayMs: number
  readonly jitter: boolean
  readonly filter: (error: ClientError) => boolean
  readonly timeoutMs: number | undefined
  readonly minSuccessRatio: number
  readonly failFast: boolean
  readonly cache:
    | { readonly scope: 'run' | 'project' | 'network'; readonly ttlMs: number | undefined }
    | undefined
}

const KNOWN: ReadonlySet<string> = new Set<keyof PolicyOptions>([
  'concurrency',
  'retries',
  'retry',
  'timeout',
  'minSuccessRatio',
  'failFast',
  'cache',
])

/** Names of options that policies know. */
export const POLICY_OPTIONS: readonly string[] = [...KNOWN]

export function isPolicyOption(name: string): boolean {
  return KNOWN.has(name)
}

/**
 * Checks options and fills in what they leave out.
 *
 * @throws {ClientError} `INVALID_PLAN` naming the step and the option
 */
export function policyOf(options: PolicyOptions, step: string): Policy {
  const { concurrency = Infinity, minSuccessRatio = 1, failFast = false, retries = 0 } = options
  insist(WIDTH, concurrency, { step, what: 'concurrency' })
  insist(SHARE, minSuccessRatio, { step, what: 'minSuccessRatio' })
  insist(TRUTH, failFast, { step, what: 'failFast' })
  check(isCount(retries), step, 'retries must be a whole number from 0')
  check(options.retry === undefined || isRecord(options.retry), step, 'retry must be an object')
  const isSaidTwice = options.retries !== undefined && options.retry !== undefined
  check(
    !isSaidTwice,
    step,
    'say retries or retry, not both: retry.attempts counts the first try, too',
  )
  const retry = retryOf(options.retry ?? { attempts: retries + 1 }, step)
  const timeoutMs =
    options.timeout === undefined
      ? undefined
      : toMs(options.timeout, `timeout of '${step}'`, 'INVALID_PLAN')
  const cache = cacheOf(options.cache ?? false, step)
  return { concurrency, minSuccessRatio, failFast, timeoutMs, cache, ...retry }
}

const CACHE_SCOPES: ReadonlySet<unknown> = new Set(['run', 'project', 'network'])

function cacheOf(cache: boolean | CacheOptions, step: string): Policy['cache'] {
  if (cache === false) return undefined
  const said = cache === true ? {} : cache
  check(isRecord(said), step, 'cache must be true, false or { scope, ttl }')
  const unknown = Object.keys(said).find((name) => name !== 'scope' && name !== 'ttl')
  check(unknown === undefined, step, `cache has an unknown option '${unknown}'`)
  const { scope = 'project', ttl } = said
  check(CACHE_SCOPES.has(scope), step, "cache.scope must be 'run', 'project' or 'network'")
  const what = `cache.ttl of '${step}'`
  return { scope, ttlMs: ttl === undefined ? undefined : toMs(ttl, what, 'INVALID_PLAN') }
}

const RETRY_OPTIONS: ReadonlySet<string> = new Set<keyof RetryOptions>([
  'attempts',
  'delay',
  'factor',
  'cap',
  'jitter',
  'filter',
])

function retryOf(
  retry: RetryOptions,
  step: string,
): Omit<Policy, 'concurrency' | 'minSuccessRatio' | 'failFast' | 'timeoutMs' | 'cache'> {
  const { attempts, delay = 0, factor = 2, cap = '1m', jitter = true } = retry
  const { filter = isRetryable } = retry
  const unknown = Object.keys(retry).find((name) => !RETRY_OPTIONS.has(name))
  check(unknown === undefined, step, `retry has an unknown option '${unknown}'`)
  check(isCount(attempts) && attempts >= 1, step, 'retry.attempts must be a whole number from 1')
  insist(FACTOR, factor, { step, what: 'retry.factor' })
  insist(TRUTH, jitter, { step, what: 'retry.jitter' })
  insist(FILTER, filter, { step, what: 'retry.filter' })
  return {
    attempts,
    delayMs: toMs(delay, `retry.delay of '${step}'`, 'INVALID_PLAN'),
    factor,
    maxDelayMs: toMs(cap, `retry.cap of '${step}'`, 'INVALID_PLAN'),
    jitter,
    filter,
  }
}

/** How long to wait before the next try, after that many. */
export function delayAfter(policy: Policy, tries: number, random: () => number): number {
  // No delay stays none, however often the infinite factor of many tries is taken of it.
  const grown = policy.delayMs === 0 ? 0 : policy.delayMs * policy.factor ** (tries - 1)
  const whole = Math.min(policy.maxDelayMs, grown)
  return policy.jitter ? whole * (0.5 + random() / 2) : whole
}

function isRetryable(error: ClientError): boolean {
  return error.retryable
}

const SHARE: Rule = {
  fits: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  wanted: 'a number from 0 to 1',
}

const FACTOR: Rule = {
  fits: (value) => typeof value === 'number' && value >= 1,
  wanted: 'a number, 1 or more',
}

/** One that is async would answer with a promise, which is no answer, and would be taken for yes. */
const FILTER: Rule = {
  fits: (value) => isFunction(value) && value.constructor.name !== 'AsyncFunction',
  wanted: 'a function of the error that is not async',
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function insist(
  { fits, wanted }: Rule,
  value: unknown,
  { step, what }: { readonly step: string; readonly what: string },
): void {
  check(fits(value), step, `${what} must be ${wanted}`)
}

function check(holds: boolean, step: string, what: string): void {
  if (!holds) throw new ClientError('INVALID_PLAN', `step '${step}': ${what}`)
}
