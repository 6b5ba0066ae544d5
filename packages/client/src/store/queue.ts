/** How something is put into a queue. */
export interface PushOptions {
  /** Nobody gets it before. Milliseconds since 1970. @default now */
  readonly visibleAt?: number
  /** Takes the place of what is there under the key. @default false */
  readonly overwrite?: boolean
}

export interface LeaseOptions {
  /** After this time somebody else may have it. */
  readonly ms: number
  /** @default 1 */
  readonly limit?: number
}

/** What somebody has taken, for a while. */
export interface Leased<T> {
  readonly key: string
  readonly value: T
  /** Times that it was taken, this one included. */
  readonly attempts: number
  /** Another with each taking, also of what was removed and put in again: a lease that is over changes nothing any more. */
  readonly token: number
}

/** What was tried too often. */
export interface DeadLetter<T> {
  readonly key: string
  readonly value: T
  readonly attempts: number
  readonly error: string
}

export interface FailOptions {
  /** Why. */
  readonly error: string
  /** When it may be tried again. Milliseconds since 1970. @default now */
  readonly retryAt?: number
  /** After so many times it goes to the dead letters. @default 5 */
  readonly maxAttempts?: number
}

/**
 * Work that waits for whoever takes it: the oldest first, each to one at a time. Options that are none, or hold what
 * cannot be, are refused with a ClientError `INVALID_INPUT`.
 */
export interface Queue<T = unknown> {
  /** `false`: there is something under the key already. */
  push(key: string, value: T, options?: PushOptions): boolean
  /** Takes what nobody has. */
  lease(options: LeaseOptions): Leased<T>[]
  /** Keeps it longer. `false`: the lease was over. */
  renew(leased: Leased<T>, ms: number): boolean
  /** It is done and goes. `false`: the lease was over. */
  complete(leased: Leased<T>): boolean
  /** It comes again, or goes to the dead letters. `false`: the lease was over. */
  fail(leased: Leased<T>, options: FailOptions): boolean
  /** What is under the key, taken or not; it stays there. */
  find(key: string): T | undefined
  /** Everything that waits or is taken, the oldest first; it stays there. */
  items(): { readonly key: string; readonly value: T }[]
  /** It goes, whoever has it. `false`: there is nothing under the key. */
  remove(key: string): boolean
  /** How many wait or are taken. */
  size(): number
  dead(): DeadLetter<T>[]
  /** A dead letter comes again, as if it were new. `false`: there is none of that key. */
  revive(key: string): boolean
}

/** Times that something is taken before it is given up, when nothing is said. */
export const MOST_ATTEMPTS = 5

/** Queues that are changed together. */
export interface Transaction {
  queue<T = unknown>(name: string): Queue<T>
}
