/** When a silent peer is asked whether it is there, and when it counts as gone. */
export const LIVENESS = {
  /** Milliseconds of silence before a ping. */
  pingAfterMs: 2_000,
  /** Milliseconds of silence after which the peer is gone. */
  silentAfterMs: 6_000,
} as const

/** What to do now, and after how many milliseconds to look again. */
export type LivenessVerdict =
  | { readonly verdict: 'wait' | 'ping'; readonly lookAgainMs: number }
  | { readonly verdict: 'silent' }

/**
 * Watches one peer. Any byte from it is a sign of life; hearing one costs one assignment, and one
 * timer is enough for a session.
 */
export class Liveness {
  #heardAt: number
  #lookAt: number

  constructor(now: number) {
    this.#heardAt = now
    this.#lookAt = now + LIVENESS.pingAfterMs
  }

  /** The peer said something. */
  heard(now: number): void {
    this.#heardAt = now
  }

  /** Looks at the watch. */
  check(now: number): LivenessVerdict {
    // Called much too late, it was we who stood still: the peer's words may lie unread. One more chance.
    if (now - this.#lookAt >= LIVENESS.pingAfterMs) {
      this.#heardAt = Math.max(this.#heardAt, now - LIVENESS.pingAfterMs)
    }
    const silence = now - this.#heardAt
    if (silence >= LIVENESS.silentAfterMs) return { verdict: 'silent' }
    if (silence < LIVENESS.pingAfterMs)
      return this.#again('wait', now, LIVENESS.pingAfterMs - silence)
    const left = LIVENESS.silentAfterMs - silence
    return this.#again('ping', now, Math.min(LIVENESS.pingAfterMs, left))
  }

  #again(verdict: 'wait' | 'ping', now: number, lookAgainMs: number): LivenessVerdict {
    this.#lookAt = now + lookAgainMs
    return { verdict, lookAgainMs }
  }
}
