import { atLeast } from '../option-rules.ts'
import type { KeptOrigin } from './call-record.ts'

/** An answer that may be given again. */
export interface CachedAnswer {
  /** Name of the step that gave it. */
  readonly step: string
  readonly output: unknown
  readonly origin: KeptOrigin
}

export interface CacheEntry extends CachedAnswer {
  /** For whom: a run, a project, or all. */
  readonly scope: string
  /** Other names of the step: it is forgotten by these as well. */
  readonly names?: readonly string[]
  /** Names definition, input and context. */
  readonly key: string
  /** How long it may be given. */
  readonly ttlMs: number | undefined
}

/** Which answers to forget: all that match all that is said. */
export interface CacheFilter {
  /** `'run'`, `'project'` or `'network'`: of all runs, or of all projects; `'project NAME'`: of that one. */
  readonly scope?: string
  /** Name of the step, with the plans around it or without: `'draft'` is in whatever plan, used however often. */
  readonly step?: string
  /** Given before this moment, in milliseconds since 1970. */
  readonly before?: number
}

/** Answers that are given again to the same question. The oldest go when it is full; one larger than all of it is not kept. */
export interface Cache {
  get(scope: string, key: string): CachedAnswer | undefined
  put(entry: CacheEntry): void
  /** How many were forgotten. */
  clear(filter?: CacheFilter): number
  stats(): { readonly entries: number; readonly size: number }
}

/** Characters that a cache holds when nothing is said: 256 Mi. */
export const CACHE_SIZE = 2 ** 28

/** What may be said instead; with none a cache keeps nothing. */
export const CACHE_LIMIT = atLeast(0, ' of characters')
