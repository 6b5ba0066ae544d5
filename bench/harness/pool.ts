import type { OnResult, Result, Task, WorkerAddress } from './peer.ts'

interface Member<Link> {
  readonly link: Link
  inFlight: number
  dead: boolean
}

/**
 * What a user writes around request and reply: choose a worker, bound the wait, and when the
 * connection breaks or the wait is over, drop that worker and try the task elsewhere.
 */
export class Pool<Link extends WorkerAddress> {
  readonly #members: readonly Member<Link>[]
  readonly #call: (link: Link, task: Task) => Promise<Result>
  readonly #policy: 'least-loaded' | 'round-robin'
  #turn = 0

  constructor(
    links: readonly Link[],
    call: (link: Link, task: Task) => Promise<Result>,
    policy: 'least-loaded' | 'round-robin' = 'least-loaded',
  ) {
    this.#members = links.map((link) => ({ link, inFlight: 0, dead: false }))
    this.#call = call
    this.#policy = policy
  }

  async submit(task: Task): Promise<Result> {
    for (;;) {
      const member = this.#pick()
      if (member === undefined) throw new Error('no worker left')
      member.inFlight += 1
      try {
        return await within(this.#call(member.link, task), 30_000)
      } catch {
        member.dead = true
      } finally {
        member.inFlight -= 1
      }
    }
  }

  #pick(): Member<Link> | undefined {
    if (this.#policy === 'round-robin') return this.#pickNext()
    let best: Member<Link> | undefined
    for (const member of this.#members) {
      if (!member.dead && (best === undefined || member.inFlight < best.inFlight)) best = member
    }
    return best
  }

  #pickNext(): Member<Link> | undefined {
    for (const _ of this.#members) {
      const member = this.#members[this.#turn % this.#members.length]
      this.#turn += 1
      if (member?.dead === false) return member
    }
    return undefined
  }
}

/** Runs all tasks with at most `window` in flight. */
export async function windowed(
  tasks: readonly Task[],
  { window, submit }: { readonly window: number; readonly submit: (task: Task) => Promise<Result> },
  onResult: OnResult,
): Promise<void> {
  const queue = tasks.values()
  const lane = async (): Promise<void> => {
    for (const task of queue) onResult(task, await submit(task))
  }
  await Promise.all(Array.from({ length: Math.min(window, tasks.length) }, lane))
}

/** The promise's value, or a rejection when it takes longer. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
